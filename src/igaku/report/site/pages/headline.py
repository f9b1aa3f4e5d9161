"""The sentence above a board: who is first, and whether the questions show it."""

from collections.abc import Sequence

from markupsafe import Markup
from msgspec import Struct

from igaku.report.site.pages.pairwise import is_shown, sentences
from igaku.report.site.words import LANGS, bilingual, phrase, word
from igaku.studies.boards import Board, Standing
from igaku.tables import percent


class Headline(Struct, frozen=True):
    """A sentence, the class of its box, and how many differences of the board are shown."""

    css: str
    text: Markup
    more: Markup


def headline(board: Board) -> Headline:
    """Which models cannot be separated at the top, or which is better than all others."""
    ranked = [s for s in board.standings if s.ranks is not None]
    css, text = _alone(ranked[0]) if len(ranked) == 1 else _first(board, ranked)
    return Headline(css, text, _shown_pairs(board) if board.comparisons else Markup(""))


def top_group(board: Board, ranked: Sequence[Standing]) -> int:
    """How many of the first models show no difference among each other."""
    shown = {frozenset((c.a, c.b)) for c in board.comparisons if is_shown(c)}
    for k, s in enumerate(ranked):
        if any(frozenset((s.respondent, other.respondent)) in shown for other in ranked[:k]):
            return k
    return len(ranked)


def _alone(first: Standing) -> tuple[str, Markup]:
    low, high = (f"{100 * x:.1f}" for x in first.ci95)
    values = {"a": first.respondent, "x": percent(first.accuracy), "lo": low, "hi": high, "n": first.n}
    return "", bilingual(*(phrase("board.alone", lang, **values) for lang in LANGS))


def _first(board: Board, ranked: Sequence[Standing]) -> tuple[str, Markup]:
    first = top_group(board, ranked)
    if first > 2:
        return "unsure", word("board.group", k=first, n=f"{board.questions:,}")
    names = {s.respondent for s in board.standings[:2]}
    c = next((c for c in board.comparisons if {c.a, c.b} == names), None)
    if c is None:
        return "", bilingual(*(phrase("board.none", lang) for lang in LANGS))
    return "sure" if is_shown(c) else "unsure", bilingual(*sentences(c, board.pairs))


def _shown_pairs(board: Board) -> Markup:
    n = sum(map(is_shown, board.comparisons))
    return word("board.range", n=f"{n:,}", m=f"{len(board.comparisons):,}", of=f"{board.pairs:,}")
