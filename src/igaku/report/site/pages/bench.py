"""A benchmark in one language: leaderboard, baselines, breakdowns and published figures; and the question viewer."""

from collections.abc import Sequence

from markupsafe import Markup
from msgspec import Struct

from igaku.benchmarks import family
from igaku.report.site.collect import BenchKey, SiteData
from igaku.report.site.pages.base import Page, Picture, forest
from igaku.report.site.pages.breakdowns import breakdowns
from igaku.report.site.pages.by_part import Breakdown
from igaku.report.site.pages.counted import board_notes, correction, facts_notes
from igaku.report.site.pages.figures import FigureRow
from igaku.report.site.pages.standings import StandingRow, standing_row
from igaku.report.site.slugs import Slugs

BASELINES = {
    "chance": "bench.chance",
    "first choice": "bench.first",
    "human mean": "bench.human_mean",
    "human majority": "bench.human_majority",
}
"""Phrases of the baselines' names."""


class BaselineRow(Struct, frozen=True):
    """A baseline's accuracy over n questions."""

    key: str
    accuracy: float
    n: int


class BenchPage(Struct, frozen=True, kw_only=True):
    """Variables of the template."""

    benchmark: str
    language: str
    slug: str
    n_questions: int
    rows: list[StandingRow]
    notes: list[Markup]
    """What the numbers are over."""
    facts: list[Markup]
    """Credit line and version of the key."""
    forest: Picture
    baselines: list[BaselineRow]
    breakdowns: list[Breakdown]
    reported: list[FigureRow]


class ViewerPage(Struct, frozen=True):
    """Variables of the viewer's template; its script loads the rest."""

    benchmark: str
    language: str
    slug: str
    facts: list[Markup]


def page(data: SiteData, slugs: Slugs, bench: BenchKey, reported: Sequence[FigureRow]) -> Page:
    """The page of a benchmark and language."""
    benchmark, language = bench
    slug, board = slugs.bench(bench), data.board(bench)
    content = BenchPage(
        benchmark=benchmark,
        language=language,
        slug=slug,
        n_questions=len({g.question.id for items in data.items[bench].values() for g in items}),
        rows=[standing_row(data, slugs, s) for s in board.standings] if board else [],
        notes=[*board_notes(board), *correction(board.pairs)] if board else [],
        facts=facts_notes(data, bench),
        forest=forest(data, board) if board else [],
        baselines=[BaselineRow(BASELINES[b.name], b.accuracy, b.n) for b in data.baselines.get(bench, [])],
        breakdowns=breakdowns(data, bench, board) if board else [],
        reported=[r for r in reported if r.figure.benchmark in (benchmark, family(benchmark))],
    )
    return Page(f"b-{slug}.html", "bench.html", content)


def viewer_page(data: SiteData, slugs: Slugs, bench: BenchKey) -> Page:
    """The page with the questions and replies of a benchmark and language."""
    slug = slugs.bench(bench)
    return Page(f"q-{slug}.html", "viewer.html", ViewerPage(*bench, slug, facts_notes(data, bench)))
