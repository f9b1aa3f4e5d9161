"""Tables as text: for a terminal, and Markdown."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from igaku.tables.values import Report, Table, printable

if TYPE_CHECKING:
    from igaku.terminal import Lines


def to_text(report: Report, width: int = 200) -> str:
    """Plain text without colours: each table, then the notes."""
    return "".join(text_of(t, width) for t in report.tables()) + "".join(f"{printable(n)}\n" for n in report.notes())


def text_of(table: Table, width: int = 200) -> str:
    """One table as plain text."""
    return str(laid_out(table, width)) + "".join(f"{printable(n)}\n" for n in table.notes)


def laid_out(table: Table, width: int) -> "Lines":
    """The lines of a terminal; control characters go, so that a model's or a file's words cannot style or break it."""
    from igaku.terminal import Column, lay_out

    rows = [[printable(v) for v in row] for row in table.shown()]
    columns = [
        Column(printable(name), [row[i] for row in rows], kind == "text")
        for i, (name, kind) in enumerate(table.columns.items())
    ]
    return lay_out(columns, width, printable(table.title), table.asides)


def to_markdown(report: Report) -> str:
    """Markdown tables; pipes are escaped, a title stands in bold above, notes below."""
    return "\n\n".join([*map(markdown_table, report.tables()), *map(printable, report.notes())]) + "\n"


def markdown_table(table: Table) -> str:
    """One table in Markdown."""
    head = [f"**{printable(table.title)}**", ""] if table.title else []
    rows = [list(table.columns), ["---" if k == "text" else "---:" for k in table.columns.values()], *table.shown()]
    return "\n".join([*head, *map(_markdown_row, rows), *(f"\n{printable(n)}" for n in table.notes)])


def _markdown_row(values: Iterable[str]) -> str:
    return "| " + " | ".join(printable(v).replace("|", "\\|").replace("\n", " ") for v in values) + " |"
