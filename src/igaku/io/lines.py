"""Lines of a large file where they lie: an index in memory, each line read when somebody looks at it.

A million replies as objects take gigabytes; their index takes 30 bytes a line. Files are read by position, never mapped
into memory, so that one which somebody cuts short is an error of one line and no crash.
"""

import os
from array import array
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Generic, TypeVar

from igaku.errors import IgakuError

T = TypeVar("T")
OPEN_FILES = 128
"""Files that are open at one time; a board of more runs opens them again as they are needed."""


class _Handles:
    """Open files by the index that reads them, the longest unused closed first."""

    def __init__(self) -> None:
        self._open: OrderedDict[int, int] = OrderedDict()

    def of(self, owner: int, path: Path, inode: tuple[int, int]) -> int:
        """A file's descriptor.

        Raises:
            IgakuError: another file stands at its path now.
        """
        if owner in self._open:
            self._open.move_to_end(owner)
            return self._open[owner]
        while len(self._open) >= OPEN_FILES:
            os.close(self._open.popitem(last=False)[1])
        try:
            fd = os.open(path, os.O_RDONLY)
        except OSError as error:
            raise IgakuError(f"{path}: cannot be read any more ({error.strerror}); give the command again") from None
        found = os.fstat(fd)
        if (found.st_dev, found.st_ino) != inode:
            os.close(fd)
            raise IgakuError(f"{path}: was replaced while it was read; give the command again")
        self._open[owner] = fd
        return fd

    def close(self, owner: int) -> None:
        """Close one, if it is open."""
        if owner in self._open:
            os.close(self._open.pop(owner))


_HANDLES = _Handles()


class StoredLines(Mapping[str, T], Generic[T]):
    """Lines by key; of two with one key the last counts. It belongs to the process that made it, and to its forks.

    Args:
        path: the file.
        entries: position, length and key of each line.
        read: from a line to its key and value.
    """

    def __init__(
        self, path: Path, entries: Iterable[tuple[int, int, str]], read: Callable[[bytes], tuple[str, T]]
    ) -> None:
        found = path.stat()
        self._path, self._read, self._inode = path, read, (found.st_dev, found.st_ino)
        self.sha256 = ""
        """Of the file as it was when the index was made; empty where nobody computed it."""
        self._starts, self._lengths, hashes = array("Q"), array("I"), array("q")
        for start, length, key in entries:
            self._starts.append(start)
            self._lengths.append(length)
            hashes.append(hash(key))
        order = sorted(range(len(hashes)), key=hashes.__getitem__)
        self._hashes, self._lines = array("q", (hashes[i] for i in order)), array("I", order)
        self._superseded = frozenset(self._doubles())

    def _doubles(self) -> Iterator[int]:
        """Lines whose key a later one has."""
        known = self._hashes
        for i in range(1, len(known)):
            if known[i] == known[i - 1]:
                first = bisect_left(known, known[i])
                later = self._at(self._lines[i])[0]
                yield from (line for line in self._lines[first:i] if self._at(line)[0] == later)

    def line(self, number: int) -> bytes:
        """The text of the line that the ``number``-th entry describes.

        Raises:
            IgakuError: the file was replaced or cut off since.
        """
        fd = _HANDLES.of(id(self), self._path, self._inode)
        data = os.pread(fd, self._lengths[number], self._starts[number])
        if len(data) < self._lengths[number]:
            raise IgakuError(f"{self._path}: was cut off while it was read; give the command again")
        return data

    def _at(self, number: int) -> tuple[str, T]:
        try:
            return self._read(self.line(number))
        except (ValueError, KeyError):  # msgspec's errors and wrong UTF-8 are ValueErrors
            raise IgakuError(f"{self._path}: was changed while it was read; give the command again") from None

    def number(self, key: str) -> int:
        """Which entry a key has.

        Raises:
            KeyError: none.
        """
        wanted = hash(key)
        last = bisect_right(self._hashes, wanted) - 1
        if last < 0 or self._hashes[last] != wanted:
            raise KeyError(key)
        if last == 0 or self._hashes[last - 1] != wanted:
            return self._lines[last]
        first = bisect_left(self._hashes, wanted)
        return next(i for i in reversed(self._lines[first : last + 1]) if self._at(i)[0] == key)

    def __getitem__(self, key: str) -> T:
        return self._at(self.number(key))[1]

    def __contains__(self, key: object) -> bool:
        i = bisect_left(self._hashes, hash(key))
        return i < len(self._hashes) and self._hashes[i] == hash(key)

    def __len__(self) -> int:
        return len(self._starts) - len(self._superseded)

    def __iter__(self) -> Iterator[str]:
        return (key for key, _ in self.each())

    def each(self) -> Iterator[tuple[str, T]]:
        """All of them in the order of the file, one at a time."""
        return (self._at(i) for i in range(len(self._starts)) if i not in self._superseded)

    def __del__(self) -> None:
        if _HANDLES is not None:  # None while the interpreter ends
            _HANDLES.close(id(self))


def whole_lines(path: Path, seen: Callable[[bytes], object] = len) -> Iterator[tuple[int, int, bytes]]:
    """Number, position and text of each line; the last one may lack its end.

    Args:
        path: the file.
        seen: is given each line, for a hash over all of them.

    Raises:
        IgakuError: the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            at = 0
            for number, line in enumerate(file, 1):
                seen(line)
                yield number, at, line
                at += len(line)
    except OSError as error:
        raise IgakuError(f"{path}: cannot be read ({error.strerror})") from None
