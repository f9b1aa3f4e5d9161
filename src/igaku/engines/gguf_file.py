"""GGUF files of others: every length and offset is checked before llama.cpp, which ends the program on some, reads it.

The layout is that of ggml's ``docs/gguf.md``, versions 2 and 3.
"""

import mmap
import struct
from math import prod
from pathlib import Path

from igaku.errors import IgakuError
from igaku.io.read import regular

MAGIC = b"GGUF"
STRING, ARRAY = 8, 9
WIDTH = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
"""Bytes of a value of each kind that has a fixed length."""
BLOCKS = {
    0: (1, 4),
    1: (1, 2),
    2: (32, 18),
    3: (32, 20),
    6: (32, 22),
    7: (32, 24),
    8: (32, 34),
    10: (256, 84),
    11: (256, 110),
    12: (256, 144),
    13: (256, 176),
    14: (256, 210),
    16: (256, 66),
    17: (256, 74),
    18: (256, 98),
    19: (256, 50),
    20: (32, 18),
    21: (256, 110),
    22: (256, 82),
    23: (256, 136),
    24: (1, 1),
    25: (1, 2),
    26: (1, 4),
    27: (1, 8),
    28: (1, 8),
    29: (256, 56),
    30: (1, 2),
    34: (256, 54),
    35: (256, 66),
    39: (32, 17),
}
"""Kind of tensor -> numbers in a block, and its bytes."""
DIMENSIONS, FIELDS = 4, 100_000


class _DamagedError(Exception):
    """A length or an offset beyond the file, or a kind that does not exist."""


def check_gguf(path: Path) -> None:
    """Pass where a GGUF file is whole.

    Raises:
        IgakuError: no GGUF, damaged, or cut off; with the byte.
    """
    if regular(path) < 24:
        raise IgakuError(f"{path}: not a GGUF file (it has {path.stat().st_size} bytes); get it again")
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        if data[:4] != MAGIC:
            raise IgakuError(f"{path}: not a GGUF file; give a .gguf file or a folder with safetensors")
        reader = _Reader(data)
        try:
            reader.whole()
        except (_DamagedError, struct.error, OverflowError, ValueError) as error:
            why = str(error) or type(error).__name__
            raise IgakuError(f"{path}, byte {reader.at:,}: damaged or cut off ({why}); get the file again") from None


class _Reader:
    """Walks over a file's header without keeping what it holds."""

    def __init__(self, data: mmap.mmap) -> None:
        self.data, self.at = data, 4
        self.alignment = 32

    def whole(self) -> None:
        """Fields, then tensors, then their numbers."""
        version, tensors, fields = self.number("I"), self.number("Q"), self.number("Q")
        if version not in (2, 3):
            raise _DamagedError(f"version {version}; 2 and 3 are read")
        if fields > FIELDS or tensors > FIELDS:
            raise _DamagedError(f"{tensors:,} tensors and {fields:,} fields")
        for _ in range(fields):
            self.field()
        spans = [self.tensor() for _ in range(tensors)]
        start = -(-self.at // self.alignment) * self.alignment
        for name, offset, size in spans:
            if start + offset + size > len(self.data):
                raise _DamagedError(f"tensor {name!r} ends beyond the file's {len(self.data):,} bytes")

    def number(self, kind: str) -> int:
        """One unsigned whole number."""
        value: int = struct.unpack_from(f"<{kind}", self.data, self.at)[0]
        self.at += struct.calcsize(kind)
        return value

    def text(self) -> bytes:
        """A text behind its length."""
        length = self.number("Q")
        self.skip(length)
        return self.data[self.at - length : self.at]

    def skip(self, length: int) -> None:
        """Go on, within the file."""
        if self.at + length > len(self.data):
            raise _DamagedError(f"a length of {length:,} goes beyond the file's {len(self.data):,} bytes")
        self.at += length

    def field(self) -> None:
        """One name with its value."""
        name, kind = self.text(), self.number("I")
        before = self.at
        self.value(kind)
        if name == b"general.alignment" and kind == 4:
            self.alignment = struct.unpack_from("<I", self.data, before)[0]
            if not 0 < self.alignment <= 1 << 20:
                raise _DamagedError(f"an alignment of {self.alignment}")

    def value(self, kind: int, deep: int = 4) -> None:
        """Over a value; lists inside lists end soon."""
        if kind == ARRAY and deep:
            inner, n = self.number("I"), self.number("Q")
            if inner in WIDTH:
                self.skip(n * WIDTH[inner])
                return
            if n > len(self.data) - self.at:
                raise _DamagedError(f"a list of {n:,}")
            for _ in range(n):
                self.value(inner, deep - 1)
        elif kind == STRING:
            self.skip(self.number("Q"))
        elif kind in WIDTH:
            self.skip(WIDTH[kind])
        else:
            raise _DamagedError(f"a value of kind {kind}")

    def tensor(self) -> tuple[str, int, int]:
        """Name, offset and bytes of a tensor."""
        name, n = self.text().decode("utf-8", "replace")[:80], self.number("I")
        if n > DIMENSIONS:
            raise _DamagedError(f"tensor {name!r} of {n} dimensions")
        count = prod(self.number("Q") for _ in range(n))
        kind, offset = self.number("I"), self.number("Q")
        block, size = BLOCKS.get(kind, (1, 0))
        return name, offset, -(-count // block) * size
