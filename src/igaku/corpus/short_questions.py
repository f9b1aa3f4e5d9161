"""Questions too short for runs of their own: found where a text holds the stem and every choice whole.

A stem of a few characters (「充血是指」) is in many texts; so all parts must stand close together there. Numbers may be
others, where the question says enough without them.
"""

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from igaku.corpus.runs import NARROW, WIDE, runs_of, width_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Codes = NDArray[np.uint64]

TINY = {WIDE: 4, NARROW: 6}
"""Characters that a stem must have at least, where a run has 8 or 12."""
LETTERS = 12
"""Characters of stem and choices together from which a question is looked for."""
AROUND = 100
"""Characters around a tiny stem, beside twice the question's own length, within which its choices must be."""


_DIGITS = re.compile(r"\d+")


class SoughtWhole(NamedTuple):
    """A question's number, and its stem and choices without blanks and marks."""

    number: int
    parts: list[str]

    def without_digits(self) -> "SoughtWhole | None":
        """What is sought whatever its numbers; None where it has none, or where its choices differ in nothing else."""
        stem, *choices = (_DIGITS.sub("", p) for p in self.parts)
        says = [c for c in choices if len(c) > 1]
        if [stem, *choices] == self.parts or len(set(says)) < min(2, len(choices)):
            return None
        return SoughtWhole(self.number, [stem, *says])


class ShortQuestions:
    """Finds them whole; ``unsearchable`` are those that say too little.

    Args:
        questions: to be found as they are.
        renumbered: to be found with other numbers.
    """

    def __init__(self, questions: Iterable[SoughtWhole], renumbered: Iterable[SoughtWhole]) -> None:
        self._as_they_are = _ByStem(questions)
        self._renumbered = _ByStem(q for q in (r.without_digits() for r in renumbered) if q)
        self.unsearchable = self._as_they_are.unsearchable

    def find(self, plain: str, whole: "Codes") -> set[int]:
        """Numbers of the questions that a text holds whole.

        Args:
            whole: the text's runs of 8 and of 12 characters.
        """
        import numpy as np

        left = _DIGITS.sub("", plain)
        left_whole = whole if left == plain else np.concatenate([runs_of(left, w) for w in (WIDE, NARROW)])
        return {*self._as_they_are.find(plain, whole), *self._renumbered.find(left, left_whole)}


class _ByStem:
    """Finds them by the first characters of their stems."""

    def __init__(self, questions: Iterable[SoughtWhole]) -> None:
        import numpy as np

        by: dict[int, list[tuple[int, SoughtWhole]]] = {}
        self.unsearchable: list[int] = []
        for q in questions:
            if width := _width(q.parts):
                by.setdefault(width, []).append((int(runs_of(q.parts[0][:width], width)[0]), q))
            else:
                self.unsearchable.append(q.number)
        self._keys: dict[int, Codes] = {}
        self._by: dict[int, list[SoughtWhole]] = {}
        for width, rows in by.items():
            rows.sort(key=lambda row: row[0])
            self._keys[width] = np.array([key for key, _ in rows], np.uint64)
            self._by[width] = [q for _, q in rows]

    def find(self, plain: str, whole: "Codes") -> list[int]:
        return [q.number for q in self._near(plain, whole) if _holds(plain, q.parts)]

    def _near(self, plain: str, whole: "Codes") -> Iterator[SoughtWhole]:
        import numpy as np

        for width, keys in self._keys.items():
            runs = whole if width in TINY else runs_of(plain, width)
            first = np.searchsorted(keys, runs)
            there = np.unique(first[keys[np.minimum(first, len(keys) - 1)] == runs])
            last = np.searchsorted(keys, keys[there], "right")
            for a, b in zip(there.tolist(), last.tolist()):
                yield from self._by[width][a:b]


def _width(parts: list[str]) -> int:
    """Characters of the stem to look for first; 0 where the question says too little."""
    whole = width_of(parts[0])
    if len(parts[0]) >= whole:
        return whole
    tiny = TINY[width_of("".join(parts))]
    enough = len(parts) > 2 and sum(map(len, parts)) >= LETTERS
    return tiny if len(parts[0]) >= tiny and enough else 0


def _holds(plain: str, parts: list[str]) -> bool:
    if len(parts[0]) >= width_of(parts[0]):
        return all(p in plain for p in parts)
    reach = 2 * sum(map(len, parts)) + AROUND
    at = plain.find(parts[0])
    while at >= 0:
        if all(p in plain[max(0, at - AROUND) : at + reach] for p in parts):
            return True
        at = plain.find(parts[0], at + 1)
    return False
