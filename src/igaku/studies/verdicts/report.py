"""The tables of an exam's verdicts: conditions with their intervals, and what each verdict leaves open."""

from msgspec import Struct, field

from igaku.benchmarks.exam_file import Sure
from igaku.statistics.interval import wilson
from igaku.studies.verdicts.conditions import PROHIBITED, Part, Verdict
from igaku.studies.verdicts.sittings import Sittings, sittings_table
from igaku.tables import Kind, Table, Value, View, percent


class ExamResult(Struct, frozen=True, kw_only=True):
    """One examinee (a model asked in one way) and one exam."""

    model: str
    benchmark: str
    language: str
    prompt: str
    shots: int
    order: str
    method: str
    year: str
    exam: str
    exam_ja: str = ""
    parts: list[Part]
    prohibited: list[str]
    """Questions (with the letter) where a prohibited choice was chosen."""
    verdict: Verdict
    why: str
    unknown: list[str] = []
    """What the verdict leaves open."""
    chance: float | None = None
    """Probability that a like exam meets every condition that is known; None where there is no verdict."""
    hidden_pictures: int = 0
    """Questions whose picture the model was not shown."""
    source: str
    sure: Sure = "announced"
    """How far the marks can be trusted."""


class Difficulty(Struct, frozen=True, kw_only=True):
    """Accuracy on questions that people find about equally hard."""

    model: str
    language: str
    method: str
    people: tuple[float, float]
    """Lowest and highest share of examinees who got them right."""
    n: int
    right: float


class ExamReport(View, Struct, kw_only=True, omit_defaults=True):
    """Each examinee and exam; ``difficulty`` only where it was asked for."""

    exams: list[ExamResult]
    difficulty: list[Difficulty] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    """Which keys the questions were graded by, where there are several."""
    sittings: list[Sittings] = field(default_factory=list)
    """Verdicts by sample, of a run with several samples of each question."""

    def tables(self) -> list[Table]:
        """The verdicts, one row an exam; then every condition; sittings; then accuracy by difficulty."""
        out = [self._verdicts(), self._conditions(), *([sittings_table(self.sittings)] if self.sittings else [])]
        return [*out, self._by_difficulty()] if self.difficulty else out

    def _verdicts(self) -> Table:
        columns: dict[str, Kind] = dict.fromkeys(
            (*self._heads(), "lang", "prompt", "method", "conditions met", "verdict", "like exam passed", "because"),
            "text",
        )
        rows: list[list[Value]] = [
            [*self._names(r), r.language, r.prompt, r.method, _met(r), r.verdict, chance_text(r.chance), r.why]
            for r in self.exams
        ]
        return Table(name="exams", columns=columns, rows=rows)

    def _conditions(self) -> Table:
        columns: dict[str, Kind] = dict.fromkeys(
            (*self._heads(), "condition", "points", "95 %", "needed", "is", "on a like exam"), "text"
        )
        rows: list[list[Value]] = [
            [*self._names(r), p.name, *points_texts(p), p.state, chance_text(p.chance)]
            for r in self.exams
            for p in r.parts
        ]
        return Table(name="conditions", columns=columns, rows=rows)

    def _heads(self) -> list[str]:
        return ["exam", "model"] if len({r.model for r in self.exams}) > 1 else ["exam"]

    def _names(self, result: ExamResult) -> list[str]:
        return [result.exam, result.model] if len(self._heads()) > 1 else [result.exam]

    def _by_difficulty(self) -> Table:
        columns: dict[str, Kind] = {
            "model": "text",
            "lang": "text",
            "method": "text",
            "people right": "interval",
            "questions": "count",
            "accuracy": "share",
            "95 %": "interval",
        }
        rows: list[list[Value]] = [
            [d.model, d.language, d.method, d.people, d.n, d.right / d.n, wilson(d.right, d.n)] for d in self.difficulty
        ]
        return Table(name="difficulty", columns=columns, rows=rows)

    def notes(self) -> list[str]:
        """What kind of verdict this is."""
        return [
            "like exam: other questions of the same kind and difficulty, asked likewise, at the ability shown here",
            *dict.fromkeys(f"{r.exam}: marks {r.sure} ({r.source})" for r in self.exams),
            *self.keys,
        ]


def points_texts(part: Part) -> list[str]:
    """Points of the most, their 95 % interval, and what was needed, as people read them."""
    if part.name == PROHIBITED:
        return [f"{part.got:g} chosen" if part.of else "not listed", "", f"at most {part.needed:g}"]
    interval = f"{part.ci95[0]:.0f}–{part.ci95[1]:.0f}" if part.ci95 else ""
    return [f"{part.got:g}/{part.of:g}", interval, f"{part.needed:g}"]


def chance_text(chance: float | None) -> str:
    """A probability in percent; near 0 and 1 only that, since an exam cannot tell more."""
    if chance is None:
        return "–"
    return "< 1 %" if chance < 0.01 else "> 99 %" if chance > 0.99 else percent(round(chance, 2)).replace(".0 ", " ")


def _met(result: ExamResult) -> str:
    states = [p.state for p in result.parts]
    words = [f"{states.count('met')} of {len(states)}"]
    return ", ".join([*words, *(f"{n} {s}" for s in ("not met", "not known") if (n := states.count(s)))])
