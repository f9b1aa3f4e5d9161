"""Would it have passed? National pass marks as data, and an estimate of the verdict for a whole exam.

Physicians: three conditions at once, the required part (必修), the general and clinical part (一般・臨床), and at
most N prohibited choices (禁忌肢). Pharmacists: the total, 70 % of the required part (必須), 30 % in each of its
subjects, and since the 104th at most two prohibited choices. All must hold.

A verdict is an estimate: the ministry does not disclose the prohibited choices (those in IgakuQA are a third party's
list, and there is none for pharmacists), and examinees see the images. Pass marks hold for the whole exam: where
questions were left out or could not be asked by a method, scores are given and no verdict.

Questions excluded from scoring for everybody leave a mark as it is published (158 of 197). A question that "counts for
those who got it right and is excluded for those who did not" (``void: unless-right``) makes the maximum depend on the
examinee: for such a one the required part is passed with 80 % of what remains, as the ministry's announcements say.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Literal

from msgspec import Struct, field

from igaku.benchmarks import family
from igaku.errors import IgakuError
from igaku.grading import Graded
from igaku.question import LETTERS, Question
from igaku.runs.specs import Names, names
from igaku.runs.store import Run, open_run
from igaku.statistics.interval import wilson
from igaku.statistics.tally import CellKey, pays
from igaku.tables import Kind, Table, Value, View

Verdict = Literal["pass", "fail", "no verdict"]


class Marks(Struct, frozen=True, kw_only=True):
    """What one exam demanded. Marks are (needed, of); None where not known."""

    exam: str
    n: int
    """Questions of the whole exam."""
    required: tuple[float, float]
    rest: tuple[float, float] | None = None
    """General and clinical questions (physicians)."""
    total: tuple[float, float] | None = None
    """All questions (pharmacists), in questions; the announcements count 2 points each."""
    subject: float = 0.0
    """Share needed in each subject of the required part."""
    prohibited: int | None = None
    """Most prohibited choices one may choose."""
    source: str


def _physicians(exam: str, required: float, required_of: float, rest: float, rest_of: float, source: str) -> Marks:
    return Marks(
        exam=f"physicians {exam}",
        n=400,
        required=(required, required_of),
        rest=(rest, rest_of),
        prohibited=3,
        source=f"{source}; a fourth prohibited choice fails: Kasai et al. 2023, fig. 1",
    )


def _pharmacists(exam: int, points: float | None, of: float | None) -> Marks:
    """Points as announced, 2 a question. Before the 101st the mark was 65 % of the total, corrected for difficulty."""
    total = (points / 2, of / 2) if points and of else None
    return Marks(
        exam=f"pharmacists {exam}",
        n=345,
        required=(63, 90),
        total=total or (0.65 * 345, 345),
        subject=0.3,
        prohibited=2 if exam >= 104 else None,
        source="MHLW announcements, quoted by gorogorooboeru.blogspot.com (2023-03)"
        if total
        else "65 % rule, MHLW, quoted by ikuseikai.org (2013-03-29)",
    )


PHYSICIANS = {
    "2018": _physicians("112", 160, 200, 208, 299, "MHLW, quoted by jmedj and roadtodoctor"),
    "2019": _physicians("113", 160, 200, 209, 296, "MHLW, quoted by jmedj"),
    "2020": _physicians("114", 158, 197, 217, 299, "MHLW, quoted by Igaku-Shoin"),
    "2021": _physicians("115", 160, 200, 209, 300, "MHLW, quoted by newtongym8"),
    "2022": _physicians("116", 158, 197, 214, 297, "MHLW, quoted by Mynavi"),
    "2025": _physicians("119", 160, 200, 221, 300, "MHLW, quoted by docomo"),
}
_POINTS = {
    101: (446, 686),
    102: (434, 682),
    103: (434, 690),
    104: (450, 690),
    105: (426, 690),
    106: (430, 688),
    107: (434, 690),
    108: (470, 690),
}
PHARMACISTS = {str(1915 + e): _pharmacists(e, *_POINTS.get(e, (None, None))) for e in range(97, 109)}
MARKS: Mapping[str, Mapping[str, Marks]] = {"igakuqa": PHYSICIANS, "igakuqa119": PHYSICIANS, "yakugakuqa": PHARMACISTS}


class Part(Struct, frozen=True, kw_only=True):
    """One condition: points got, of how many, how many were needed; ``passed`` None where it cannot be said."""

    name: str
    got: float
    of: float
    needed: float | None
    passed: bool | None


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
    parts: list[Part]
    prohibited: list[str]
    """Questions (with the letter) where a prohibited choice was chosen."""
    verdict: Verdict
    why: str
    source: str


class Difficulty(Struct, frozen=True, kw_only=True):
    """Accuracy on questions that people find about equally hard."""

    model: str
    language: str
    method: str
    people: tuple[float, float]
    """Lowest and highest share of examinees who got them right."""
    n: int
    right: int


class ExamReport(View, Struct, kw_only=True, omit_defaults=True):
    """Each examinee and exam; ``difficulty`` only where it was asked for."""

    exams: list[ExamResult]
    difficulty: list[Difficulty] = field(default_factory=list)

    def tables(self) -> list[Table]:
        """Points against marks and the verdict, one row an exam."""
        several = len({r.model for r in self.exams}) > 1
        columns: dict[str, Kind] = dict.fromkeys(
            (
                "exam",
                *(["model"] if several else []),
                "lang",
                "prompt",
                "method",
                "required",
                "rest or total",
                "subjects",
                "prohibited",
                "verdict",
                "because",
            ),
            "text",
        )
        rows: list[list[Value]] = [
            [r.exam, *([r.model] if several else []), r.language, r.prompt, r.method, *_points(r), r.verdict, r.why]
            for r in self.exams
        ]
        return [Table(name="exams", columns=columns, rows=rows), *([self._by_difficulty()] if self.difficulty else [])]

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
        return ["estimates of research tools; sources of the marks: --json"]


def _points(result: ExamResult) -> list[str]:
    by = {p.name: p for p in result.parts}
    subjects = [p for p in result.parts if p.name.startswith("required: ")]
    short = sum(p.passed is False for p in subjects)
    prohibited = by.get("prohibited")
    return [
        _condition(by["required"]),
        _condition(by.get("general and clinical") or by.get("total")),
        f"{len(subjects) - short}/{len(subjects)}" if subjects else "",
        f"{prohibited.got:g} (at most {prohibited.needed:g})" if prohibited and prohibited.needed is not None else "",
    ]


def _condition(part: Part | None) -> str:
    if part is None:
        return ""
    sign = "" if part.passed is None else " ✓" if part.passed else " ✗"
    return f"{part.got:g}/{part.of:g}, needs {part.needed:g}{sign}"


def exam(run: Run | str | Path, *, year: str | int = "", method: Names = None, difficulty: bool = False) -> ExamReport:
    """Would it have passed? Points of a run against the exams' real pass marks.

    Args:
        year: one exam by its year, such as ``2018``; all that the run holds if left out.
        method: grading methods; those the run was made for if left out.
        difficulty: also accuracy on questions that people find hard to easy.

    Raises:
        IgakuError: no exam with known pass marks in the run.
    """
    opened, year = open_run(run), str(year)
    graded = opened.grade(names(method) or None)
    results = examine(graded, year)
    if not results:
        raise IgakuError(
            f"{opened.path}: no exam with known pass marks{f' of {year}' if year else ''} in it; "
            "known are the physicians' of "
            "2018-2022 (igakuqa) and 2025 (igakuqa119), the pharmacists' of 2012-2023 (yakugakuqa)"
        )
    wanted = [(p, g) for p, g in graded if year in ("", g.question.year)] if difficulty else []
    return ExamReport(exams=results, difficulty=list(_difficulties(wanted, results)))


def _difficulties(graded: Sequence[tuple[CellKey, Graded]], results: Sequence[ExamResult]) -> Iterator[Difficulty]:
    examined = {(r.benchmark, r.method) for r in results}
    for key in dict.fromkeys(p for p, _ in graded if (p.benchmark, p.method) in examined):
        for low, high, n, right in by_difficulty([g for p, g in graded if p == key]):
            yield Difficulty(
                model=key.model, language=key.language, method=key.method, people=(low, high), n=n, right=right
            )


def examine(graded: Iterable[tuple[CellKey, Graded]], year: str = "") -> list[ExamResult]:
    """One result for each way of asking and each exam whose marks are known, in order of appearance."""
    groups: dict[tuple[CellKey, str], list[Graded]] = {}
    for cell_key, item in graded:
        if (
            cell_key.question_format == "choices"
            and item.question.year in _marks(cell_key)
            and year in ("", item.question.year)
        ):
            groups.setdefault((cell_key, item.question.year), []).append(item)
    return [_result(cell_key, y, items, _marks(cell_key)[y]) for (cell_key, y), items in groups.items()]


def _marks(cell_key: CellKey) -> Mapping[str, Marks]:
    return MARKS.get(family(cell_key.benchmark), {})


def _result(cell_key: CellKey, year: str, items: Sequence[Graded], marks: Marks) -> ExamResult:
    required = [i for i in items if i.question.section == "required"]
    rest = [i for i in items if i.question.section != "required"]
    parts = [_part("required", required, marks.required)]
    if marks.rest:
        parts.append(_part("general and clinical", rest, marks.rest))
    if marks.total:
        parts.append(_part("total", items, marks.total))
    if marks.subject:
        parts += _subjects(required, marks.subject)
    chosen = prohibited_chosen(items)
    listed = any(i.question.prohibited for i in items)
    if marks.prohibited is not None and listed:
        parts.append(
            Part(
                name="prohibited",
                got=len(chosen),
                of=sum(bool(i.question.prohibited) for i in items),
                needed=marks.prohibited,
                passed=len(chosen) <= marks.prohibited,
            )
        )
    verdict, why = _verdict(items, marks, parts, listed)
    return ExamResult(
        model=cell_key.model,
        benchmark=cell_key.benchmark,
        language=cell_key.language,
        prompt=cell_key.prompt,
        shots=cell_key.shots,
        order=cell_key.order,
        method=cell_key.method,
        year=year,
        exam=marks.exam,
        parts=parts,
        prohibited=chosen,
        verdict=verdict,
        why=why,
        source=marks.source,
    )


def _part(name: str, items: Sequence[Graded], required_marks: tuple[float, float]) -> Part:
    """Points against a mark. Where the announced maximum is more than what is scored here, the difference are questions
    without an answer, which counted for everybody; where an examinee had some excluded, the same share of what
    remains."""
    got = sum(i.verdict.score * i.question.points for i in items)
    of = sum(i.question.points for i in items if pays(i))
    excluded = sum(i.question.points for i in items if i.question.void == "unless-right" and not i.verdict.right)
    needed, most = required_marks
    if excluded:
        needed = needed / most * of
    elif of < most and sum(i.question.void == "excluded" for i in items) >= most - of > 0:
        got, of = got + most - of, most
    return Part(name=name, got=got, of=of, needed=needed, passed=got >= needed - 1e-9)


def _subjects(required: Sequence[Graded], share: float) -> list[Part]:
    by: dict[str, list[Graded]] = {}
    for i in required:
        by.setdefault(i.question.category, []).append(i)
    out = []
    for subject, mine in by.items():
        of = sum(i.question.points for i in mine if pays(i))
        out.append(_part(f"required: {subject}", mine, (share * of, of)))
    return out


def prohibited_chosen(items: Iterable[Graded]) -> list[str]:
    """``112B5 c`` for each prohibited choice that was read from a reply."""
    return [
        f"{i.question.id} {letter}"
        for i in items
        for letter in i.verdict.read
        if letter in LETTERS and len(letter) == 1 and LETTERS.index(letter) in i.question.prohibited
    ]


def _verdict(items: Sequence[Graded], marks: Marks, parts: Sequence[Part], listed: bool) -> tuple[Verdict, str]:
    if len(items) < marks.n:
        return "no verdict", f"{len(items)} of {marks.n} questions asked; pass marks hold for the whole exam"
    if unable := sum(i.verdict.outcome == "not_applicable" for i in items):
        return "no verdict", f"{unable} questions cannot be asked by this method; pass marks hold for the whole exam"
    if failed := [p.name for p in parts if p.passed is False]:
        return "fail", "short in: " + ", ".join(failed)
    return (
        "pass",
        "estimated; prohibited choices are a third party's list"
        if listed
        else "estimated; prohibited choices are not known",
    )


def by_difficulty(items: Sequence[Graded], bins: int = 5) -> list[tuple[float, float, int, int]]:
    """Accuracy against people's: (lowest, highest human accuracy, questions, right) of equal-sized groups, hardest
    first."""
    scored = [i for i in items if i.question.human_accuracy is not None and i.verdict.scored]
    scored.sort(key=lambda i: _human(i.question))
    edges = [round(k * len(scored) / bins) for k in range(bins + 1)]
    groups = [scored[a:b] for a, b in pairwise(edges) if a < b]
    return [(_human(g[0].question), _human(g[-1].question), len(g), sum(i.verdict.right for i in g)) for g in groups]


def _human(q: Question) -> float:
    assert q.human_accuracy is not None
    return q.human_accuracy
