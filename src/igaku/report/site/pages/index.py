"""The first page: each benchmark's boards with filters, two models compared, other scores."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from markupsafe import Markup
from msgspec import Struct

from igaku.report.site.collect import SiteData
from igaku.report.site.pages.base import Page
from igaku.report.site.pages.board_view import BenchBoards, bench_boards
from igaku.report.site.pages.counted import correction
from igaku.report.site.pages.names import bench_name, named
from igaku.report.site.pages.standings import SIZE_CLASSES, StandingRow
from igaku.report.site.slugs import Slugs
from igaku.report.site.words import attributes
from igaku.runs.results import score
from igaku.statistics.tally import Cell


class Option(NamedTuple):
    """A value of a filter, and its text: as attributes in two languages, or as it is."""

    value: str
    attributes: Markup
    text: str = ""


class Filter(NamedTuple):
    """A choice above the boards: its name in the form, its phrase, and its options."""

    name: str
    key: str
    options: list[Option]


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
        filters=filters(list(benches.values())),
        correction=correction(max((b.pairs for b in data.boards), default=0)),
        comparable=[benches[b.benchmark, b.language] for b in data.boards if b.comparisons],
        others=[_other(data, slugs, c) for _, c in data.cells if c.aggregate != "accuracy" and c.n_scored],
    )
    return Page("index.html", "index.html", content)


def filters(benches: Sequence[BenchBoards]) -> list[Filter]:
    """The filters of the boards that have something to choose from, with the values that occur."""
    rows: list[StandingRow] = [r for b in benches for view in b.boards for r in view.rows]
    classes = [c for c in SIZE_CLASSES if any(r.size_class == c for r in rows)]
    pictures = [p for p in ("yes", "no") if any(r.pictures == p for r in rows)]
    found = [
        Filter("set", "board.on", [Option(b.slug, b.attributes) for b in benches]),
        Filter("lang", "col.language", _plain(b.language for b in benches)),
        Filter("pictures", "col.pictures", [Option(p, attributes(f"board.pictures_{p}")) for p in pictures]),
        Filter("size", "col.size", [Option(c, attributes(f"board.{c}")) for c in classes]),
        Filter("licence", "col.licence", _plain(r.licence for r in rows)),
        Filter("year", "col.year", _plain(str(r.year or "") for r in rows)),
    ]
    return [f for f in found if len(f.options) > 1]


def _plain(values: Iterable[str]) -> list[Option]:
    return [Option(v, Markup(""), v) for v in sorted(set(values) - {""})]


def _other(data: SiteData, slugs: Slugs, c: Cell) -> OtherScore:
    bench = c.benchmark, c.language
    return OtherScore(
        c, bench_name(data, bench), named("method", c.method), slugs.bench(bench), slugs.model(c.model), score(c)
    )
