"""Estimated verdicts of the national exams, for respondents that were asked a whole exam."""

from msgspec import Struct

from igaku.report.site.collect import SiteData
from igaku.report.site.pages.base import Page
from igaku.studies.exam import ExamResult

CSS = {"pass": "good", "fail": "bad"}


class ExamRow(Struct, frozen=True):
    """One examinee and one exam."""

    result: ExamResult

    @property
    def parts(self) -> list[str]:
        """Each condition: points out of the maximum, and the points needed."""
        return [
            f"{p.name}: {p.got:g}/{p.of:g}" + (f" ({p.needed:g})" if p.passed is not None else "")
            for p in self.result.parts
        ]

    @property
    def css(self) -> str:
        """The class of the verdict's chip."""
        return CSS.get(self.result.verdict, "")


class ExamPage(Struct, frozen=True):
    """Variables of the template."""

    exams: list[ExamRow]
    partial: int
    """Number of results without a verdict."""


def verdicts(data: SiteData) -> list[ExamResult]:
    """Results with a verdict, by exam and model."""
    return sorted((r for r in data.exams if r.verdict != "no verdict"), key=lambda r: (r.exam, r.model))


def page(data: SiteData) -> Page:
    """The page of the exams."""
    rows = [ExamRow(r) for r in verdicts(data)]
    return Page("exam.html", "exam.html", ExamPage(rows, len(data.exams) - len(rows)))
