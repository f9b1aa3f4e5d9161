"""The sentence above a board: who is first, and whether the questions show it."""

from collections.abc import Sequence

from markupsafe import Markup
from msgspec import Struct
from msgspec.structs import replace

from igaku.report.site.collect import display
from igaku.report.site.numbers import percent
from igaku.report.site.pages.pairwise import is_shown, verdict
from igaku.report.site.words import LANGS, bilingual, word
from igaku.studies.boards import Board, Standing


class Headline(Struct, frozen=True):
    """A sentence, the class of its box, and how many differences of the board are shown."""

    css: str
    text: Markup
    more: Markup


def headline(board: Board) -> Headline:
    """Which models cannot be separated at the top, or which is better than all others."""
    ranked = [s for s in board.standings if s.ranks is not None]
    if not ranked:
        return Headline("unsure", word("board.nobody"), word("board.nobody_more"))
    found = _alone(ranked[0]) if len(ranked) == 1 else _first(board, ranked)
    return replace(found, more=found.more + " " + _shown_pairs(board)) if board.comparisons else found


def top_group(board: Board, ranked: Sequence[Standing]) -> int:
    """How many of the first models show no difference among each other."""
    shown = {frozenset((c.a, c.b)) for c in board.comparisons if is_shown(c)}
    for k, s in enumerate(ranked):
        if any(frozenset((s.respondent, other.respondent)) in shown for other in ranked[:k]):
            return k
    return len(ranked)


def _alone(first: Standing) -> Headline:
    low, high = (f"{100 * x:.1f}" for x in first.ci95)
    text = word("board.alone", a=display(first.respondent), x=percent(first.accuracy))
    return Headline("", text, word("board.alone_more", lo=low, hi=high, n=f"{first.n:,}"))


def _first(board: Board, ranked: Sequence[Standing]) -> Headline:
    first = top_group(board, ranked)
    if first > 2:
        return Headline("unsure", word("board.group", k=first, n=f"{board.questions:,}"), Markup(""))
    names = {s.respondent for s in board.standings[:2]}
    c = next((c for c in board.comparisons if {c.a, c.b} == names), None)
    if c is None:
        return Headline("", word("board.none"), Markup(""))
    texts = [verdict(c, lang, board.pairs) for lang in LANGS]
    text, more = (bilingual(*both) for both in zip(*texts, strict=True))
    return Headline("sure" if is_shown(c) else "unsure", text, more)


def _shown_pairs(board: Board) -> Markup:
    n = sum(map(is_shown, board.comparisons))
    return word("board.range", n=f"{n:,}", m=f"{len(board.comparisons):,}", of=f"{board.pairs:,}")
