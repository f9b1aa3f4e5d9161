"""Tables as data, and the one place that prints them: terminal, Markdown, CSV, LaTeX, HTML.

A study's report is a struct with ``tables()`` and ``notes()``. Values stay what they are (a share is 0 to 1); a
column's kind says how people read them, so that a data frame and a CSV file hold numbers where a terminal shows ``42.2
%``.
"""

import csv
import html
import io
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

import msgspec
from msgspec import Struct, field

from igaku.errors import UnknownNameError, optional

if TYPE_CHECKING:
    import pandas

    from igaku.terminal import Lines

Kind = Literal["text", "count", "number", "share", "interval", "points", "points interval", "range", "p"]
"""``share``: 0 to 1, shown in percent; ``interval``: two shares; ``points``: a difference of shares, shown in points;
``range``: two whole numbers, such as the best and the worst rank."""
Value: TypeAlias = str | int | float | bool | tuple[float, float] | None
Format = Literal["table", "md", "csv", "json", "html", "latex"]
FORMATS: tuple[Format, ...] = ("table", "md", "csv", "json", "html", "latex")


class Table(Struct, kw_only=True):
    """Rows under named columns."""

    name: str
    """For programs and files: lower case, no blanks."""
    columns: Mapping[str, Kind]
    rows: list[list[Value]]
    title: str = ""
    notes: list[str] = field(default_factory=list)
    asides: int = 0
    """How many of the last rows only compare, such as chance; they have no value in columns about asking."""

    def shown(self) -> list[list[str]]:
        """The rows as people read them."""
        kinds = list(self.columns.values())
        return [[show(v, k) for v, k in zip(row, kinds)] for row in self.rows]


class Report(Protocol):
    """What every study gives back."""

    def tables(self) -> list[Table]:
        """The results."""
        ...

    def notes(self) -> list[str]:
        """What a reader must know to read them right, a line each."""
        ...


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


def render(report: Report, to: str = "table") -> str:
    """A report in one of the formats; ``json`` is the report's own data, not its tables."""
    if to == "json":
        return json.dumps(msgspec.to_builtins(report, enc_hook=str), ensure_ascii=False, indent=1) + "\n"
    writers = {"table": to_text, "md": to_markdown, "csv": to_csv, "html": to_html, "latex": to_latex}
    if to not in writers:
        raise UnknownNameError("format", to, FORMATS)
    return writers[to](report)


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


def to_csv(report: Report) -> str:
    """Numbers as they are, an interval in two columns; several tables each under a line with ``#`` and its name."""
    out, tables = io.StringIO(), report.tables()
    for one in tables:
        if len(tables) > 1:
            out.write(f"# {one.name}\n")
        columns, rows = flat(one)
        csv.writer(out, lineterminator="\n").writerows([columns, *([_cell(v) for v in row] for row in rows)])
    return out.getvalue()


