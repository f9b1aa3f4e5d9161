"""A benchmark in one language: boards, which differences are shown, breakdowns, figures; and the question viewer."""

from collections.abc import Sequence

from markupsafe import Markup
from msgspec import Struct

from igaku.benchmarks import family
from igaku.report.site.collect import BenchKey, SiteData
from igaku.report.site.pages.base import Page, heading
from igaku.report.site.pages.board_view import BenchBoards, bench_boards
from igaku.report.site.pages.breakdowns import breakdowns
from igaku.report.site.pages.by_part import Breakdown
from igaku.report.site.pages.calibration import CalibrationView, calibration_view
from igaku.report.site.pages.counted import correction, facts_notes
from igaku.report.site.pages.differences import Differences, differences
from igaku.report.site.pages.figures import FigureRow
from igaku.report.site.pages.names import bench_name, bench_names
from igaku.report.site.pages.samples import SamplesView, samples_view
from igaku.report.site.pages.usage import UsageView, usage_view
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

    name: Markup
    slug: str
    n_doubtful: int
    bench: BenchBoards
    correction: list[Markup]
    """What p is."""
    differences: list[Differences]
    """Of each board."""
    baselines: list[BaselineRow]
    breakdowns: list[Breakdown]
    usage: UsageView | None
    samples: SamplesView | None
    calibration: CalibrationView | None
    reported: list[FigureRow]


class ViewerPage(Struct, frozen=True):
    """Variables of the viewer's template; its script loads the rest."""

    name: Markup
    slug: str
    facts: list[Markup]
    n_doubtful: int
    letters_only: bool
    family: str
    """The benchmark without its year, by which words differ."""


def page(data: SiteData, slugs: Slugs, bench: BenchKey, reported: Sequence[FigureRow]) -> Page:
    """The page of a benchmark and language."""
    board = data.board(bench)
    boards = [("text", board), ("all", data.board(bench, pictures=True))]
    content = BenchPage(
        name=bench_name(data, bench),
        slug=slugs.bench(bench),
        n_doubtful=len(data.doubtful.get(bench, [])),
        bench=bench_boards(data, slugs, bench),
        correction=correction(board.pairs) if board else [],
        differences=[d for scope, b in boards if (d := differences(scope, b))],
        baselines=[BaselineRow(BASELINES[b.name], b.accuracy, b.n) for b in data.baselines.get(bench, [])],
        breakdowns=breakdowns(data, bench, board) if board else [],
        usage=usage_view(data, slugs, bench),
        samples=samples_view(data, slugs, bench),
        calibration=calibration_view(data, slugs, bench),
        reported=[r for r in reported if r.figure.benchmark in (bench[0], family(bench[0]))],
    )
    return Page(f"b-{slugs.bench(bench)}.html", "bench.html", content, bench_names(data, bench))


def viewer_page(data: SiteData, slugs: Slugs, bench: BenchKey) -> Page:
    """The page with the questions and replies of a benchmark and language."""
    slug = slugs.bench(bench)
    (ja, en), of = bench_names(data, bench), heading("view.title")
    content = ViewerPage(
        bench_name(data, bench),
        slug,
        facts_notes(data, bench),
        len(data.doubtful.get(bench, [])),
        data.letters_only,
        family(bench[0]),
    )
    return Page(f"q-{slug}.html", "viewer.html", content, (f"{ja}: {of[0]}", f"{en}: {of[1]}"))
