"""Estimated verdicts of exams with pass marks: each condition with its interval, and what a verdict leaves open."""

from markupsafe import Markup
from msgspec import Struct

from igaku.report.site.collect import SiteData
from igaku.report.site.pages.base import Page
from igaku.report.site.words import bilingual, word
from igaku.studies.exam import ExamResult, Part, chance_text

CSS = {"pass": "good", "fail": "bad"}


class ConditionRow(Struct, frozen=True):
    """One condition, as the page shows it."""

    part: Part

    @property
    def label(self) -> Markup:
        """Its name in both languages."""
        return bilingual(self.part.name_ja or self.part.name, self.part.name)

    @property
    def points(self) -> str:
        """Points of the most with their interval; questions for prohibited choices."""
        p = self.part
        if p.ci95 is None:
            return f"{p.got:g}" if p.of else "–"
        return f"{p.got:g}/{p.of:g} ({p.ci95[0]:.0f}–{p.ci95[1]:.0f})"

    @property
    def needs(self) -> Markup:
        """The mark."""
        key = "exams.at_most" if self.part.name == "prohibited" else "exams.needs"
        return word(key, n=f"{self.part.needed:g}")

    @property
    def state(self) -> Markup:
        """Met, not met or not known."""
        return word(f"exams.{self.part.state}")


class ExamRow(Struct, frozen=True):
    """One examinee and one exam."""

    result: ExamResult

    @property
    def exam(self) -> Markup:
        """The exam's title in both languages."""
        return bilingual(self.result.exam_ja or self.result.exam, self.result.exam)

    @property
    def conditions(self) -> list[ConditionRow]:
        """Every condition."""
        return [ConditionRow(p) for p in self.result.parts]

    @property
    def chance(self) -> str:
        """Probability that a like exam is passed."""
        return chance_text(self.result.chance)

    @property
    def left_open(self) -> list[Markup]:
        """What a pass leaves open."""
        r = self.result
        limit = next((p for p in r.parts if p.name == "prohibited"), None)
        out = []
        if limit and limit.state == "not known":
            out.append(word("exams.differ" if limit.of else "exams.unlisted"))
        elif any("third party's list" in u for u in r.unknown):
            out.append(word("exams.listed"))
        if r.hidden_pictures:
            out.append(word("exams.hidden", n=r.hidden_pictures))
        if r.sure in ("third party", "rule"):
            out.append(word("exams.third" if r.sure == "third party" else "exams.rule"))
        return out

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
