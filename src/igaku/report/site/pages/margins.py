"""How far an examinee is from each pass mark."""

from markupsafe import Markup
from msgspec import Struct

from igaku.report.site.words import bilingual
from igaku.studies.exam import ExamResult, Part
from igaku.studies.verdicts.conditions import PROHIBITED

MOST = 4
"""Marks shown in a row; an exam with more of them (one a subject) shows those that are not met, and the others' number
is on its own page."""


class Margin(Struct, frozen=True):
    """One condition: its name, the points above the mark (below it with a minus), and whether it is met."""

    part: Part

    @property
    def label(self) -> Markup:
        """Its name in both languages."""
        return bilingual(self.part.name_ja or self.part.name, self.part.name)

    @property
    def text(self) -> str:
        """``+37``."""
        return f"{self.part.got - (self.part.needed or 0):+.4g}".replace("-", "−")

    @property
    def css(self) -> str:
        """Class of the chip."""
        return {"met": "ok", "not met": "ng"}.get(self.part.state, "")


def margins(result: ExamResult) -> list[Margin]:
    """Of every condition in points; prohibited choices have a word on the exam's own page."""
    found = [Margin(p) for p in result.parts if p.name != PROHIBITED and p.needed is not None]
    return found if len(found) <= MOST else [*found[:2], *(m for m in found[2:] if m.part.state == "not met")][:MOST]
