"""A table of own questions (CSV, Excel) as rows of the schema in ``igaku.benchmarks.own``."""

import re
from collections.abc import Iterator
from itertools import chain, islice
from typing import Any

from igaku.benchmarks.key_files import VOIDS
from igaku.benchmarks.own_columns import KANA, Columns, header_score
from igaku.errors import IgakuError
from igaku.io.grid import Grid
from igaku.keys import LETTERS
from igaku.keys.written import plain

YES = ("1", "true", "yes", "あり", "有", "有り", "○", "〇", "要")
NO = ("0", "false", "no", "なし", "無", "無し", "×", "不要")
LANGUAGES = {"日本語": "ja", "英語": "en", "中国語": "zh", "japanese": "ja", "english": "en", "chinese": "zh"}
PICTURE = re.compile(r"\.(png|jpe?g|webp|gif)\b", re.IGNORECASE)
_LISTED = re.compile(r"\s*[|;、\n]\s*")
_COMMAS = re.compile(r"\s*,\s*(?=\S)")
_ALTERNATIVES = re.compile(r"\s*(?:[|/]|\bor\b|または|又は|もしくは)\s*")
_LOOK = 30
"""Rows at the beginning of which one may be the header."""

Row = dict[str, Any]


def read_table(grid: Grid) -> Iterator[tuple[int, Row]]:
    """Yield (number, fields) of each question; the first row names the columns.

    Raises:
        IgakuError: no such row, a column that is not known, a row that does not fit; with file, line and what to do.
    """
    number, header, rows = _header(grid)
    columns = Columns(_without_trailing(header), f"{grid.where}, {grid.unit} {number}")
    for name, usual in {"id": "ID, 番号", "stem": "stem, 問題文"}.items():
        if name not in columns.fields.values():
            raise IgakuError(f"{grid.where}, {grid.unit} {number}: no column for field {name!r} ({usual})")
    if grid.pictures and not {"images", "image"} & set(columns.fields.values()):
        raise IgakuError(
            f"{grid.where}: pictures lie on the sheet, which are not read: save them as files and name these in a "
            "column 'images' (left empty where the pictures are no part of a question)"
        )
    for number, cells in rows:
        yield number, _row(cells, columns, number, f"{grid.where}, {grid.unit} {number}", grid)


def _header(grid: Grid) -> tuple[int, list[str], Iterator[tuple[int, list[str]]]]:
    """The row that names the columns, and the rows below."""
    head = list(islice(grid.rows, _LOOK))
    if not head:
        raise IgakuError(f"{grid.where}: no questions in it")
    (number, first), *_ = head
    if not header_score(first) and (better := next((n for n, row in head[1:] if header_score(row) > 1), 0)):
        raise IgakuError(
            f"{grid.where}, {grid.unit} {number}: no names of columns; {grid.unit} {better} has some: remove what "
            "stands above it"
        )
    if len(_without_trailing(first)) == 1 and grid.unit == "line":
        raise IgakuError(
            f"{grid.where}, line {number}: one column only ({first[0][:60]!r}); separate cells by commas, tabs or ';'"
        )
    return number, first, chain(head[1:], grid.rows)


def _without_trailing(cells: list[str]) -> list[str]:
    filled = [i for i, text in enumerate(cells) if text]
    return cells[: filled[-1] + 1] if filled else []


def _row(cells: list[str], columns: Columns, number: int, where: str, grid: Grid) -> Row:
    used = [*columns.fields, *columns.choices]
    if fault := next((why for i in used if (why := grid.faults.get((number, i), ""))), ""):
        raise IgakuError(f"{where}: {fault}")
    named = range(columns.width)
    if stray := next((i for i, text in enumerate(cells) if text and (i in columns.nameless or i not in named)), None):
        raise IgakuError(
            f"{where}: {cells[stray][:40]!r} stands in column {stray + 1}, which has no name: quote texts that hold "
            "commas, or name it (a column of notes begins with # or _)"
        )
    if grid.unit == "line" and len(cells) < columns.width:
        raise IgakuError(
            f"{where}: expected {columns.width} columns, found {len(cells)}; quote texts that hold commas or line ends"
        )
    row: Row = {name: cells[i] for i, name in columns.fields.items() if i < len(cells) and cells[i]}
    choices = {at: cells[i] for i, at in columns.choices.items() if i < len(cells)}
    last = max((at for at, text in choices.items() if text), default=-1)
    if last >= 0:
        row["choices"] = [choices.get(at, "") for at in range(last + 1)]
    _translate(row, columns.kana)
    return row


def _translate(row: Row, kana: bool) -> None:
    """Cells as the schema has them; what cannot be read stays as it is, for the schema to refuse."""
    if row.get("answer") in VOIDS:
        row.setdefault("void", row.pop("answer"))
    for name in ("answer", "accepted", "prohibited"):
        if name in row:
            row[name] = _key(row[name], kana, "choices" in row)
    if "accepted" in row:
        row["accepted"] = [part for part in _ALTERNATIVES.split(row["accepted"]) if part]
    _pictures(row)
    if "harmful" in row:
        row["harmful"] = _bool(row["harmful"])
    for name in ("points", "human_accuracy"):
        if name in row:
            row[name] = _number(row[name])
    if "lang" in row:
        row["lang"] = LANGUAGES.get(plain(row["lang"]), plain(row["lang"]))
    if "void" in row:
        row["void"] = VOIDS.get(row["void"], row["void"])


def _key(text: str, kana: bool, choices: bool) -> str:
    """イ as ``b``, where the choices' columns are named so; a number in plain digits."""
    wide = plain(text)
    if kana and any(c in KANA for c in wide) and not re.search(rf"[^{KANA}\s,、・;|/]", wide):
        return "".join(LETTERS[KANA.index(c)] if c in KANA else c for c in wide)
    return text if choices else wide


def _pictures(row: Row) -> None:
    """``images`` as a list; names of files under ``image`` are pictures too."""
    given = row.get("image", "")
    if given and PICTURE.search(given) and "images" not in row:
        row["images"] = row.pop("image")
    elif given:
        row["image"] = _bool(given)
    if "images" in row:
        names = [part for part in _LISTED.split(row["images"]) if part]
        several = (_COMMAS.split(name) if len(PICTURE.findall(name)) > 1 else [name] for name in names)
        row["images"] = [name for found in several for name in found]


def _bool(text: str) -> bool | str:
    return True if plain(text) in YES else False if plain(text) in NO else text


def _number(text: str) -> float | str:
    """``0.85`` and ``85 %``, in digits of any width."""
    share = plain(text).removesuffix("%").strip()
    try:
        return float(share) / (100 if plain(text).endswith("%") else 1)
    except ValueError:
        return text
