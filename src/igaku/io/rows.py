"""Rows of JSON Lines and CSV files; an error names the file, the line, the field, and what to do."""

import ast
import csv
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from igaku.errors import IgakuError
from igaku.io.json_values import Half, parse_json
from igaku.io.limits import most_bytes
from igaku.io.read import read_lines


def read_jsonl(path: Path, half: Half = "refuse") -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (line number, object) of a JSON Lines file; blank lines are skipped.

    Args:
        half: what becomes of half a character (``igaku.io.json_values.read_json``).

    Raises:
        IgakuError: a line is no JSON object; as of ``igaku.io.read`` and ``igaku.io.json_values``.
    """
    for number, line in read_lines(path):
        if not line.strip():
            continue
        where = f"{path}, line {number}"
        row = parse_json(line, where, half=half)
        if not isinstance(row, dict):
            raise IgakuError(f"{where}: expected one JSON object a line, found {type(row).__name__}")
        yield number, row


def read_csv(path: Path, header: list[str] | None = None) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield (line number, row) of a CSV file whose first line names the columns, or with ``header`` if none does.

    Raises:
        IgakuError: a row with other columns, a column that is there twice, a NUL character; as of ``igaku.io.read``.
    """
    csv.field_size_limit(most_bytes("JSON_MB"))
    reader = csv.DictReader((line for _, line in read_lines(path, ends=True)), fieldnames=header, strict=True)
    try:
        columns = list(reader.fieldnames or ())
        if twice := [c for c, n in Counter(columns).items() if n > 1 and c.strip()]:
            raise IgakuError(f"{path}, line 1: column {twice[0]!r} is there twice; rename or remove one")
        for row in reader:
            if None in row or None in row.values():
                raise IgakuError(
                    f"{path}, line {reader.line_num}: expected {len(columns)} columns; quote texts that hold commas"
                )
            if torn := [c for c in columns if "\0" in row[c]]:
                raise IgakuError(
                    f"{path}, line {reader.line_num}: field {torn[0]!r} holds a NUL character; it is damaged"
                )
            yield reader.line_num, row
    except csv.Error as error:
        raise IgakuError(f"{path}, line {reader.line_num}: not valid CSV ({error})") from None


def need(row: Mapping[str, object], name: str, kind: type | tuple[type, ...], where: str) -> Any:
    """``row[name]`` checked for presence and type, or the one line that names file, line and field."""
    if name not in row:
        raise IgakuError(f"{where}: field {name!r} is missing (found: {names(row)})")
    value = row[name]
    if not isinstance(value, kind):
        kinds = kind if isinstance(kind, tuple) else (kind,)
        wanted = " or ".join("text" if k is str else k.__name__ for k in kinds)
        raise IgakuError(f"{where}: field {name!r} must be {wanted}, found {type(value).__name__}")
    return value


def names(row: Iterable[object]) -> str:
    """The first names of a row's fields, for an error."""
    found = [str(name)[:40] for name in islice(row, 21)]
    return ", ".join(found[:20]) + (" …" if len(found) > 20 else "")


def is_number(text: str) -> bool:
    """Whether a text is a finite number."""
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def literal_list(text: str) -> set[str]:
    """A text that is only a Python list of literals, as a set of texts; empty otherwise. Nothing is evaluated."""
    try:
        value = ast.literal_eval(text.strip()) if len(text) < 20_000 else []
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return set()
    return {str(v) for v in value} if isinstance(value, list) else set()
