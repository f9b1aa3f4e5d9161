"""The same questions in several formats (choices, open, statements), over the questions that all formats could ask."""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from statistics import fmean

from msgspec import Struct, field

from igaku.errors import IgakuError
from igaku.grading import Graded
from igaku.prompts.formats import complete, parent
from igaku.runs.specs import Names, names
from igaku.runs.store import Run, open_run
from igaku.statistics.aggregate import statements
from igaku.statistics.baselines import chance
from igaku.statistics.interval import wilson
from igaku.statistics.tally import CellKey
from igaku.tables import Kind, Table, Value, View, percent


class FormatRow(Struct, frozen=True, kw_only=True):
    """One format graded by one method. ``right`` of ``n`` questions; for statements, all of a question's must be right.

    ``ranked`` (statements by log-probability): the right choices got the highest odds of "yes". ``chance``: a blind
    guess.
    """

    model: str
    benchmark: str
    language: str
    question_format: str = field(name="form")
    prompt: str
    method: str
    n: int
    right: int
    accuracy: float
    ci95: tuple[float, float]
    chance: float
    ranked: float | None = None


class FormatsReport(View, Struct, kw_only=True):
    """Each format beside the others."""

    forms: list[FormatRow]

    def tables(self) -> list[Table]:
        """One row a format and method."""
        columns: dict[str, Kind] = {
            "model": "text",
            "benchmark": "text",
            "lang": "text",
            "format": "text",
            "prompt": "text",
            "method": "text",
            "same questions": "count",
            "right": "count",
            "accuracy": "share",
            "95 %": "interval",
            "chance": "share",
            "ranked": "text",
        }
        rows: list[list[Value]] = [
            [
                r.model,
                r.benchmark,
                r.language,
                r.question_format,
                r.prompt,
                r.method,
                r.n,
                r.right,
                r.accuracy,
                r.ci95,
                r.chance,
                "" if r.ranked is None else percent(r.ranked),
            ]
            for r in self.forms
        ]
        return [Table(name="formats", columns=columns, rows=rows)]

    def notes(self) -> list[str]:
        """How a question of several statements counts."""
        return ["a question asked as statements is right where all of its statements are"]


def formats(run: Run | str | Path, *, method: Names = None) -> FormatsReport:
    """The formats that a run's questions were asked in, over the questions that each of them could ask.

    Raises:
        IgakuError: only one format of each benchmark was asked.
    """
    opened = open_run(run)
    rows = by_format(opened.grade(names(method) or None))
    if not rows:
        raise IgakuError(
            f"{opened.path}: only one format of each benchmark was asked; "
            "add others: igaku eval ... --question-format open (or statements)"
        )
    return FormatsReport(forms=rows)


def by_format(graded: Iterable[tuple[CellKey, Graded]]) -> list[FormatRow]:
    """Rows of each model, benchmark and language; empty where only one format was asked."""
    groups: dict[tuple[str, str, str], dict[CellKey, dict[str, list[Graded]]]] = defaultdict(dict)
    for cell_key, item in graded:
        if item.verdict.scored:
            mine = groups[cell_key.model, cell_key.benchmark, cell_key.language].setdefault(cell_key, defaultdict(list))
            mine[parent(item.question.id) if cell_key.question_format == "statements" else item.question.id].append(
                item
            )
    rows = []
    for cells in groups.values():
        if len({p.question_format for p in cells}) > 1:
            for cell_key, mine in cells.items():
                if cell_key.question_format == "statements":
                    cells[cell_key] = {q: g for q, g in mine.items() if complete([i.question.id for i in g])}
            shared = set.intersection(*(set(mine) for mine in cells.values()))
            rows += [_row(p, {q: mine[q] for q in shared}) for p, mine in cells.items() if shared]
    return rows


def _row(cell_key: CellKey, items: dict[str, list[Graded]]) -> FormatRow:
    right = sum(all(i.verdict.right for i in mine) for mine in items.values())
    flat = [i for mine in items.values() for i in mine]
    guess = fmean(
        0.5 ** len(mine) if cell_key.question_format == "statements" else chance(mine[0].question)
        for mine in items.values()
    )
    return FormatRow(
        model=cell_key.model,
        benchmark=cell_key.benchmark,
        language=cell_key.language,
        question_format=cell_key.question_format,
        prompt=cell_key.prompt,
        method=cell_key.method,
        n=len(items),
        right=right,
        accuracy=right / len(items),
        ci95=wilson(right, len(items)),
        chance=0.0 if cell_key.question_format == "open" else guess,
        ranked=statements(flat).get("ranked") if cell_key.question_format == "statements" else None,
    )
