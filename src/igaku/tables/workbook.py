"""Tables as an Excel workbook: numbers are numbers, text is never a formula, notes have a sheet of their own."""

import io
import re
from typing import Any

from igaku.errors import optional
from igaku.tables.numbers import flat
from igaku.tables.values import Kind, Report, Table, Value, printable

FORMATS: dict[Kind, str] = {
    "count": "#,##0",
    "number": "0.000",
    "share": "0.0%",
    "interval": "0.0%",
    "points": "+0.0%;-0.0%;0.0%",
    "points interval": "+0.0%;-0.0%;0.0%",
    "range": "0",
    "p": "0.000",
}
"""Kind -> how Excel shows it; a difference of shares as percent with its sign."""
LONGEST = 32_767
"""Characters that a cell of Excel holds."""
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


def to_workbook(report: Report) -> bytes:
    """A workbook: the first table, the notes, further tables.

    Raises:
        IgakuError: openpyxl is not installed.
    """
    openpyxl = optional("openpyxl", "xlsx")
    optional("openpyxl.styles", "xlsx")
    book = openpyxl.Workbook()
    tables, names = report.tables(), {"notes"}
    book.remove(book.active)
    for table in tables:
        _sheet(book.create_sheet(_title(table.name, names)), table, openpyxl.styles.Font(bold=True))
    _notes(book.create_sheet("notes", min(1, len(tables))), [*_of_tables(tables), *report.notes()], openpyxl)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _title(name: str, used: set[str]) -> str:
    """A name that Excel takes for a sheet and no other sheet has."""
    plain = re.sub(r"[\[\]:*?/\\\x00-\x1f']", " ", printable(name)).strip()[:27] or "table"
    title = next(t for t in (plain, *(f"{plain} {n}" for n in range(2, 1_000))) if t.lower() not in used)
    used.add(title.lower())
    return title


def _of_tables(tables: list[Table]) -> list[str]:
    titles = [f"{t.name}: {t.title}" for t in tables if t.title]
    return [*titles, *(note for t in tables for note in t.notes_in_bold())]


def _sheet(sheet: Any, table: Table, bold: Any) -> None:
    columns, rows = flat(table)
    kinds = [
        k for k in table.columns.values() for _ in range(2 if k in ("range", "interval", "points interval") else 1)
    ]
    names = [
        n for n, k in table.columns.items() for _ in range(2 if k in ("range", "interval", "points interval") else 1)
    ]
    for i, name in enumerate(columns, 1):
        _put(sheet.cell(1, i), name)
        sheet.cell(1, i).font = bold
    for n, row in enumerate(rows):
        for i, (value, kind) in enumerate(zip(row, kinds), 1):
            cell = sheet.cell(n + 2, i)
            _put(cell, value)
            if kind in FORMATS and not isinstance(value, str) and value is not None:
                cell.number_format = FORMATS[kind]
            if (n, names[i - 1]) in table.best:
                cell.font = bold
    sheet.freeze_panes = "A2"
    for i, name in enumerate(columns, 1):
        longest = max([len(name), *(len(str(row[i - 1])) for row in rows if isinstance(row[i - 1], str))])
        sheet.column_dimensions[sheet.cell(1, i).column_letter].width = min(60, max(9, longest + 2))


def _put(cell: Any, value: Value) -> None:
    """A value in a cell; a text is a text, whatever it begins with and whoever edits it later."""
    if not isinstance(value, str):
        cell.value = value
        return
    text = _ESCAPE.sub("_x005F_", printable(value))[:LONGEST]
    cell.value = text or None
    if text:
        cell.data_type = "s"
        cell.quotePrefix = text[:1] in ("=", "+", "-", "@")


def _notes(sheet: Any, notes: list[str], openpyxl: Any) -> None:
    sheet.column_dimensions["A"].width = 100
    for n, note in enumerate(notes, 1):
        _put(sheet.cell(n, 1), note)
        sheet.cell(n, 1).alignment = openpyxl.styles.Alignment(wrap_text=True, vertical="top")
