"""The first page: a headline for each benchmark, two models compared, the leaderboard with filters, other scores."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from markupsafe import Markup
from msgspec import Struct

from igaku.report.site.collect import SiteData
from igaku.report.site.pages.base import BenchLink, Page, Picture, forest
from igaku.report.site.pages.counted import board_notes, correction, facts_notes
from igaku.report.site.pages.pairwise import is_shown, sentences
from igaku.report.site.pages.standings import SIZE_CLASSES, StandingRow, standing_row
from igaku.report.site.slugs import Slugs
from igaku.report.site.words import LANGS, bilingual, phrase
from igaku.runs.results import score
from igaku.statistics.tally import Cell
from igaku.studies.boards import Board, Standing
from igaku.tables import percent


class Filter(NamedTuple):
    """A choice above the leaderboard: its name in the form, its phrase, and (value, text or phrase) of each option."""

    name: str
    key: str
    options: list[tuple[str, str]]


class Headline(Struct, frozen=True):
    """One sentence on a benchmark: the first model, and whether it is shown to be better than the second."""

    benchmark: str
    language: str
    css: str
    text: Markup
    notes: list[Markup]
    """What the board's numbers are over."""


class Forest(Struct, frozen=True):
    """A benchmark's picture of accuracies with intervals."""

    bench: BenchLink
    picture: Picture


class OtherScore(Struct, frozen=True):
    """A cell whose score is not an accuracy."""

    cell: Cell
    slug: str
    model_slug: str
    score: str


class IndexPage(Struct, frozen=True, kw_only=True):
    """Variables of the template."""

    rows: list[StandingRow]
    filters: list[Filter]
    headlines: list[Headline]
    correction: list[Markup]
    """What p is."""
    comparable: list[BenchLink]
    forests: list[Forest]
    others: list[OtherScore]


def page(data: SiteData, slugs: Slugs) -> Page:
    """The first page."""
    links = [BenchLink(b.benchmark, b.language, slugs.bench((b.benchmark, b.language))) for b in data.boards]
    rows = [standing_row(data, slugs, s) for b in data.boards for s in b.standings]
    content = IndexPage(
        rows=rows,
        filters=filters(links, rows),
        headlines=[headline(b, facts_notes(data, (b.benchmark, b.language))) for b in data.boards],
        correction=correction(max((b.pairs for b in data.boards), default=0)),
        comparable=[link for link, b in zip(links, data.boards) if b.comparisons],
        forests=[Forest(link, forest(data, b)) for link, b in zip(links, data.boards)],
        others=[_other(slugs, c) for _, c in data.cells if c.aggregate != "accuracy" and c.n_scored],
    )
    return Page("index.html", "index.html", content)


def filters(links: Iterable[BenchLink], rows: Iterable[StandingRow]) -> list[Filter]:
    """The filters of the leaderboard, with the values that occur in its rows."""
    rows = list(rows)
    sizes: list[tuple[str, str]] = [(c, f"board.{c}") for c in SIZE_CLASSES if any(r.size_class == c for r in rows)]
    return [
        Filter("set", "board.on", [(b.slug, f"{b.benchmark} ({b.language})") for b in links]),
        Filter("lang", "col.language", _options(r.standing.language for r in rows)),
        Filter("size", "col.size", sizes),
        Filter("licence", "col.licence", _options(r.licence for r in rows)),
        Filter("year", "col.year", _options(str(r.year or "") for r in rows)),
    ]


def _options(values: Iterable[str]) -> list[tuple[str, str]]:
    return [(v, v) for v in sorted(set(values) - {""})]


def headline(board: Board, facts: Sequence[Markup] = ()) -> Headline:
    """Which model is first, and whether the test shows that it is better than the second; notes end with ``facts``."""
    ranked = [s for s in board.standings if s.ranks is not None]
    css, text = _alone(ranked[0]) if len(ranked) == 1 else _first_two(board)
    return Headline(board.benchmark, board.language, css, text, [*board_notes(board), *facts])


def _alone(first: Standing) -> tuple[str, Markup]:
    low, high = (f"{100 * x:.1f}" for x in first.ci95)
    values = {"a": first.respondent, "x": percent(first.accuracy), "lo": low, "hi": high, "n": first.n}
    return "", bilingual(*(phrase("board.alone", lang, **values) for lang in LANGS))


def _first_two(board: Board) -> tuple[str, Markup]:
    names = {s.respondent for s in board.standings[:2]}
    c = next((c for c in board.comparisons if {c.a, c.b} == names), None)
    if c is None:
        return "", bilingual(*(phrase("board.none", lang) for lang in LANGS))
    return "sure" if is_shown(c) else "unsure", bilingual(*sentences(c, board.pairs))


def _other(slugs: Slugs, c: Cell) -> OtherScore:
    return OtherScore(c, slugs.bench((c.benchmark, c.language)), slugs.model(c.model), score(c))