def _cell(value: object) -> object:
    """Control characters go; a text that a spreadsheet would run as a formula gets an apostrophe before it."""
    if not isinstance(value, str):
        return value
    text = printable(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t") else text


def flat(table: Table) -> tuple[list[str], list[list[Value]]]:
    """Columns and rows with each interval as two numbers."""
    wide = [kind in ("range", "interval", "points interval") for kind in table.columns.values()]
    columns = [c for name, w in zip(table.columns, wide) for c in ((f"{name} low", f"{name} high") if w else (name,))]
    rows = [[x for v, w in zip(row, wide) for x in _parts(v, w)] for row in table.rows]
    return columns, rows


def _parts(value: Value, wide: bool) -> tuple[Value, ...]:
    if not wide:
        return (value,)
    return tuple(value) if isinstance(value, tuple | list) else (None, None)


def to_html(report: Report) -> str:
    """HTML tables, all text escaped."""
    notes = "".join(f"<p>{html.escape(printable(n))}</p>\n" for n in report.notes())
    return "".join(map(html_table, report.tables())) + notes


def html_table(table: Table) -> str:
    """One table in HTML."""
    styles = ["" if k == "text" else ' style="text-align:right"' for k in table.columns.values()]
    head = "".join(f"<th{s}>{html.escape(c)}</th>" for c, s in zip(table.columns, styles))
    rows = "".join(
        "<tr>" + "".join(f"<td{s}>{html.escape(printable(v))}</td>" for v, s in zip(row, styles)) + "</tr>\n"
        for row in table.shown()
    )
    caption = f"<caption>{html.escape(printable(table.title))}</caption>\n" if table.title else ""
    notes = "".join(f"<p>{html.escape(printable(n))}</p>\n" for n in table.notes)
    return f"<table>\n{caption}<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n{notes}"


def to_latex(report: Report) -> str:
    """LaTeX for ``booktabs``: one ``table`` a table, notes as comments after it."""
    notes = "".join(f"% {printable(n)}\n" for n in report.notes())
    return "\n".join(map(latex_table, report.tables())) + notes


def latex_table(table: Table) -> str:
    """One table in LaTeX."""
    align = "".join("l" if k == "text" else "r" for k in table.columns.values())
    rows = "".join(" & ".join(map(_latex, row)) + r" \\" + "\n" for row in table.shown())
    head = " & ".join(map(_latex, table.columns)) + r" \\"
    caption = f"\\caption{{{_latex(table.title)}}}\n" if table.title else ""
    notes = "".join(f"{_latex(n)}\n" for n in table.notes)
    return (
        f"\\begin{{table}}\n\\centering\n{caption}\\begin{{tabular}}{{{align}}}\n\\toprule\n{head}\n\\midrule\n"
        f"{rows}\\bottomrule\n\\end{{tabular}}\n{notes}\\end{{table}}\n"
    )


_LATEX = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "–": "--", "−": "$-$"}


def _latex(text: str) -> str:
    escaped = re.sub(r"([&%$#_{}])|([\\~^–−])", lambda m: f"\\{m[1]}" if m[1] else _LATEX[m[2]], printable(text))
    return escaped.replace("\n", " ")


def show(value: Value, kind: Kind = "text") -> str:
    """A value as people read it; nothing where there is none, a dash for a share without a denominator."""
    if kind == "share":
        return percent(value if isinstance(value, int | float) else None)
    if value is None or value == "":
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, tuple | list):
        low, high = value
        if kind == "range":
            return f"{low}" if low == high else f"{low}–{high}"
        points = f"{100 * low:+.1f} to {100 * high:+.1f}"
        return points if kind == "points interval" else interval((low, high))
    return _number(value, kind)


def _number(value: float, kind: Kind) -> str:
    if kind == "p":
        return p_value(value)
    if kind == "points":
        return f"{100 * value:+.1f}"
    if kind == "count" or (kind == "number" and isinstance(value, int)):
        return f"{value:,}"
    return f"{value:.3f}" if kind == "number" else str(value)


def printable(text: str) -> str:
    """Text without control characters, which a terminal would obey; blanks of any width stay."""
    return "".join(c if c.isprintable() or c in "\n\t" or unicodedata.category(c) == "Zs" else "�" for c in text)


def percent(share: float | None) -> str:
    """``0.4217`` as ``42.2 %``; a dash where there is nothing to divide by."""
    return "–" if share is None else f"{100 * share:.1f} %"


def interval(ci: tuple[float, float] | None) -> str:
    """An interval of shares in percent."""
    return "" if ci is None else f"{100 * ci[0]:.1f}–{100 * ci[1]:.1f}"


def p_value(p: float) -> str:
    """``0.0123`` as ``0.012``; below a thousandth only that."""
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def points(got: float, most: float) -> str:
    """Points got out of the most."""
    return f"{got:g}/{most:g}" if got == int(got) else f"{got:.1f}/{most:g}"


def text_table(name: str, columns: Sequence[str], rows: Iterable[Sequence[object]], title: str = "") -> Table:
    """A table of values that are text already.

    Raises:
        ValueError: two columns have one name.
    """
    if len(set(columns)) < len(columns):
        raise ValueError(f"columns need names of their own: {', '.join(columns)}")
    cells: list[list[Value]] = [["" if v is None else str(v) for v in row] for row in rows]
    return Table(name=name, columns=dict.fromkeys(columns, "text"), rows=cells, title=title)
