"""What commands print: tables or one JSON object on stdout, everything else on stderr."""

import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from igaku.errors import IgakuError, UnknownNameError

if TYPE_CHECKING:
    from igaku.tables import Report, Table


def emit(data: Any) -> None:
    """One JSON object on stdout."""
    json.dump(data, sys.stdout, ensure_ascii=False, indent=1)
    print()


def say(line: str) -> None:
    """A line for the user on stderr, without control characters of whatever it quotes."""
    print("".join(c if c.isprintable() else " " for c in line), file=sys.stderr)


def show_table(table: "Table") -> None:
    """A table on stdout; as wide as it needs where stdout is no terminal."""
    from rich.console import Console

    from igaku.tables import printable, rich_table

    console = Console(width=None if sys.stdout.isatty() else 200, highlight=False)
    console.print(rich_table(table))
    for note in table.notes:
        print(printable(note))


def known_format(format: str) -> None:
    """Refuse a format that does not exist, before anything is computed."""
    if format not in ("table", "json"):
        from igaku.tables import FORMATS

        if format not in FORMATS:
            raise UnknownNameError("--format", format, FORMATS)


def show(report: "Report", format: str = "table") -> None:
    """A report on stdout; as tables its notes go to stderr, so that stdout holds the results alone."""
    if format != "table":
        from igaku.tables import render

        print(render(report, format), end="")
        return
    for table in report.tables():
        show_table(table)
    for note in report.notes():
        say(note)


def show_rows(columns: Sequence[str], rows: Sequence[Sequence[Any]], as_json: bool, name: str) -> None:
    """Rows as a table, or as ``{name: [{column: value}]}``."""
    if as_json:
        emit({name: [dict(zip(columns, row)) for row in rows]})
        return
    from igaku.tables import text_table

    show_table(text_table(name, columns, rows))


def tell_errors(errors: Sequence[str], some: bool) -> None:
    """What could not be read, one line each; an error where nothing could, or where there was nothing to read."""
    for line in errors:
        say(line)
    if not some:
        nothing = "there is no file of a known format in what was given; check the paths"
        raise IgakuError(f"none of {len(errors)} files could be read" if errors else nothing)
