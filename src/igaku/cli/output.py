"""What commands print: tables or one JSON object on stdout, everything else on stderr."""

import json
import sys
from collections.abc import Sequence
from typing import Any

from igaku.errors import IgakuError


def emit(data: Any) -> None:
    """One JSON object on stdout."""
    json.dump(data, sys.stdout, ensure_ascii=False, indent=1)
    print()


def say(line: str) -> None:
    """A line for the user on stderr, without control characters of whatever it quotes."""
    print("".join(c if c.isprintable() else " " for c in line), file=sys.stderr)


def show_table(made: Any) -> None:
    """A rich table on stdout; as wide as it needs where stdout is no terminal."""
    from rich.console import Console

    wide = None if sys.stdout.isatty() else 200
    Console(width=wide, highlight=False).print(made)


def show_rows(columns: Sequence[str], rows: Sequence[Sequence[Any]], as_json: bool, name: str) -> None:
    """Rows as a table, or as ``{name: [{column: value}]}``."""
    if as_json:
        emit({name: [dict(zip(columns, row)) for row in rows]})
        return
    from igaku.report.table import table

    show_table(table("", columns, [["" if v is None else v for v in row] for row in rows]))


def tell_errors(errors: Sequence[str], some: bool) -> None:
    """What could not be read, one line each; an error where nothing could."""
    for line in errors:
        say(line)
    if errors and not some:
        raise IgakuError(f"none of {len(errors)} files could be read")
