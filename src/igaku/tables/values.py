"""What a table is: rows of values under columns whose kind says how people read them."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, Protocol, TypeAlias

from msgspec import Struct, field

Kind = Literal["text", "count", "number", "share", "interval", "points", "points interval", "range", "p"]
"""``share``: 0 to 1, shown in percent; ``interval``: two shares; ``points``: a difference of shares, shown in points;
``range``: two whole numbers, such as the best and the worst rank."""
Value: TypeAlias = str | int | float | bool | tuple[float, float] | None


class Table(Struct, kw_only=True):
    """Rows under named columns."""

    name: str
    """For programs and files: lower case, no blanks."""
    columns: Mapping[str, Kind]
    rows: list[list[Value]]
    title: str = ""
    notes: list[str] = field(default_factory=list)
    best: list[tuple[int, str]] = field(default_factory=list)
    """(Row, column) of each cell that a test shows to be the best: bold, where a format has bold."""
    best_note: str = ""
    """What bold says, or why nothing is bold, for a format that has it; empty where nothing is tested."""
    asides: int = 0
    """How many of the last rows only compare, such as chance; they have no value in columns about asking."""

    def shown(self) -> list[list[str]]:
        """The rows as people read them."""
        kinds = list(self.columns.values())
        return [[show(v, k) for v, k in zip(row, kinds)] for row in self.rows]

    def is_best(self, row: int, column: int) -> bool:
        """Whether a cell is bold, by its position."""
        return (row, list(self.columns)[column]) in self.best

    def notes_in_bold(self) -> list[str]:
        """Its notes, and what bold says."""
        return [*self.notes, *([self.best_note] if self.best_note else [])]


class Report(Protocol):
    """What every study gives back."""

    def tables(self) -> list[Table]:
        """The results."""
        ...

    def notes(self) -> list[str]:
        """What a reader must know to read them right, a line each."""
        ...


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
