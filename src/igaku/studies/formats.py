"""The same questions in several formats (choices, open, statements), over the questions that all formats could ask.

Questions that need an image are left out, as on boards. Formats are compared on these questions by the paired test of
``igaku compare``.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations
from pathlib import Path
from statistics import fmean

from msgspec import Struct, field

from igaku.errors import IgakuError
from igaku.grading import Graded
from igaku.prompts.formats import parent
from igaku.runs.counted import counts
from igaku.runs.specs import Names, names
from igaku.runs.store import Run, open_run
from igaku.statistics.aggregate import statements
from igaku.statistics.baselines import chance
from igaku.statistics.paired import LEVEL, Comparison, Outcomes, compare, corrected
from igaku.statistics.tally import CellKey, accuracy_interval, whole_questions
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
    right: float
    accuracy: float
    ci95: tuple[float, float]
    chance: float
    ranked: float | None = None


class FormatsReport(View, Struct, kw_only=True):
    """Each format beside the others, and every two of one model compared."""

    forms: list[FormatRow]
    comparisons: list[Comparison] = []

    def tables(self) -> list[Table]:
        """One row a format and method; one a pair of formats."""
        return [self._forms(), *([self._differences()] if self.comparisons else [])]

    def _forms(self) -> Table:
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
        return Table(name="formats", columns=columns, rows=rows)

    def _differences(self) -> Table:
        columns: dict[str, Kind] = {
            "A": "text",
            "B": "text",
            "on": "text",
            "same questions": "count",
            "only A right": "count",
            "only B right": "count",
            "A - B, points": "points",
            "95 %": "points interval",
            "p (holm)": "p",
            "difference": "text",
        }
        rows: list[list[Value]] = [
            [c.a, c.b, c.part, c.n, c.only_a, c.only_b, c.difference, c.ci95, c.p_adjusted, _shown(c)]
            for c in self.comparisons
        ]
        return Table(name="differences", title="formats compared", columns=columns, rows=rows)

    def notes(self) -> list[str]:
        """How a question of several statements counts, which questions are in, and what p is."""
        return [
            "a question asked as statements is right where all of its statements are; chance is a blind guess at that",
            "same questions: those that every format of a model could ask, without those that need an image",
            "95 %: confidence interval, linked questions together",
            f"p (holm): of the paired test that both formats are equally hard, over {len(self.comparisons)} pairs; "
            "shown: below 5 %. Formats differ in chance, too: a difference is not one of knowledge alone",
        ]


def _shown(c: Comparison) -> str:
    return "shown" if c.p_adjusted < LEVEL else "not shown"


Cells = dict[CellKey, dict[str, Graded]]
"""Verdict on each question; on all of its statements together."""


def formats(run: Run | str | Path, *, method: Names = None) -> FormatsReport:
    """The formats that a run's questions were asked in, over the questions that each of them could ask.

    Raises:
        IgakuError: only one format of each benchmark was asked.
    """
    opened = open_run(run)
    graded = opened.grade(names(method) or None)
    rows = by_format(graded)
    if not rows:
        raise IgakuError(
            f"{opened.path}: only one format of each benchmark was asked; "
            "add others: igaku eval ... --question-format open (or statements)"
        )
    found = [c for cells in _shared(graded) for c in _differences(cells)]
    return FormatsReport(forms=rows, comparisons=corrected(found))


def by_format(graded: Iterable[tuple[CellKey, Graded]]) -> list[FormatRow]:
    """Rows of each model, benchmark and language; empty where only one format was asked."""
    graded = list(graded)
    single: dict[CellKey, dict[str, list[Graded]]] = defaultdict(lambda: defaultdict(list))
    for key, g in graded:
        if key.question_format == "statements":
            single[key][parent(g.question.id)].append(g)
    return [_row(key, mine, single[key]) for cells in _shared(graded) for key, mine in cells.items()]


def _shared(graded: Iterable[tuple[CellKey, Graded]]) -> Iterable[Cells]:
    """For each model, benchmark and language with several formats, the verdicts on the questions that all have."""
    given: dict[CellKey, list[Graded]] = defaultdict(list)
    for key, item in graded:
        given[key].append(item)
    groups: dict[tuple[str, str, str], Cells] = defaultdict(dict)
    for key, items in given.items():
        whole = whole_questions(items) if key.question_format == "statements" else items
        groups[key.model, key.benchmark, key.language][key] = {g.question.id: g for g in whole if counts(g)}
    for cells in groups.values():
        shared = set.intersection(*(set(mine) for mine in cells.values()))
        if len({key.question_format for key in cells}) > 1 and shared:
            yield {key: {q: g for q, g in mine.items() if q in shared} for key, mine in cells.items()}


def _row(key: CellKey, items: dict[str, Graded], single: dict[str, list[Graded]]) -> FormatRow:
    right = sum(g.verdict.share_right for g in items.values())
    flat = [i for q in items for i in single.get(q, [])]
    blind = [0.5 ** len(single[q]) if q in single else chance(g.question) for q, g in items.items()]
    return FormatRow(
        model=key.model,
        benchmark=key.benchmark,
        language=key.language,
        question_format=key.question_format,
        prompt=key.prompt,
        method=key.method,
        n=len(items),
        right=right,
        accuracy=right / len(items),
        ci95=accuracy_interval(items.values()) or (0.0, 1.0),
        chance=0.0 if key.question_format == "open" else fmean(blind),
        ranked=statements(flat).get("ranked") if flat else None,
    )


def _differences(cells: Cells) -> Iterable[Comparison]:
    """Every two of different formats."""
    for (one, a), (other, b) in combinations(cells.items(), 2):
        if one.question_format != other.question_format:
            groups = {q: g.question.group for q, g in a.items()}
            first, second = (
                Outcomes(_name(key, cells), {q: float(g.verdict.share_right) for q, g in mine.items()}, groups)
                for key, mine in ((one, a), (other, b))
            )
            yield compare(first, second, f"{one.model}, {one.benchmark} {one.language}")


def _name(key: CellKey, keys: Iterable[CellKey]) -> str:
    """The format, with prompt and method where a format has several."""
    alike: Sequence[CellKey] = [k for k in keys if k.question_format == key.question_format]
    return key.question_format if len(alike) == 1 else f"{key.question_format} {key.prompt} {key.method}"
