"""One examinee against one exam's marks: each condition met, not met or not known, and what a verdict leaves open."""

from collections.abc import Iterable, Sequence
from typing import Literal

from msgspec import Struct

from igaku.benchmarks.pass_marks import ExamMarks
from igaku.grading import Graded
from igaku.question import LETTERS
from igaku.statistics.points import chance_at_most, chance_of_all, points_interval
from igaku.studies.verdicts.points import PartPoints, chance_together, part_points

Verdict = Literal["pass", "pass as far as known", "fail", "no verdict"]
State = Literal["met", "not met", "not known"]
PROHIBITED = "prohibited"


class Part(Struct, frozen=True, kw_only=True):
    """One condition. Points (for ``prohibited``: questions) got, of how many, how many were needed."""

    name: str
    name_ja: str = ""
    got: float
    of: float
    needed: float | None
    state: State
    ci95: tuple[float, float] | None = None
    """95 % interval of the points on other questions of this kind."""
    chance: float | None = None
    """Probability that a like exam meets this condition; None where no verdict is given."""

    @property
    def passed(self) -> bool | None:
        """``state`` as a truth; None where it is not known."""
        return None if self.state == "not known" else self.state == "met"


class Assessment(Struct, frozen=True, kw_only=True):
    """What can be said of one examinee and exam."""

    parts: list[Part]
    prohibited: list[str]
    verdict: Verdict
    why: str
    unknown: list[str]
    """What a pass leaves open: conditions that are not known, pictures that were not shown, unsure marks."""
    chance: float | None
    """Probability that a like exam meets every condition that is known."""


def assess(items: Sequence[Graded], marks: ExamMarks, hidden: int) -> Assessment:
    """Every condition, the verdict, and the probability that a like exam is passed.

    Args:
        items: one verdict a question.
        hidden: how many questions' pictures the model was not shown.
    """
    points = part_points(items, marks)
    gap = _incomplete(items, marks) or next(filter(None, (p.unlike for p in points)), "")
    limit = _limit(items, marks, bool(gap))
    parts = [*(_part(p, bool(gap)) for p in points), *([limit] if limit else [])]
    unknown = _unknown(marks, limit, hidden)
    verdict, why = _verdict(parts, gap, unknown)
    return Assessment(
        parts=parts,
        prohibited=prohibited_chosen(items),
        verdict=verdict,
        why=why,
        unknown=unknown,
        chance=None if gap else _chance(points, limit),
    )


def prohibited_chosen(items: Iterable[Graded]) -> list[str]:
    """``112B5 c`` for each prohibited choice that was read from a reply."""
    return [
        f"{i.question.id} {letter}"
        for i in items
        for letter in i.verdict.read
        if letter in LETTERS and len(letter) == 1 and LETTERS.index(letter) in i.question.prohibited
    ]


def _incomplete(items: Sequence[Graded], marks: ExamMarks) -> str:
    """Why marks, which hold for a whole exam, cannot be held against these answers; empty where they can."""
    if not marks.questions:
        return "how many questions the whole exam has is not known; give it in an exam.toml"
    if len(items) != marks.questions:
        return f"{len(items)} of {marks.questions} questions asked; pass marks hold for the whole exam"
    if unable := sum(i.verdict.outcome == "not_applicable" for i in items):
        return f"{unable} questions cannot be asked by this method; pass marks hold for the whole exam"
    return ""


def _part(points: PartPoints, undecided: bool) -> Part:
    fixed = points.needed - points.condition.points
    low, high = points_interval(points.answers)
    return Part(
        name=points.name,
        name_ja=points.name_ja,
        got=points.got,
        of=points.of,
        needed=points.needed,
        state="not known" if undecided else "met" if points.met else "not met",
        ci95=(low + fixed, high + fixed) if points.answers else None,
        chance=None if undecided else chance_of_all(points.answers, [points.condition]),
    )


def _limit(items: Sequence[Graded], marks: ExamMarks, undecided: bool) -> Part | None:
    """Prohibited choices, counted as questions as the ministry counts them; None where the exam has no such rule.

    Where nothing lists them, or sources differ on the limit and the number lies between, it is not known.
    """
    if not marks.prohibited:
        return None
    listed = [i for i in items if i.question.prohibited]
    chosen = sum(bool(prohibited_chosen([i])) for i in listed)
    least, most = min(marks.prohibited), max(marks.prohibited)
    open_ = undecided or not listed or least < chosen <= most
    return Part(
        name=PROHIBITED,
        name_ja="禁忌肢",
        got=chosen,
        of=len(listed),
        needed=least,
        state="not known" if open_ else "met" if chosen <= least else "not met",
        chance=None if open_ else chance_at_most(len(listed), chosen, least),
    )


def _chance(points: Sequence[PartPoints], limit: Part | None) -> float | None:
    """Points and prohibited choices are multiplied as if independent: who chooses fewer of the latter has more of the
    former, so this is rather too low than too high."""
    together = chance_together(points)
    if together is None or limit is None or limit.chance is None:
        return together
    return together * limit.chance


def _unknown(marks: ExamMarks, limit: Part | None, hidden: int) -> list[str]:
    out = []
    if limit and limit.state == "not known":
        out.append(
            "prohibited choices are not known" if not limit.of else f"sources differ on {limit.got:g} prohibited"
        )
    elif limit and marks.third_party_prohibited:
        out.append("prohibited choices are a third party's list")
    if hidden:
        out.append(f"the pictures of {hidden} questions were not shown")
    if marks.sure in ("third party", "rule"):
        out.append(
            "the marks are from a third party's scorer"
            if marks.sure == "third party"
            else "the marks are by a general rule"
        )
    return out


def _verdict(parts: Sequence[Part], gap: str, unknown: Sequence[str]) -> tuple[Verdict, str]:
    if gap:
        return "no verdict", gap
    if failed := [p.name for p in parts if p.state == "not met"]:
        return "fail", "; ".join(["short in: " + ", ".join(failed), *unknown])
    return ("pass as far as known" if unknown else "pass"), "; ".join(unknown)
