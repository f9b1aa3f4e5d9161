"""A table of texts as a person made it in a spreadsheet: rows of cells, before anybody knows what its columns mean."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

Score = Callable[[Sequence[str]], int]
"""How many of a row's cells are names of columns: what a header is known by."""


class Grid(NamedTuple):
    """Rows of cells, without blanks around their texts; rows without any text are left out."""

    where: str
    """The file, and the sheet where it has several: an error begins with it."""
    unit: str
    """What its rows are counted in: ``line``, ``row``."""
    rows: Iterator[tuple[int, list[str]]]
    faults: Mapping[tuple[int, int], str] = {}
    """(Number of the row, 0-based column) -> why its cell cannot be read; the cell itself is then empty."""
    note: str = ""
    """How it was read, where there was a choice."""
    pictures: bool = False
    """Whether pictures lie on it, which are not read."""


SPACES = "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
"""Every space of Unicode but the common one."""
BLANK = f" \t\r\n\v\f\x1c\x1d\x1e\x1f\x85\u2028\u2029{SPACES}\u200b\u200c\ufeff"
"""What may stand around a text without belonging to it: all that Python takes for space, and what has no width."""


def cell(text: str) -> str:
    """A cell's text without what stands around it."""
    return text.strip(BLANK)
