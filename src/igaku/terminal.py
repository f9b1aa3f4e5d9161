"""A table as lines of a terminal: one line a row where that can be, and no number ever broken.

What does not fit is made smaller in this order: columns without a value go; columns with one value stand once in the
caption; heads and words wrap at blanks, hyphens and underscores; counts that few rows have share a column; at last
each row becomes a block of its own.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import product, takewhile
from typing import NamedTuple

from rich.cells import cell_len

NARROW = 60
"""Below this many columns every row is a block."""
GAPS = (3, 2)
"""Blanks between columns; the smaller one where the larger does not fit."""
LONGEST = 20
"""A word up to this long is not broken inside a table; its column is not squeezed further."""
HALF = 8
"""Terminal cells, from which on a Japanese head may stand on two lines."""
_WIDE = "⺀-\u301b\u301d-鿿＀-￯"
"""Characters of Japanese and Chinese, without the wave dash of an interval."""
_ENDS = re.compile(
    rf"(?<=\s)(?=\S)|(?<=[^\W_][-/_])(?=[^\W\d_])|(?<=[{_WIDE}])(?=[^\s、。，．・）」】])|(?=[{_WIDE}])(?!・)(?<=[^\s（「【])"
)
"""Where a line may end: after a blank, after the hyphen of a word (never that of a number), between characters of
Japanese or Chinese, but not before their closing or after their opening marks."""


class Column(NamedTuple):
    """One column as people read it."""

    head: str
    cells: Sequence[str]
    left: bool
    """Text stands left, numbers right."""

    @property
    def wordy(self) -> bool:
        """Whether it holds words, which may wrap; ``17/96`` is text without a word in it."""
        return self.left and any(c.isalpha() for cell in self.cells for c in cell)

    def width(self, least: bool, whole: bool = True) -> int:
        """In terminal cells: without any wrapping, or the least, with words that stay whole lines or may wrap."""
        body = max(map(_width, self.cells), default=0)
        if not least:
            return max(_width(self.head), body)
        if self.wordy and not whole:
            words = [cell_len(word.rstrip()) for cell in self.cells for word in _ENDS.split(cell)]
            body = min(max(words), LONGEST)
        return max([body, *map(_least, self.head.split())])


def _least(word: str) -> int:
    """How narrow a word of a head may be: words of Japanese or Chinese may stand on two lines."""
    width = cell_len(word)
    return max(HALF, -(-width // 2)) if width > HALF and re.search(f"[{_WIDE}]", word) else width


class Lines(NamedTuple):
    """What is printed: caption, head and body, each line within the width where that is possible at all."""

    caption: list[str]
    head: list[str]
    body: list[str]

    def __str__(self) -> str:
        return "".join(f"{line.rstrip()}\n" for part in self for line in part)


def lay_out(columns: Sequence[Column], width: int, title: str = "", asides: int = 0) -> Lines:
    """A table's lines.

    Args:
        width: terminal cells (a Japanese character takes two).
        asides: how many of the last rows only compare, such as chance; a value they lack does not keep a column.
    """
    caption = [title] if title else []
    full = [c.width(least=False) for c in columns]
    if width >= NARROW and sum(full) + GAPS[0] * (len(full) - 1) <= width:
        return _grid(columns, full, GAPS[0], caption)
    columns, once = _without_constants(columns, asides)
    caption = list(_joined([*caption, *once], width))
    shapes = [(columns, gap) for gap in GAPS] + [(_with_one_tail(columns, asides), GAPS[-1])]
    tries = [*product((True,), shapes), *product((False,), reversed(shapes))] if width >= NARROW else []
    for whole, (some, gap) in tries:
        room = width - gap * (len(some) - 1)
        if sum(c.width(least=True, whole=whole) for c in some) <= room:
            return _grid(some, _widths(some, room, whole), gap, caption)
    return Lines(caption, [], list(_blocks(columns, width)))


def wrapped(text: str, width: int) -> list[str]:
    """Text in lines of at most ``width`` terminal cells, broken where words end, inside a word only if it must be."""
    lines = []
    for paragraph in text.split("\n"):
        line = ""
        for atom in _ENDS.split(paragraph):
            if line and cell_len(line) + cell_len(atom.rstrip()) > width:
                lines.append(line.rstrip())
                line, atom = "", atom.lstrip()
            while cell_len(atom) > width > 1:
                cut = _fitting(atom, width)
                lines.append(atom[:cut])
                atom = atom[cut:]
            line += atom
        lines.append(line.rstrip())
    return lines


def _fitting(text: str, width: int) -> int:
    """How many characters fit, one at least."""
    used = 0
    for i, character in enumerate(text):
        used += cell_len(character)
        if used > width:
            return max(i, 1)
    return len(text)


def _width(text: str) -> int:
    return max((cell_len(line) for line in text.split("\n")), default=0)


def _without_constants(columns: Sequence[Column], asides: int) -> tuple[list[Column], list[str]]:
    """The columns that tell rows apart or hold a result, and the others' values, each with its head."""
    filled = [c for c in columns if any(c.cells)] or list(columns)
    last = max((i for i, c in enumerate(filled) if c.wordy), default=-1)
    retained: list[Column] = []
    once: list[str] = []
    for i, column in enumerate(filled):
        names = i < last and (column.wordy or len(column.cells) > 1)
        value = _only_value(column, retained, asides) if names or (i == last and len(column.cells) > 1) else ""
        if value:
            once.append(f"{column.head} {value}")
        else:
            retained.append(column)
    return retained or filled, once


