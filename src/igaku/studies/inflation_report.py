"""What ``igaku inflation`` prints: a row a suspected model, and what its p does not say."""

import math

from msgspec import Struct

from igaku.statistics.inflation import LEAST, RIGHT, Inflation
from igaku.statistics.paired import LEVEL
from igaku.tables import Kind, Table, Value, View


class Suspect(Struct, frozen=True, kw_only=True):
    """One model against the others. ``score`` and ``like`` are its mean scores on the exam and on the like one."""

    model: str
    references: int
    score: float
    like: float
    found: Inflation
    p_adjusted: float
    """Holm over the models tested."""

    @property
    def shown(self) -> bool:
        """Whether it is shown (5 %, Holm) that the score is higher than expected."""
        return self.p_adjusted < LEVEL


class InflationReport(View, Struct, frozen=True, kw_only=True):
    """Each suspected model, the least likely of the expected scores first."""

    bench: str
    like: str
    reworded: bool
    questions: tuple[int, int]
    suspects: list[Suspect]
    left_out: list[str] = []
    """Models that did not answer the questions of both exams."""

    def tables(self) -> list[Table]:
        """One row a model."""
        columns: dict[str, Kind] = {
            "model": "text",
            "references": "count",
            self.bench: "share",
            self.like: "share",
            "above expected, points": "points",
            "95 %": "points interval",
            "odds ratio": "number",
            "p": "p",
            "p (holm)": "p",
            "higher than expected": "text",
        }
        return [Table(name="inflation", columns=columns, rows=[self._row(s) for s in self.suspects])]

    def _row(self, s: Suspect) -> list[Value]:
        low, high = (x * s.found.slope for x in s.found.ci95)
        verdict = f"shown (5 %, Holm over {len(self.suspects)})" if s.shown else "not shown"
        above = s.found.excess * s.found.slope
        return [
            *(s.model, s.references, s.score, s.like, above, (low, high)),
            *(math.exp(s.found.excess), s.found.p, s.p_adjusted, verdict),
        ]

    def notes(self) -> list[str]:
        """What is compared, what p is, and what neither says."""
        alike = (
            "the same questions, reworded: a model's drop against the references' drops"
            if self.reworded
            else f"questions of both exams that equally many of the references got right ({RIGHT} at least)"
        )
        return [
            f"{self.bench} ({self.questions[0]} questions) against {self.like} ({self.questions[1]}), on {alike}",
            "p: one-sided, of a model that is not better here than the references' own differences and the noise of "
            f"the questions let expect (the larger of two; {LEAST} references at least)",
            "shown says that the score does not carry over to the like exam, and not why: memory of this exam, "
            "training on questions like these, or a subject that the other exam has less of",
            "not shown says little with few references; a model that has read both exams, or references that have read "
            "this one too, hide it; points are those on questions of one difficulty, not on the whole exam",
            *([f"not in the comparison, since they lack questions: {', '.join(self.left_out)}"] * bool(self.left_out)),
        ]
