"""CSV as people have it: separated by commas, tabs or semicolons, with empty rows and trailing empty cells.

The separator is the one under which the first row holds most names of columns; Excel's own line ``sep=;`` says it.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from igaku.errors import IgakuError
from igaku.io.grid import BLANK, Grid, Score, cell
from igaku.io.limits import most_bytes
from igaku.io.read import read_lines

SEPARATORS = {",": "commas", "\t": "tabs", ";": "semicolons"}
_HEADER_LINES = 40
"""Lines in which the first row must end: its cells may hold line ends."""


def read_delimited(path: Path, score: Score) -> Grid:
    """The rows of a CSV file.

    Raises:
        IgakuError: as of ``igaku.io.read``; while its rows are read, a row that is no valid CSV.
    """
    csv.field_size_limit(most_bytes("JSON_MB"))
    first, stated = _beginning(path)
    separator = stated or max(SEPARATORS, key=lambda one: score(_first_row(first, one)))
    note = f"cells are separated by {SEPARATORS[separator]}" if separator != "," else ""
    return Grid(str(path), "line", _rows(path, separator, skip=bool(stated)), note=note)


def _beginning(path: Path) -> tuple[list[str], str]:
    """The first lines with something in them; and the separator that the first one states."""
    lines = (line for _, line in read_lines(path, ends=True) if line.strip(f"{BLANK},;"))
    first = list(islice(lines, _HEADER_LINES))
    stated = re.fullmatch(r'"?sep=([,;\t])"?\s*', first[0], re.IGNORECASE) if first else None
    return first, stated[1] if stated else ""


def _first_row(lines: Iterable[str], separator: str) -> list[str]:
    try:
        return next(csv.reader(lines, delimiter=separator, strict=True), [])
    except csv.Error:
        return []


def _rows(path: Path, separator: str, skip: bool) -> Iterator[tuple[int, list[str]]]:
    lines = (line for _, line in read_lines(path, ends=True))
    reader = csv.reader(lines, delimiter=separator, strict=True)
    try:
        while True:
            number = reader.line_num + 1
            row = [cell(text) for text in next(reader)]
            if any("\0" in text for text in row):
                raise IgakuError(f"{path}, line {number}: a cell holds a NUL character; the file is damaged")
            if skip and any(row):
                skip = False
            elif any(row):
                yield number, row
    except StopIteration:
        return
    except csv.Error as error:
        raise IgakuError(f"{path}, line {reader.line_num}: not valid CSV ({error})") from None
