"""Would it have passed? An exam's pass marks, and an estimate of the verdict for a whole exam.

Physicians: three conditions at once, the required part (必修), the general and clinical part (一般・臨床), and at
most N prohibited choices (禁忌肢). Pharmacists: the total, 70 % of the required part (必須), 30 % in each of its
subjects, and since the 104th at most two prohibited choices. Own questions: what their ``exam.toml`` demands.

A verdict is an estimate: the ministry does not disclose the prohibited choices (those in IgakuQA are a third party's
list, and there is none for the others), and examinees see the pictures. "Pass" therefore never stands alone where a
condition is not known or pictures were not shown. Pass marks hold for the whole exam: where questions were left out or
could not be asked by a method, points are given and no verdict.

Questions excluded from scoring for everybody leave a mark as it is published (158 of 197). A question that "counts for
those who got it right and is excluded for those who did not" (``void: unless-right``) makes the maximum depend on the
examinee: for such a one the required part is passed with 80 % of what remains, as the ministry's announcements say.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from igaku.benchmarks.pass_marks import ExamMarks, exams_in, marks_of, read_exams
from igaku.errors import IgakuError
from igaku.grading import Graded
from igaku.question import Question
from igaku.runs.run_keys import key_notes
from igaku.runs.specs import Names, names
from igaku.runs.store import Run, open_run
from igaku.statistics.tally import CellKey
from igaku.studies.verdicts.conditions import Part, State, Verdict, assess, prohibited_chosen
from igaku.studies.verdicts.report import Difficulty, ExamReport, ExamResult, chance_text
from igaku.studies.verdicts.sitting_verdicts import sittings

__all__ = [
    "Difficulty",
    "ExamReport",
    "ExamResult",
    "Part",
    "State",
    "Verdict",
    "by_difficulty",
    "chance_text",
    "exam",
    "examine",
    "prohibited_chosen",
]


def exam(
    run: Run | str | Path,
    *,
    year: str | int = "",
    method: Names = None,
    difficulty: bool = False,
    marks: str | Path | None = None,
) -> ExamReport:
    """Would it have passed? Points of a run against the exams' real pass marks.

    Args:
        year: one exam by its year, such as ``2018``; all that the run holds if left out.
        method: grading methods; those the run was made for if left out.
        difficulty: also accuracy on questions that people find hard to easy.
        marks: an ``exam.toml``, for a run of your own questions that were asked before there was one beside them.

    Raises:
        IgakuError: no exam with known pass marks in the run, or the ``exam.toml`` cannot be read.
    """
    opened, year = open_run(run), str(year)
    graded = opened.grade(names(method) or None)
    own = read_exams(Path(marks)) if marks else []
    results = examine(graded, year, run=opened, own=own)
    if not results:
        raise IgakuError(
            f"{opened.path}: no exam with known pass marks{f' of {year}' if year else ''} in it; known are the "
            "physicians' of 2018-2022 (igakuqa), 2025 (igakuqa119) and 2026 (jmle2026), the pharmacists' of 2012-2023 "
            "(yakugakuqa), ten licences' of 2020-2024 (kokushimd, jmed48k; a third party's marks); for your own "
            "questions give --marks exam.toml"
        )
    wanted = [(p, g) for p, g in graded if year in ("", g.question.year)] if difficulty else []
    each = opened.graded(names(method) or None, each_sample=True)[0] if opened.has_samples else []
    return ExamReport(
        exams=results,
        difficulty=list(_difficulties(wanted, results)),
        keys=key_notes([opened]),
        sittings=sittings(each, lambda one: examine(one, year, run=opened, own=own)),
    )


def _difficulties(graded: Sequence[tuple[CellKey, Graded]], results: Sequence[ExamResult]) -> Iterator[Difficulty]:
    examined = {(r.benchmark, r.method) for r in results}
    for key in dict.fromkeys(p for p, _ in graded if (p.benchmark, p.method) in examined):
        for low, high, n, right in by_difficulty([g for p, g in graded if p == key]):
            yield Difficulty(
                model=key.model, language=key.language, method=key.method, people=(low, high), n=n, right=right
            )


def examine(
    graded: Iterable[tuple[CellKey, Graded]], year: str = "", *, run: Run | None = None, own: Sequence[ExamMarks] = ()
) -> list[ExamResult]:
    """One result for each way of asking and each exam whose marks are known, in order of appearance.

    Args:
        run: where the verdicts are from: it knows who was shown pictures, and carries the ``exam.toml`` of own
            questions. Without it no picture counts as shown.
        own: further marks, for own questions.
    """
    carried = exams_in(run.path) if run else []
    groups: dict[tuple[CellKey, ExamMarks], list[Graded]] = {}
    for key, item in graded:
        marks = _marks(key, item.question, [*own, *carried]) if key.question_format == "choices" else None
        if marks is not None and year in ("", item.question.year):
            groups.setdefault((key, marks), []).append(item)
    return [_result(key, marks, items, run) for (key, marks), items in groups.items()]


def _marks(key: CellKey, question: Question, own: Sequence[ExamMarks]) -> ExamMarks | None:
    """An ``exam.toml`` is about questions that igaku has no marks for."""
    known = marks_of(key.benchmark, question.year)
    mine = (m for m in own if m.benchmark in ("", key.benchmark) and m.year in ("", question.year))
    return known or next(mine, None)


def _result(key: CellKey, marks: ExamMarks, items: Sequence[Graded], run: Run | None) -> ExamResult:
    hidden = sum(not _shown(i, key, run) for i in items if not i.question.text_only)
    found = assess(items, marks, hidden)
    return ExamResult(
        model=key.model,
        benchmark=key.benchmark,
        language=key.language,
        prompt=key.prompt,
        shots=key.shots,
        order=key.order,
        method=key.method,
        year=marks.year or items[0].question.year,
        exam=marks.title,
        exam_ja=marks.title_ja,
        parts=found.parts,
        prohibited=found.prohibited,
        verdict=found.verdict,
        why=found.why,
        unknown=found.unknown,
        chance=found.chance,
        hidden_pictures=hidden,
        source=marks.source,
        sure=marks.sure,
    )


def _shown(item: Graded, key: CellKey, run: Run | None) -> bool:
    """Whether a question's picture was sent; of imported replies their file says it, whatever pictures are at hand."""
    sent = run is not None and any(
        t.images and (t.model, t.bench, t.lang, t.prompt) == (key.model, key.benchmark, key.language, key.prompt)
        for t in run.manifest.tasks
    )
    imported = item.reply is not None and item.reply.origin == "imported"
    return sent and (imported or bool(item.question.images))


def by_difficulty(items: Sequence[Graded], bins: int = 5) -> list[tuple[float, float, int, float]]:
    """Accuracy against people's: (lowest, highest human accuracy, questions, right) of equal-sized groups, hardest
    first."""
    scored = [i for i in items if i.question.human_accuracy is not None and i.verdict.scored]
    scored.sort(key=lambda i: _human(i.question))
    edges = [round(k * len(scored) / bins) for k in range(bins + 1)]
    groups = [scored[a:b] for a, b in pairwise(edges) if a < b]
    return [
        (_human(g[0].question), _human(g[-1].question), len(g), sum(i.verdict.share_right for i in g)) for g in groups
    ]


def _human(q: Question) -> float:
    assert q.human_accuracy is not None
    return q.human_accuracy
