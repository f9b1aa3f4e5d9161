"""Tables as numbers that programs read: CSV, and the columns of a data frame or a workbook."""

import csv
import io

from igaku.tables.values import Report, Table, Value, printable


def to_csv(report: Report) -> str:
    """Numbers as they are, an interval in two columns; several tables each under a line with ``#`` and its name."""
    out, tables = io.StringIO(), report.tables()
    for one in tables:
        if len(tables) > 1:
            out.write(f"# {one.name}\n")
        columns, rows = flat(one)
        csv.writer(out, lineterminator="\n").writerows([columns, *([_cell(v) for v in row] for row in rows)])
    return out.getvalue()


def _cell(value: object) -> object:
    """Control characters go; a text that a spreadsheet would run as a formula gets an apostrophe before it."""
    if not isinstance(value, str):
        return value
    text = printable(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t") else text


def flat(table: Table) -> tuple[list[str], list[list[Value]]]:
    """Columns and rows with each interval as two numbers."""
    wide = [kind in ("range", "interval", "points interval") for kind in table.columns.values()]
    columns = [c for name, w in zip(table.columns, wide) for c in ((f"{name} low", f"{name} high") if w else (name,))]
    rows = [[x for v, w in zip(row, wide) for x in _parts(v, w)] for row in table.rows]
    return columns, rows


def _parts(value: Value, wide: bool) -> tuple[Value, ...]:
    if not wide:
        return (value,)
    return tuple(value) if isinstance(value, tuple | list) else (None, None)
