"""What a cell of a workbook shows, or why igaku does not take it for a text."""

import re
from datetime import date, time, timedelta
from typing import Any

AS_TEXT = "format the column as text and write it again"
_SECTION = re.compile(r"_.|\\ |\[(?:Red|Black|Blue|Color\d+)\]", re.IGNORECASE)
"""Parts of a number's format that show nothing: room of a character's width, colours."""
_PLAIN = re.compile(r"(#,##)?(0+)(\.0+)?(%)?")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


class Unclear(ValueError):
    """Why a cell is not read; the end of a sentence that begins with its name."""


def shown(cell: Any, source: Any) -> str:
    """A cell's text as Excel shows it.

    Args:
        cell: openpyxl's cell with its stored value.
        source: the same cell with its formula, where it has one.

    Raises:
        Unclear: a formula without a stored value, an error, a date (which Excel makes of ``1-3``), a number in a format
            that changes what it says.
    """
    value = cell.value
    if value is None and source.data_type == "f":
        raise Unclear("is a formula without a value: open the file in Excel and save it, or paste its values")
    if cell.data_type == "e":
        raise Unclear(f"holds the error {str(value)[:20]}; correct it")
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, date | time | timedelta):
        raise Unclear(f"is a date or time ({value}), which Excel makes of 1-3 or 1/3; {AS_TEXT}")
    if isinstance(value, int | float):
        return _number(value, str(cell.number_format or "General"))
    return _ESCAPED.sub(_character, str(value if value is not None else ""))


def _character(found: re.Match[str]) -> str:
    """``_x000D_``, as Excel writes what XML does not hold; half a character stays as it is written."""
    code = int(found[1], 16)
    return found[0] if 0xD800 <= code < 0xE000 else chr(code)


def _number(value: float, form: str) -> str:
    sections = [_SECTION.sub("", part) for part in form.split(";")]
    if value < 0 and len(sections) > 1 and sections[1].lstrip("-") != sections[0]:
        raise Unclear(f"shows a number in the format {form[:40]!r}; {AS_TEXT}")
    if sections[0] in ("General", "@", ""):
        return f"{value:.15g}" if isinstance(value, float) else str(value)
    if (plain := _PLAIN.fullmatch(sections[0])) is None:
        raise Unclear(f"shows a number in the format {form[:40]!r}; {AS_TEXT}")
    decimals = len(plain[3] or ".") - 1
    whole = len(plain[2]) + (decimals + 1 if decimals else 0)
    shown = value * 100 if plain[4] else value
    return f"{shown:0{whole}{',' if plain[1] else ''}.{decimals}f}" + (plain[4] or "")
