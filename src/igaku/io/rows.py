"""Rows of JSON Lines and CSV files; an error names the file, the line, the field, and what to do."""

import ast
import csv
import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from igaku.errors import IgakuError


def read_jsonl(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (line number, object) of a JSON Lines file; blank lines are skipped."""
    for number, line in enumerate(read_text(path).split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise IgakuError(f"{path}, line {number}: not valid JSON ({error}); correct or remove the line") from None
        if not isinstance(row, dict):
            raise IgakuError(f"{path}, line {number}: expected one JSON object a line, found {type(row).__name__}")
        yield number, row


def read_csv(path: Path, header: list[str] | None = None) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield (line number, row) of a CSV file whose first line names the columns, or with ``header`` if none does."""
    reader = csv.DictReader(read_text(path).splitlines(keepends=True), fieldnames=header, strict=True)
    try:
        for row in reader:
            if None in row or None in row.values():
                n = len(reader.fieldnames or ())
                raise IgakuError(f"{path}, line {reader.line_num}: expected {n} columns; quote texts that hold commas")
            yield reader.line_num, row
    except csv.Error as error:
        raise IgakuError(f"{path}, line {reader.line_num}: not valid CSV ({error})") from None


def read_text(path: Path) -> str:
    """A text file in UTF-8, with or without a byte order mark."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise IgakuError(f"{path}, line {line}: not UTF-8; convert the file, e.g. iconv -f CP932 -t UTF-8") from None
    except OSError as error:
        raise IgakuError(f"{path}: cannot be read ({error.strerror}); check the path") from None


def need(row: Mapping[str, object], name: str, kind: type | tuple[type, ...], where: str) -> Any:
    """``row[name]`` checked for presence and type, or the one line that names file, line and field."""
    if name not in row:
        raise IgakuError(f"{where}: field {name!r} is missing (found: {', '.join(map(str, row))})")
    value = row[name]
    if not isinstance(value, kind):
        kinds = kind if isinstance(kind, tuple) else (kind,)
        wanted = " or ".join("text" if k is str else k.__name__ for k in kinds)
        raise IgakuError(f"{where}: field {name!r} must be {wanted}, found {type(value).__name__}")
    return value


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