def _only_value(column: Column, before: Sequence[Column], asides: int) -> str:
    """What all of a column says; of names that only repeat another column at their end, ``standard_{lang}``."""
    cells = column.cells[: len(column.cells) - asides]
    stems = [(set(cells), "")]
    for other in before:
        ends = [f"_{value}" for value in other.cells]
        if all(cell.endswith(end) for cell, end in zip(cells, ends)):
            stems.append(({cell.removesuffix(end) for cell, end in zip(cells, ends)}, f"_{{{other.head}}}"))
    odd = {c for c in column.cells[len(cells) :] if c} - set(cells)
    return next(
        (f"{stem.copy().pop()}{end}" for stem, end in stems if len(stem) == 1 and "" not in stem and not odd), ""
    )


def _with_one_tail(columns: Sequence[Column], asides: int) -> list[Column]:
    """Counts at the end that some rows lack, such as kinds of failure, in one column: ``8 truncated, 1 refused``."""
    at = len(columns)
    while at > 1 and not columns[at - 1].left and "" in columns[at - 1].cells[: len(columns[0].cells) - asides]:
        at -= 1
    tail = columns[at:]
    if len(tail) < 2:
        return list(columns)
    rows = zip(*(c.cells for c in tail))
    cells = [", ".join(f"{cell} {c.head}" for cell, c in zip(row, tail) if cell) for row in rows]
    return [*columns[:at], Column("", cells, left=True)]


def _widths(columns: Sequence[Column], room: int, whole: bool) -> list[int]:
    """Each column's width: the widest are wrapped first."""
    widths = [c.width(least=False) for c in columns]
    floors = [c.width(least=True, whole=whole) for c in columns]
    while sum(widths) > room:
        at = max((i for i in range(len(widths)) if widths[i] > floors[i]), key=lambda i: widths[i])
        widths[at] -= 1
    return widths


def _grid(columns: Sequence[Column], widths: Sequence[int], gap: int, caption: list[str]) -> Lines:
    def row(cells: Sequence[str]) -> list[str]:
        parts = [wrapped(cell, w) if _width(cell) > w else cell.split("\n") for cell, w in zip(cells, widths)]
        return [
            (" " * gap).join(
                _padded(part[k] if k < len(part) else "", w, c.left) for part, w, c in zip(parts, widths, columns)
            )
            for k in range(max(map(len, parts), default=0))
        ]

    head = _bottom([_even(c.head, w) for c, w in zip(columns, widths)])
    lines = [line for cells in head for line in row(cells)]
    rule = "─" * (sum(widths) + gap * (len(widths) - 1))
    body = [line for cells in zip(*(c.cells for c in columns)) for line in row(cells)]
    return Lines(caption, [*lines, rule], body)


def _even(head: str, width: int) -> list[str]:
    """A head in as few lines as its width asks for, none of them with one character left over; words of Japanese are
    mostly of two characters."""
    lines = wrapped(head, width)
    if len(lines) == 1:
        return lines
    tries = (wrapped(head, w) for w in range(-(-cell_len(head) // len(lines)), width + 1))
    found = [one for one in tries if len(one) == len(lines)]
    return next((one for one in found if len(one[-1]) % 2 == 0), found[0])


def _bottom(heads: Sequence[Sequence[str]]) -> list[list[str]]:
    """Heads of several lines, which end on one line."""
    most = max(map(len, heads), default=0)
    return [[h[k - most] if most - k <= len(h) else "" for h in heads] for k in range(most)]


def _padded(text: str, width: int, left: bool) -> str:
    blank = " " * (width - cell_len(text))
    return text + blank if left else blank + text


def _blocks(columns: Sequence[Column], width: int) -> Iterator[str]:
    words = list(takewhile(lambda c: c.wordy, columns[:2]))
    for k in range(len(columns[0].cells) if columns else 0):
        name = "  ".join(c.cells[k] for c in words if c.cells[k])
        facts = [f"{c.head} {c.cells[k]}" for c in columns if c not in words and c.cells[k]]
        if k:
            yield ""
        yield from wrapped(name, width) if name else []
        yield from (f"  {line}" for line in _joined(facts, width - 2))


def _joined(facts: Sequence[str], width: int) -> Iterator[str]:
    """Facts one after the other, a new line only between two of them."""
    line = ""
    for fact in facts:
        more = f"{line} · {fact}" if line else fact
        if line and cell_len(more) > width:
            yield from wrapped(line, width)
            more = fact
        line = more
    yield from wrapped(line, width) if line else []
