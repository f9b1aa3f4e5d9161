"""What a board's numbers are over: questions counted and left out, who is not ranked, and by which graders."""

from collections.abc import Iterator

from markupsafe import Markup

from igaku.catalog.japanese import japanese_parts
from igaku.report.site.collect import BenchKey, SiteData, display
from igaku.report.site.numbers import percent
from igaku.report.site.words import LANGS, bilingual, phrase, phrase_or, word
from igaku.runs.run_keys import facts_of
from igaku.studies.boards import Board
from igaku.studies.truncation import Truncated
from igaku.tables import interval


def board_notes(board: Board) -> list[Markup]:
    """Sentences below a board, one a note."""
    return [Markup(" ").join(_questions(board)), *_unlike(board), *_graders(board)]


def facts_notes(data: SiteData, bench: BenchKey) -> list[Markup]:
    """Whose questions they are, the line that their licence asks for, and which version of the key stands."""
    out: dict[Markup, None] = {}
    for run in data.runs.values():
        if any((t.bench, t.lang) == bench for t in run.manifest.tasks):
            facts = facts_of(run, bench[0])
            if whose := list(filter(None, (facts.credit or facts.title, "" if facts.credit else facts.licence))):
                out[_credit(", ".join(whose))] = None
            if facts.key_version:
                out[_key(facts.key_version, facts.keys.get(bench[1], ""))] = None
    return list(out)


def _credit(whose: str) -> Markup:
    return bilingual(*(phrase("board.credit", lang, a=a) for lang, a in zip(LANGS, (japanese_parts(whose), whose))))


def _key(version: str, fingerprint: str) -> Markup:
    shown = f" ({fingerprint})" if fingerprint else ""
    ja, en = (phrase("board.key", lang, a=phrase_or("keys", version, lang) + shown) for lang in LANGS)
    return bilingual(ja, en)


def correction(pairs: int) -> list[Markup]:
    """What p is, and over how many pairs it is corrected; nothing where there is no pair."""
    return [word("board.pairs", m=f"{pairs:,}")] if pairs else []


def _questions(board: Board) -> Iterator[Markup]:
    out = board.left_out
    yield word("board.counted", n=f"{board.questions:,}")
    for key, n in (("image", out.image), ("void", out.void), ("other", out.not_applicable + out.unrated)):
        if n:
            yield word(f"board.out_{key}", n=f"{n:,}")


def _unlike(board: Board) -> Iterator[Markup]:
    for s in board.standings:
        name = display(s.respondent)
        if s.truncated:
            yield _truncated(name, s.truncated)
        elif s.ranks is None:
            yield word("board.unranked", a=name, n=f"{s.lacking:,}", m=f"{s.n:,}")
        elif s.beyond:
            yield word("board.beyond", a=name, n=f"{s.beyond:,}")


def _truncated(name: str, found: Truncated) -> Markup:
    """Its accuracy as it is counted, and without the truncated replies."""
    values = {"a": name, "n": f"{found.count:,}", "m": f"{found.n:,}", "x": percent(found.accuracy)}
    rest = "–" if found.rest is None else f"{percent(found.rest)} ({interval(found.rest_ci95)})"
    return word("board.truncated", **values, y=rest, of=percent(found.most))


def _graders(board: Board) -> Iterator[Markup]:
    methods = sorted({s.method for s in board.standings})
    if len(methods) > 1:
        texts = (", ".join(phrase_or("method", m, lang) for m in methods) for lang in LANGS)
        yield bilingual(*(phrase("board.graders", lang, a=a) for lang, a in zip(LANGS, texts)))
