"""What commands print: tables or one JSON object on stdout, everything else on stderr."""

import json
import os
import shutil
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TextIO

from igaku.cli.glossary import explained
from igaku.cli.language import language
from igaku.errors import IgakuError, optional

if TYPE_CHECKING:
    from pathlib import Path

    from igaku.tables import Report, Table
    from igaku.terminal import Lines


def emit(data: Any) -> None:
    """One JSON object on stdout."""
    json.dump(data, sys.stdout, ensure_ascii=False, indent=1)
    print()


def say(line: str) -> None:
    """A line for the user on stderr, in the language of the user, without control characters of what it quotes."""
    clean = in_language("".join(c if c.isprintable() else " " for c in line))
    for part in _wrapped(clean, sys.stderr):
        print(part, file=sys.stderr)


def in_language(line: str) -> str:
    """A line of igaku's in the language of the user."""
    if language() == "en":
        return line
    from igaku.cli import japanese

    return japanese.line(line)


def show_table(table: "Table") -> None:
    """A table on stdout, within the terminal's width; 200 columns wide where stdout is no terminal.

    One without rows is a line that says so.
    """
    from rich.console import Console

    from igaku.tables import printable

    if not table.rows:
        say(f"{table.title or table.name}: nothing to list here")
        return
    lines = _lines(table)
    console = Console(highlight=False, markup=False, emoji=False)
    for part, style in ((["", *lines.caption], ""), (lines.head, "bold"), (lines.body, "")):
        for line in part:
            console.print(line.rstrip(), style=style, no_wrap=True, overflow="ignore", crop=False)
    for note in table.notes:
        print(*_wrapped(in_language(printable(note)), sys.stdout), sep="\n")


def _lines(table: "Table") -> "Lines":
    width = columns_of(sys.stdout)
    if language() == "en":
        from igaku.tables import laid_out

        return laid_out(table, width)
    from igaku.cli import japanese

    return japanese.laid_out(table, width)


def _wrapped(text: str, stream: TextIO) -> list[str]:
    """Where a line is for a terminal, it breaks between words; files and pipes get it whole."""
    if not stream.isatty():
        return [text]
    from igaku.terminal import wrapped

    return wrapped(text, columns_of(stream))


def columns_of(stream: TextIO) -> int:
    """How wide what is printed may be: the terminal, or COLUMNS, or 200."""
    if stream.isatty() or os.environ.get("COLUMNS", "").isdecimal():
        return shutil.get_terminal_size().columns
    return 200


def checked_format(format: str, as_json: bool = False, file: "Path | None" = None) -> str:
    """The format that is wanted; what does not exist or cannot be printed is refused before anything is computed."""
    if as_json or not (format or file):
        return "json" if as_json else "table"
    from igaku.tables import format_of, known_format

    if file and not format:
        format = format_of(file)
    known_format(format)
    if format == "xlsx" and file is None and (sys.stdout.isatty() or not hasattr(sys.stdout, "buffer")):
        raise IgakuError("--format xlsx: a workbook is no text for a terminal; add --out FILE.xlsx (or --save)")
    if format == "xlsx":
        optional("openpyxl", "xlsx")
    return format


def show(report: "Report", format: str = "table", file: "Path | None" = None) -> None:
    """A report on stdout or in a file; as tables its notes go to stderr, so that stdout holds the results alone."""
    if format != "table" or file is not None:
        from igaku.tables import render, save, to_workbook

        if file is not None:
            say(f"written: {save(report, file, format)}")
        elif format == "xlsx":
            sys.stdout.buffer.write(to_workbook(report))
        else:
            print(render(report, format), end="")
        return
    tables, notes = report.tables(), report.notes()
    for table in tables:
        show_table(table)
    for note in [*notes, *explained(tables, notes)]:
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
