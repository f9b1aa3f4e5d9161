"""Every result of a model: one row a benchmark, template, order and grading method."""

from collections.abc import Sequence

from markupsafe import Markup
from msgspec import Struct

from igaku.report.site.collect import SiteData
from igaku.report.site.pages.base import viewer_query
from igaku.report.site.pages.names import bench_name, named
from igaku.report.site.slugs import Slugs
from igaku.report.site.words import word
from igaku.runs.counted import images_shown
from igaku.runs.results import score
from igaku.statistics.tally import FAILURES, Cell
from igaku.tables import interval, points

FAILED = [f for f in FAILURES if f not in ("not_applicable", "void")]
"""Failures of a model, as fields of a cell."""


class CellRow(Struct, frozen=True):
    """One result, and the link to its wrong answers."""

    cell: Cell
    slug: str
    query: str
    sent: bool
    """Whether the questions' images were sent."""
    part: str
    """``37 / 103`` where only some were."""
    bench: Markup

    @property
    def prompt(self) -> Markup:
        """The template,"""
        return named("prompt", self.cell.prompt)

    @property
    def order(self) -> Markup:
        """the order of the choices,"""
        return named("order", self.cell.order)

    @property
    def method(self) -> Markup:
        """and the grading method, by name."""
        return named("method", self.cell.method)

    @property
    def ci(self) -> str:
        """The interval in percent."""
        return interval(self.cell.ci95)

    @property
    def points(self) -> str:
        """Points out of the maximum."""
        return points(self.cell.points, self.cell.max_points)

    @property
    def score(self) -> str:
        """The benchmark's own score, where it is not the accuracy."""
        return score(self.cell) if self.cell.aggregate != "accuracy" else ""

    @property
    def failures(self) -> Markup:
        """Each kind of failure with its number."""
        found = [(name, n) for name in FAILED if (n := getattr(self.cell, name))]
        return Markup(" · ").join(Markup("{} {:,}").format(word(f"failure.{name}"), n) for name, n in found)


def shown_columns(rows: Sequence[CellRow]) -> set[str]:
    """Columns that not every row leaves empty."""
    found = {
        "image": any(not r.cell.text_only for r in rows),
        "shots": any(r.cell.shots for r in rows),
        "score": any(r.score for r in rows),
        "failures": any(r.failures for r in rows),
    }
    return {name for name, there in found.items() if there}


def cell_row(data: SiteData, slugs: Slugs, label: str, c: Cell) -> CellRow:
    """The row of a cell of the run with this label."""
    bench = c.benchmark, c.language
    fields = ("prompt", "shots", "order", "question_format")
    variants = [
        v
        for v in data.variants_of(bench, c.model)
        if v[0] == label and all(getattr(v[1], f) == getattr(c, f) for f in fields)
    ]
    sent = {i for run, key in variants for i in images_shown(data.runs[run], key)}
    needing = {g.question.id for v in variants for g in data.items[bench][v] if not g.question.text_only}
    part = f"{len(sent & needing)} / {len(needing)}" if sent and needing - sent else ""
    query = viewer_query(data, bench, variants[:1], c.model)
    return CellRow(c, slugs.bench(bench), query, bool(sent), part, bench_name(data, bench))
