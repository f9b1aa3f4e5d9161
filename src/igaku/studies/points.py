"""Points of exams beside accuracies: what each model got of the whole exam, and how far it is from each mark.

All questions of the exam count, those that need a picture too, whether it was sent or not: an examinee that does not
see it answers all the same. So points stand beside a board, with a word on the pictures, and rank nobody.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from igaku.grading import Graded
from igaku.runs.counted import Counted
from igaku.runs.store import Run
from igaku.statistics.tally import CellKey
from igaku.studies.exam import ExamResult, chance_text, examine
from igaku.studies.verdicts.report import points_texts
from igaku.tables import Kind, Table, Value


class ExamPoints(Struct, frozen=True, kw_only=True):
    """One examinee (a model asked in one way, in one run) and one exam."""

    run: str
    """Label of its run."""
    key: CellKey
    result: ExamResult
    got: float
    """Points of the whole exam,"""
    of: float
    """out of these; questions excluded from scoring are in neither."""
    pictures: bool | None
    """Whether it was shown the pictures; None where no question has one."""

    @property
    def complete(self) -> bool:
        """Whether the whole exam was asked, so that its points can stand beside the marks."""
        return self.result.verdict != "no verdict"


def exam_points(verdicts: Iterable[Counted], runs: Mapping[str, Run]) -> list[ExamPoints]:
    """Points of every examinee of some runs, best first within an exam; each run by itself, since two runs of one model
    are two examinees.

    Args:
        verdicts: by one method a model (``igaku.runs.counted.main_verdicts``), image questions included.
        runs: the runs by label.
    """
    by_run: dict[str, dict[CellKey, list[Graded]]] = defaultdict(lambda: defaultdict(list))
    for label, key, item in verdicts:
        by_run[label][key].append(item)
    found = []
    for label, cells in by_run.items():
        for key, items in cells.items():
            for result in examine([(key, item) for item in items], run=runs[label]):
                mine = [i for i in items if i.question.year in ("", result.year)]
                found.append(_points(label, key, result, mine))
    return sorted(found, key=lambda p: (p.result.exam, p.result.language, -p.got))


def _points(label: str, key: CellKey, result: ExamResult, items: Sequence[Graded]) -> ExamPoints:
    scored = [i for i in items if i.verdict.scored]
    with_picture = sum(not i.question.text_only for i in items)
    return ExamPoints(
        run=label,
        key=key,
        result=result,
        got=sum(i.verdict.score * i.question.points for i in scored),
        of=sum(i.question.points for i in scored),
        pictures=result.hidden_pictures < with_picture if with_picture else None,
    )


def points_tables(found: Sequence[ExamPoints]) -> list[Table]:
    """One table an exam: points of all, of each part with what was needed, prohibited choices, and the verdict."""
    exams = list(dict.fromkeys((p.result.exam, p.result.language) for p in found))
    return [
        _table(exam, lang, [p for p in found if (p.result.exam, p.result.language) == (exam, lang)])
        for exam, lang in exams
    ]


def _table(exam: str, lang: str, found: Sequence[ExamPoints]) -> Table:
    parts = list(dict.fromkeys(part.name for p in found for part in p.result.parts))
    several = len({p.key.prompt for p in found}) > 1
    columns: dict[str, Kind] = {
        "respondent": "text",
        **({"prompt": "text"} if several else {}),
        "pictures": "text",
        "points": "text",
        **dict.fromkeys(parts, "text"),
        "verdict": "text",
        "like exam passed": "text",
    }
    rows: list[list[Value]] = [[p.key.model, *([p.key.prompt] if several else []), *_cells(p, parts)] for p in found]
    return Table(name="points", title=f"points: {exam} ({lang})", columns=columns, rows=rows)


def _cells(p: ExamPoints, parts: Sequence[str]) -> list[Value]:
    by_name = {part.name: part for part in p.result.parts}
    texts = [points_texts(by_name[name]) if name in by_name else ["", "", ""] for name in parts]
    shown = "" if p.pictures is None else "shown" if p.pictures else "not shown"
    return [
        shown,
        f"{p.got:g}/{p.of:g}",
        *(f"{got} ({ci}; needs {needed})" if ci else f"{got} ({needed})" if got else "" for got, ci, needed in texts),
        p.result.verdict,
        chance_text(p.result.chance),
    ]
