"""The points of one examinee in each part of an exam, against the marks, as they are before any verdict."""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from igaku.benchmarks.exam_file import PartMark
from igaku.benchmarks.pass_marks import ExamMarks
from igaku.grading import Graded
from igaku.statistics.points import Needed, Scored, chance_of_all
from igaku.statistics.tally import pays

AGREED = 0.02
"""How far the points of the questions at hand may be from the exam's published maximum, as a share of it."""


class PartPoints(Struct, frozen=True, kw_only=True):
    """Points of one part (or one subject of it): got and of, and needed for this examinee."""

    name: str
    name_ja: str
    got: float
    of: float
    needed: float
    most: float | None
    """The published maximum; None where not known, and for a subject."""
    answers: list[Scored]
    """The answers that a like exam has others of: what counted for everybody is not among them."""

    @property
    def condition(self) -> Needed:
        """What these answers must bring, points that counted for everybody taken off."""
        fixed = self.got - sum(a.got for a in self.answers)
        return Needed(frozenset(a.id for a in self.answers), self.needed - fixed)

    @property
    def met(self) -> bool:
        """Whether the points are enough."""
        return self.got >= self.needed - 1e-9

    @property
    def unlike(self) -> str:
        """Why these questions cannot be the exam's: their points are not its maximum; empty where they can."""
        if self.most is None or abs(self.of - self.most) <= AGREED * self.most + 2:
            return ""
        return f"{self.name}: its questions have {self.of:g} points, the exam's {self.most:g}; correct their points"


def part_points(items: Sequence[Graded], marks: ExamMarks) -> list[PartPoints]:
    """Each part of the marks, followed by its subjects."""
    return [one for part in marks.parts for one in _with_subjects(part, items, marks)]


def chance_together(parts: Sequence[PartPoints]) -> float | None:
    """Probability that a like exam brings every part's points; None where parts overlap in an odd way."""
    answers = {a.id: a for p in parts for a in p.answers}
    return chance_of_all(list(answers.values()), [p.condition for p in parts])


def _with_subjects(part: PartMark, items: Sequence[Graded], marks: ExamMarks) -> Iterator[PartPoints]:
    mine = [i for i in items if part.counts(i.question.section)]
    yield _points(part, mine, marks)
    by: dict[str, list[Graded]] = {}
    for i in mine if part.subjects else ():
        by.setdefault(i.question.category, []).append(i)
    for subject, theirs in by.items():
        of = sum(i.question.points for i in theirs if pays(i))
        names = f"{part.name}: {subject}", f"{part.name_ja}：{subject}" if part.name_ja else ""
        yield _points(PartMark(name=names[0], name_ja=names[1], needed=part.subjects * of), theirs, marks)


def _points(part: PartMark, items: Sequence[Graded], marks: ExamMarks) -> PartPoints:
    """Where the announced maximum is more than what is scored here, the difference are questions without an answer,
    which counted for everybody; where an examinee had some excluded, the same share of what remains is needed."""
    got = sum(i.verdict.score * i.question.points for i in items)
    of = sum(i.question.points for i in items if pays(i))
    excluded = sum(i.question.points for i in items if i.question.void == "unless-right" and not i.verdict.right)
    needed, most = part.needed, of if part.of is None else part.of
    if excluded:
        needed = needed / most * of
    elif of < most and sum(i.question.void == "excluded" for i in items) >= most - of > 0:
        got, of = got + most - of, most
    answers = [_scored(i, marks) for i in items if i.verdict.scored and i.question.points]
    return PartPoints(
        name=part.name, name_ja=part.name_ja, got=got, of=of, needed=needed, most=part.of, answers=answers
    )


def _scored(item: Graded, marks: ExamMarks) -> Scored:
    q = item.question
    counting = [p.counts(q.section) for p in marks.parts]
    by_subject = any(p.subjects and yes for p, yes in zip(marks.parts, counting))
    stratum = (*counting, q.category if by_subject else "", q.points)
    return Scored(q.id, stratum, q.group, q.points, item.verdict.score * q.points)
