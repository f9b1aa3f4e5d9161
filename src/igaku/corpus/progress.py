"""How far a step is, and how long the rest takes: a line now and then, from the speed so far."""

from collections.abc import Callable, Iterable, Iterator, Sized
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import TypeVar

from igaku.errors import optional

Say = Callable[[str], None]
FIRST, EVERY = 5.0, 30.0
"""Seconds until the first line, and between two."""
Many = TypeVar("Many", bound=Sized)


class Progress:
    """Counts what is done of a total, and says so.

    Args:
        what: done with what, as ``clean: documents``.
        done: how many were done before, of which the speed says nothing.
    """

    def __init__(self, what: str, total: int, say: Say, done: int = 0, clock: Callable[[], float] = monotonic) -> None:
        self._what, self._total, self._say, self._clock = what, total, say, clock
        self._done = self._before = done
        self._start = clock()
        self._next = self._start + FIRST

    def add(self, n: int = 1) -> None:
        """``n`` more are done."""
        self._done += n
        if (now := self._clock()) < self._next:
            return
        self._next = now + EVERY
        each = (now - self._start) / max(self._done - self._before, 1)
        left = each * max(self._total - self._done, 0)
        self._say(f"{self._what}: {self._done:,} of {max(self._total, self._done):,}, about {_clock(left)} to go")

    def over(self, chunks: Iterable[Many]) -> Iterator[Many]:
        """Hand chunks on; each is counted when the next one is wanted."""
        for chunk in chunks:
            yield chunk
            self.add(len(chunk))


def number_of(files: Iterable[Path]) -> int:
    """Documents in files, by their lines and rows; a file that cannot be read counts none: reading it says why."""
    total = 0
    for file in files:
        with suppress(OSError, ValueError):
            total += _number(file)
    return total


def _number(file: Path) -> int:
    if file.suffix == ".jsonl":
        with file.open("rb") as lines:
            return sum(block.count(b"\n") for block in iter(lambda: lines.read(1 << 20), b""))
    if file.suffix == ".parquet":
        return int(optional("pyarrow.parquet", "parquet").read_metadata(file).num_rows)
    return 1


def _clock(seconds: float) -> str:
    minutes = round(seconds / 60)
    if minutes < 1:
        return "less than a minute"
    return f"{minutes // 60} h {minutes % 60:02d} min" if minutes >= 60 else f"{minutes} min"
