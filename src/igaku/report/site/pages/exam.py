"""Would it pass? One table an exam: its points, each condition with interval and margin, what is left open."""

from collections.abc import Sequence

from markupsafe import Markup
from msgspec import Struct

from igaku.report.site.axes import Axis, axis_of
from igaku.report.site.collect import SiteData
from igaku.report.site.pages.base import Page, heading
from igaku.report.site.pages.exam_matrix import Matrix, matrix
from igaku.report.site.pages.exam_rows import ExamRow
from igaku.report.site.pages.margins import Margin
from igaku.report.site.pages.names import named
from igaku.report.site.slugs import Slugs
from igaku.report.site.words import word
from igaku.studies.exam import Part
from igaku.studies.points import ExamPoints
from igaku.studies.verdicts.conditions import PROHIBITED

ACROSS = 6
"""Most conditions that have a column each; of more, those that are not met stand in one."""


class ExamTable(Struct, frozen=True):
    """One exam, and its examinees best first."""

    rows: list[ExamRow]

    @property
    def name(self) -> Markup:
        """The exam's title in both languages."""
        return self.rows[0].exam

    @property
    def language(self) -> Markup:
        """In which language it was asked."""
        return named("lang", self.rows[0].points.result.language)

    @property
    def heads(self) -> list[tuple[Markup, Markup]]:
        """Each condition with its mark, where they are few enough for a column each."""
        parts = self.rows[0].points.result.parts
        return [(Margin(p).label, _needs(p)) for p in parts] if len(parts) <= ACROSS else []

    @property
    def axes(self) -> list[Axis]:
        """Of each condition, over the shares of its points that stand in a row, and its mark."""
        return [axis_of(_shares([r.points.result.parts[k] for r in self.rows])) for k in range(len(self.heads))]

    @property
    def variants(self) -> list[Markup]:
        """The rows' variants; a single one stands once below, not in every row."""
        return list(dict.fromkeys(r.variant for r in self.rows))

    @property
    def shared(self) -> list[Markup]:
        """What every one of them leaves open, said once below."""
        return [o for o in self.rows[0].left_open if all(o in r.left_open for r in self.rows)]

    @property
    def own_open(self) -> bool:
        """Whether some leave open more than the others."""
        return any(set(r.left_open) - set(self.shared) for r in self.rows)

    @property
    def source(self) -> str:
        """Where the marks are from."""
        return self.rows[0].points.result.source


class ExamPage(Struct, frozen=True):
    """Variables of the template."""

    exams: list[ExamTable]
    matrix: Matrix | None
    """All of them at a glance, where there are several."""
    partial: int
    """Number of results without a verdict."""


def verdicts(data: SiteData) -> list[ExamPoints]:
    """Results with a verdict, by exam, best first."""
    return [p for p in data.points if p.complete]


def page(data: SiteData, slugs: Slugs) -> Page:
    """The page of the exams."""
    found = verdicts(data)
    exams = dict.fromkeys((p.result.exam, p.result.language, len(p.result.parts)) for p in found)
    tables = [_table([p for p in found if _exam(p) == exam], slugs) for exam in exams]
    return Page(
        "exam.html",
        "exam.html",
        ExamPage(tables, matrix([r for t in tables for r in t.rows]), len(data.points) - len(found)),
        heading("nav.exams"),
    )


def _exam(p: ExamPoints) -> tuple[str, str, int]:
    return p.result.exam, p.result.language, len(p.result.parts)


def _table(found: Sequence[ExamPoints], slugs: Slugs) -> ExamTable:
    return ExamTable([ExamRow(p, slugs.model(p.key.model)) for p in found])


def _needs(part: Part) -> Markup:
    return word("exams.at_most" if part.name == PROHIBITED else "exams.needs", n=f"{part.needed:g}")


def _shares(parts: Sequence[Part]) -> list[float]:
    values = [x for p in parts for x in (p.got, *(p.ci95 or ()), *([p.needed] if p.needed is not None else []))]
    most = max((p.of for p in parts), default=0)
    return [min(1.0, x / most) for x in values] if most else []
