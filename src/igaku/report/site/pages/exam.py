"""Would it pass? One table an exam: its points, each condition with interval and margin, what is left open."""

from collections.abc import Sequence

from markupsafe import Markup
from msgspec import Struct

from igaku.report.site.collect import SiteData, display
from igaku.report.site.pages.base import Page
from igaku.report.site.pages.margins import Margin
from igaku.report.site.pages.names import model_name, named
from igaku.report.site.slugs import Slugs
from igaku.report.site.words import bilingual, word
from igaku.studies.exam import Part, chance_text
from igaku.studies.points import ExamPoints
from igaku.studies.verdicts.conditions import PROHIBITED

CSS = {"pass": "good", "fail": "bad", "pass as far as known": "good"}
ACROSS = 6
"""Most conditions that have a column each; of more, those that are not met stand in one."""


class ConditionCell(Struct, frozen=True):
    """One condition of one examinee."""

    part: Part

    @property
    def got(self) -> str:
        """Points of the most; for prohibited choices the questions."""
        p = self.part
        return (f"{p.got:g}" if p.of else "–") if p.name == PROHIBITED else f"{p.got:g}/{p.of:g}"

    @property
    def ci(self) -> str:
        """The interval of the points."""
        return f"{self.part.ci95[0]:.0f}–{self.part.ci95[1]:.0f}" if self.part.ci95 else ""

    @property
    def margin(self) -> Margin | None:
        """Distance from the mark; None for prohibited choices."""
        return None if self.part.name == PROHIBITED else Margin(self.part)

    @property
    def state(self) -> Markup:
        """Met, not met or not known."""
        return word(f"exams.{self.part.state}")

    @property
    def css(self) -> str:
        """Class of the state."""
        return {"met": "ok", "not met": "ng"}.get(self.part.state, "")


class ExamRow(Struct, frozen=True):
    """One examinee and one exam."""

    points: ExamPoints
    model_slug: str

    @property
    def name(self) -> str:
        """The model without its setting,"""
        return display(model_name(self.points.key.model)[0])

    @property
    def setting(self) -> Markup:
        """and its setting."""
        return model_name(self.points.key.model)[1]

    @property
    def variant(self) -> Markup:
        """Template, shots, order and grader."""
        key = self.points.key
        shots = [] if not key.shots else [Markup(f"+{key.shots}")]
        parts = [named("prompt", key.prompt), *shots, named("order", key.order), named("method", key.method)]
        return Markup(" · ").join(parts)

    @property
    def exam(self) -> Markup:
        """The exam's title in both languages."""
        return bilingual(self.points.result.exam_ja or self.points.result.exam, self.points.result.exam)

    @property
    def conditions(self) -> list[ConditionCell]:
        """Every condition."""
        return [ConditionCell(p) for p in self.points.result.parts]

    @property
    def chance(self) -> str:
        """Probability that a like exam is passed."""
        return chance_text(self.points.result.chance)

    @property
    def verdict(self) -> str:
        """Phrase of the verdict."""
        return f"exams.{self.points.result.verdict}"

    @property
    def left_open(self) -> list[Markup]:
        """What a pass leaves open."""
        r = self.points.result
        limit = next((p for p in r.parts if p.name == PROHIBITED), None)
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
        return CSS.get(self.points.result.verdict, "")


class ExamTable(Struct, frozen=True):
    """One exam, and its examinees best first."""

    rows: list[ExamRow]

    @property
    def name(self) -> Markup:
        """The exam's title in both languages."""
        result = self.rows[0].points.result
        return bilingual(result.exam_ja or result.exam, result.exam)

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
        return display(self.rows[0].points.result.source)


class ExamPage(Struct, frozen=True):
    """Variables of the template."""

    exams: list[ExamTable]
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
    return Page("exam.html", "exam.html", ExamPage(tables, len(data.points) - len(found)))


def _exam(p: ExamPoints) -> tuple[str, str, int]:
    return p.result.exam, p.result.language, len(p.result.parts)


def _table(found: Sequence[ExamPoints], slugs: Slugs) -> ExamTable:
    return ExamTable([ExamRow(p, slugs.model(p.key.model)) for p in found])


def _needs(part: Part) -> Markup:
    return word("exams.at_most" if part.name == PROHIBITED else "exams.needs", n=f"{part.needed:g}")
