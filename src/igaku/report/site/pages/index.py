"""The first page: each benchmark's boards with filters, two models compared, other scores."""

from markupsafe import Markup
from msgspec import Struct

from igaku.report.site.collect import SiteData
from igaku.report.site.pages.base import Page, heading
from igaku.report.site.pages.board_view import BenchBoards, bench_boards
from igaku.report.site.pages.counted import correction
from igaku.report.site.pages.filters import Filter, filters
from igaku.report.site.pages.names import bench_name, bench_names, named
from igaku.report.site.slugs import Slugs
from igaku.runs.results import score
from igaku.statistics.tally import Cell


class OtherScore(Struct, frozen=True):
    """A cell whose score is not an accuracy."""

    cell: Cell
    bench: Markup
    method: Markup
    slug: str
    model_slug: str
    score: str


class IndexPage(Struct, frozen=True, kw_only=True):
    """Variables of the template."""

    benches: list[BenchBoards]
    filters: list[Filter]
    correction: list[Markup]
    """What p is."""
    comparable: list[BenchBoards]
    others: list[OtherScore]


def page(data: SiteData, slugs: Slugs) -> Page:
    """The first page."""
    keys = dict.fromkeys((b.benchmark, b.language) for b in data.boards)
    benches = {key: bench_boards(data, slugs, key) for key in keys}
    content = IndexPage(
        benches=list(benches.values()),
        filters=filters([r for b in benches.values() for view in b.boards for r in view.rows]),
        correction=correction(max((b.pairs for b in data.boards), default=0)),
        comparable=[benches[b.benchmark, b.language] for b in data.boards if b.comparisons],
        others=[_other(data, slugs, c) for _, c in data.cells if c.aggregate != "accuracy" and c.n_scored],
    )
    return Page("index.html", "index.html", content, _heading(data))


def _heading(data: SiteData) -> tuple[str, str]:
    """Of one exam its name."""
    return bench_names(data, next(iter(data.items))) if len(data.items) == 1 else heading("board.title")


def _other(data: SiteData, slugs: Slugs, c: Cell) -> OtherScore:
    bench = c.benchmark, c.language
    return OtherScore(
        c, bench_name(data, bench), named("method", c.method), slugs.bench(bench), slugs.model(c.model), score(c)
    )
