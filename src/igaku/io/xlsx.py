"""Excel workbooks as grids of text: what a person sees in a cell, or why that cannot be read.

Nothing is evaluated: of a formula the stored value counts. A workbook may be hostile: what it unpacks to, its elements
and its rows are bounded before it is parsed, and nothing outside it is looked up.
"""

import re
import warnings
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import repeat
from operator import is_
from pathlib import Path
from typing import Any, NamedTuple

from igaku.errors import IgakuError, optional
from igaku.io.archive import is_archive, member_names, read_members
from igaku.io.grid import Grid, Score, cell
from igaku.io.xlsx_cells import Unclear, shown

MOST_ROWS, MOST_COLUMNS = 1_048_576, 128
"""Excel's own number of rows; more columns than any table of questions has."""
MOST_ELEMENTS = 1_000_000
"""Beginnings and ends of XML elements in all parts: about 250,000 cells, 20,000 questions; seconds of parsing."""
LOOK = 30
"""Rows among which the names of columns are looked for."""
_OLE = b"\xd0\xcf\x11\xe0"
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\b[^>]*\bref=[\"']([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})")
_MOST_MERGED = 200_000


class Sheet(NamedTuple):
    """One sheet with its texts."""

    title: str
    rows: list[tuple[int, list[str]]]
    faults: Mapping[tuple[int, int], str]
    score: int
    """How well its best row names columns."""
    pictures: bool


def read_workbook(path: Path, score: Score) -> Grid:
    """The one sheet whose columns have known names.

    Raises:
        IgakuError: openpyxl is not installed; no workbook, or a damaged, protected or too large one; no such sheet, or
            several.
    """
    parts = _parts(path)
    openpyxl = optional("openpyxl", "xlsx")
    try:
        with warnings.catch_warnings(action="ignore"):
            sheets = [s for s in _sheets(openpyxl, path, parts, score) if s.rows]
    except IgakuError:
        raise
    except Exception as error:  # openpyxl raises whatever a damaged part leads to
        why = " ".join(f"{type(error).__name__}: {error}".split())[:160]
        raise IgakuError(
            f"{path}: cannot be read as an Excel workbook ({why}); open it in Excel and save it anew"
        ) from None
    chosen = _chosen(sheets, path)
    others = [s.title for s in sheets if s is not chosen]
    note = f"sheet {chosen.title!r} is read, not {_listed(others)}" if others else ""
    where = f"{path}, sheet {chosen.title!r}"
    return Grid(where, "row", iter(chosen.rows), chosen.faults, note, chosen.pictures)


def _chosen(sheets: Sequence[Sheet], path: Path) -> Sheet:
    found = [s for s in sheets if s.score > 1] or [s for s in sheets if s.score] or list(sheets)
    if not found:
        raise IgakuError(f"{path}: no questions in it; all of its sheets are empty")
    if len(found) > 1:
        which = "may hold the questions" if found[0].score else "do not name columns as igaku knows them"
        raise IgakuError(f"{path}: sheets {_listed([s.title for s in found])} {which}; keep one of them in the file")
    return found[0]


def _listed(titles: Sequence[str]) -> str:
    return ", ".join(map(repr, titles[:5])) + (" …" if len(titles) > 5 else "")


def _parts(path: Path) -> dict[str, bytes]:
    """The parts of a workbook but its pictures, all within bounds."""
    if not is_archive(path):
        with path.open("rb") as file:
            old = file.read(4) == _OLE
        why = "is protected by a password, or an .xls of before 2007" if old else "is no Excel workbook"
        raise IgakuError(f"{path}: {why}; save it in Excel as .xlsx without a password, or as CSV UTF-8")
    parts, elements = {}, 0
    for name, data in read_members(path, member_names(path), most="XLSX_MB"):
        elements += data.count(b"<")
        if b"<!DOCTYPE" in data.replace(b"\0", b"")[: 1 << 20] or b"<!ENTITY" in data.replace(b"\0", b""):
            raise IgakuError(f"{path}: its part {name[:60]} declares entities, which Excel never does; it is not read")
        if elements > MOST_ELEMENTS and name.endswith((".xml", ".rels")):
            raise IgakuError(
                f"{path}: more than about 250,000 cells; split it into several files, or save it as CSV UTF-8"
            )
        parts[name] = data if not name.startswith("xl/media/") else b""
    return parts


def _sheets(openpyxl: Any, path: Path, parts: Mapping[str, bytes], score: Score) -> Iterator[Sheet]:
    given: dict[str, Any] = {"read_only": True, "keep_links": False}
    values, formulas = openpyxl.load_workbook(path, data_only=True, **given), openpyxl.load_workbook(path, **given)
    try:
        for sheet, twin in zip(values.worksheets, formulas.worksheets):
            rows, faults = _texts(sheet, twin, openpyxl.cell.read_only.EMPTY_CELL)
            merged = _merged(parts.get(sheet._worksheet_path, b""), rows, str(path))
            best = max((score(row) for _, row in rows[:LOOK]), default=0)
            yield Sheet(sheet.title, rows, {**merged, **faults}, best, _has_pictures(parts, sheet._worksheet_path))
    finally:
        values.close()
        formulas.close()


def _texts(sheet: Any, twin: Any, empty: object) -> tuple[list[tuple[int, list[str]]], dict[tuple[int, int], str]]:
    """The rows that hold something, and what cannot be read in them."""
    rows, faults = [], {}
    bounds = {"max_row": MOST_ROWS, "max_col": MOST_COLUMNS}
    for number, (cells, sources) in enumerate(zip(sheet.iter_rows(**bounds), twin.iter_rows(**bounds)), 1):
        if all(map(is_, sources, repeat(empty))):
            continue
        row = [""] * len(sources)
        for i in [i for i, source in enumerate(sources) if source is not empty and source.value is not None]:
            try:
                row[i] = cell(shown(cells[i], sources[i]))
            except Unclear as why:
                faults[number, i] = f"cell {sources[i].coordinate} {why}"
        if any(row) or any((number, i) in faults for i in range(len(row))):
            rows.append((number, row))
    return rows, faults


def _merged(xml: bytes, rows: Sequence[tuple[int, list[str]]], where: str) -> dict[tuple[int, int], str]:
    """The empty cells of merged ranges, whose value stands in another cell."""
    faults: dict[tuple[int, int], str] = {}
    numbers, width, steps = [n for n, _ in rows], max((len(row) for _, row in rows), default=0), 0
    for found in _MERGED.finditer(xml):
        left, top, right, bottom = _column(found[1]), int(found[2]), _column(found[3]), int(found[4])
        touched = numbers[bisect_left(numbers, top) : bisect_right(numbers, bottom)]
        columns = range(left, min(right + 1, width))
        if (steps := steps + 1 + len(touched) * len(columns)) > _MOST_MERGED:
            raise IgakuError(f"{where}: more than {_MOST_MERGED:,} merged cells; unmerge them")
        why = f"merged with cell {found[1].decode()}{top}; unmerge the cells and fill each of them"
        faults |= {(n, i): f"column {i + 1} is {why}" for n in touched for i in columns if (n, i) != (top, left)}
    return faults


def _column(letters: bytes) -> int:
    """0 for A, 26 for AA."""
    number = 0
    for c in letters:
        number = number * 26 + c - 64
    return number - 1


def _has_pictures(parts: Mapping[str, bytes], sheet: str) -> bool:
    folder, _, name = sheet.rpartition("/")
    drawn = b"/drawing" in parts.get(f"{folder}/_rels/{name}.rels", b"")
    return drawn and any(part.startswith("xl/media/") for part in parts)
