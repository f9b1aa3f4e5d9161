"""One examinee's row: points, each condition with its interval and margin, and what its verdict leaves open."""

from markupsafe import Markup
from msgspec import Struct

from igaku.report.site.collect import display
from igaku.report.site.pages.margins import Margin
from igaku.report.site.pages.names import exam_name, model_name, named
from igaku.report.site.words import word
from igaku.studies.exam import Part, chance_text
from igaku.studies.points import ExamPoints
from igaku.studies.verdicts.conditions import PROHIBITED

CSS = {"pass": "good", "fail": "bad", "pass as far as known": "good"}


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
    def shares(self) -> tuple[float, tuple[float, float], float] | None:
        """The points, their interval and the mark as shares of the most; None where one is not known."""
        p = self.part
        if self.margin is None or not p.ci95 or not p.of or p.needed is None:
            return None
        return p.got / p.of, (p.ci95[0] / p.of, p.ci95[1] / p.of), p.needed / p.of

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
        return exam_name(self.points.result.exam_ja, self.points.result.exam)

    @property
    def conditions(self) -> list[ConditionCell]:
        """Every condition."""
        return [ConditionCell(p) for p in self.points.result.parts]

    @property
    def chance(self) -> str:
        """Probability that a like exam is passed."""
        return chance_text(self.points.result.chance).replace(" %", "%")

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
