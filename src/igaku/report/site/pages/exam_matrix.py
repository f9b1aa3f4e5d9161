"""Several exams at a glance: a row a model, a column an exam, in each cell the scarcest margin to a pass mark."""

from collections.abc import Sequence
from typing import TypeAlias

from markupsafe import Markup
from msgspec import Struct

from igaku.report.site.pages.exam_rows import ExamRow
from igaku.report.site.pages.margins import Margin
from igaku.report.site.pages.names import exam_name
from igaku.studies.verdicts.conditions import PROHIBITED

Setup: TypeAlias = tuple[str, str, int, str, str, str]
"""Model, prompt, shots, order, method, language."""


class MatrixCell(Struct, frozen=True):
    """One model on one exam."""

    margin: Margin | None
    """Of the condition that it meets by least, or misses by most; None where none is in points."""
    row: ExamRow

    @property
    def css(self) -> str:
        """Class of the cell: whether the exam would be passed."""
        return {"good": "ok", "bad": "ng"}.get(self.row.css, "")


class MatrixRow(Struct, frozen=True):
    """One model with one prompt and order."""

    first: ExamRow
    cells: list[MatrixCell | None]


class Matrix(Struct, frozen=True):
    """All exams of a site."""

    heads: list[Markup]
    rows: list[MatrixRow]
    one_way: bool
    """Whether all had the same prompt, order and method,"""
    one_language: bool
    """and in one language."""


def matrix(rows: Sequence[ExamRow]) -> Matrix | None:
    """The rows of all exams side by side, those with most points first; None of a single exam."""
    exams = list(dict.fromkeys((r.points.result.exam_ja, r.points.result.exam) for r in rows))
    if len(exams) < 2:
        return None
    found: dict[Setup, dict[str, ExamRow]] = {}
    for r in rows:
        found.setdefault(_setup(r), {}).setdefault(r.points.result.exam, r)
    ordered = sorted(found.values(), key=lambda of: -sum(r.points.got / r.points.of for r in of.values()))
    lines = [
        MatrixRow(next(iter(of.values())), [_cell(of[en]) if en in of else None for _, en in exams]) for of in ordered
    ]
    languages = {setup[-1] for setup in found}
    return Matrix(
        [exam_name(ja, en) for ja, en in exams], lines, len({a[1:-1] for a in found}) == 1, len(languages) == 1
    )


def _setup(r: ExamRow) -> Setup:
    key = r.points.key
    prompt = key.prompt.removesuffix(f"_{key.language}")
    return key.model, prompt, key.shots, key.order, key.method, key.language


def _cell(r: ExamRow) -> MatrixCell:
    found = [Margin(p) for p in r.points.result.parts if p.name != PROHIBITED and p.needed is not None]
    return MatrixCell(min(found, key=lambda m: m.part.got - (m.part.needed or 0), default=None), r)
