"""One report in any format: on the terminal, in a notebook, in a file."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec

from igaku.errors import IgakuError, UnknownNameError, optional
from igaku.io.files import write_bytes
from igaku.tables.latex import to_latex
from igaku.tables.numbers import flat, to_csv
from igaku.tables.page import to_html, to_page
from igaku.tables.text import to_markdown, to_text
from igaku.tables.values import Report
from igaku.tables.workbook import to_workbook

if TYPE_CHECKING:
    import pandas

Format = Literal["table", "md", "csv", "json", "html", "latex", "xlsx"]
FORMATS: tuple[Format, ...] = ("table", "md", "csv", "json", "html", "latex", "xlsx")
ENDINGS: dict[str, Format] = {
    ".txt": "table",
    ".md": "md",
    ".csv": "csv",
    ".json": "json",
    ".html": "html",
    ".htm": "html",
    ".tex": "latex",
    ".xlsx": "xlsx",
}
"""How the name of a file ends -> the format that it holds."""


class View:
    """What every report can do in a prompt or a notebook, from its ``tables()`` and ``notes()`` alone."""

    __slots__ = ()

    def __repr__(self: Report) -> str:
        return to_text(self)

    def _repr_html_(self: Report) -> str:
        return to_html(self)

    def to_dataframe(self: Report, table: str = "") -> "pandas.DataFrame":
        """One table (the first, if not named) as a pandas data frame of numbers, an interval as two columns.

        Raises:
            IgakuError: pandas is not installed, or there is no such table.
        """
        tables = {t.name: t for t in self.tables()}
        if table and table not in tables:
            raise UnknownNameError("table", table, tables)
        columns, rows = flat(tables[table] if table else self.tables()[0])
        frame: pandas.DataFrame = optional("pandas", "ecg").DataFrame(rows, columns=columns)
        return frame


def known_format(name: str) -> None:
    """Refuse a format that does not exist, before anything is computed.

    Raises:
        UnknownNameError: there is none, with near matches.
    """
    if name not in FORMATS:
        raise UnknownNameError("--format", name, FORMATS)


def format_of(path: Path) -> Format:
    """The format that a file's name ends in.

    Raises:
        IgakuError: its ending says none.
    """
    if found := ENDINGS.get(path.suffix.lower()):
        return found
    raise IgakuError(f"{path}: which format? give --format, or a name that ends in {', '.join(ENDINGS)}")


def render(report: Report, to: str = "table") -> str:
    """A report in one of the formats that are text; ``json`` is the report's own data, not its tables.

    Raises:
        IgakuError: an unknown format, or a workbook, which is a file (``save``).
    """
    if to == "json":
        return json.dumps(msgspec.to_builtins(report, enc_hook=str), ensure_ascii=False, indent=1) + "\n"
    if to == "xlsx":
        raise IgakuError("a workbook is a file and no text: --out FILE.xlsx (in Python: igaku.save_report)")
    writers: dict[str, Callable[[Report], str]] = {
        "table": to_text,
        "md": to_markdown,
        "csv": to_csv,
        "html": to_page,
        "latex": to_latex,
    }
    if to not in writers:
        raise UnknownNameError("format", to, FORMATS)
    return writers[to](report)


def save(report: Report, path: str | Path, to: str = "") -> Path:
    """Write a report to a file.

    Args:
        report: any study's report.
        path: the file; an earlier one is replaced whole.
        to: the format; by the file's ending if empty.

    Raises:
        IgakuError: no such format, it cannot be written, or openpyxl is not installed.
    """
    path = Path(path)
    to = to or format_of(path)
    data = to_workbook(report) if to == "xlsx" else render(report, to).encode("utf-8", "replace")
    return write_bytes(path, data)
