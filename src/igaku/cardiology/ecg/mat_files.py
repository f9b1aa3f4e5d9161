"""Numeric matrices of MATLAB files, level 5 (packed or not) and level 4, by our own strict reading.

scipy's reader ends the whole process (a segmentation fault) on some files with one changed byte.
"""

import math
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from igaku.cardiology.limits import check_bytes, check_size
from igaku.errors import IgakuError, optional

if TYPE_CHECKING:
    from igaku.cardiology.arrays import Floats

_TYPES = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
"""Level 5: how numbers are stored."""
_CLASSES = {6: "f8", 7: "f4", 8: "i1", 9: "u1", 10: "i2", 11: "u2", 12: "i4", 13: "u4", 14: "i8", 15: "u8"}
"""Level 5: what a numeric matrix holds; other classes (text, cells, structs ...) are left out."""
_OLD = {0: "f8", 1: "f4", 2: "i4", 3: "i2", 4: "u2", 5: "u1"}
_MATRIX, _PACKED, _COMPLEX = 14, 15, 0x08


def matrices(path: Path) -> "dict[str, Floats]":
    """Name -> matrix, of all real numeric ones; a vector has two dimensions too.

    Raises:
        IgakuError: not a MATLAB file of level 4 or 5, cut off, or of other sizes than it says; a name is there twice.
    """
    check_bytes(path)
    data = path.read_bytes()
    order = {b"IM": "<", b"MI": ">"}.get(data[126:128], "")
    if (
        data[128:].startswith(b"\x89HDF")
        or data[124:128] in (b"\x00\x02IM", b"\x02\x00MI")
        or data[512:516] == b"\x89HDF"
    ):
        raise IgakuError(f"{path}: MATLAB 7.3; save it with -v7, or as HDF5 with the suffix .h5")
    found = _level_5(data, order, path) if order else _level_4(data, path)
    out: dict[str, Floats] = {}
    try:
        for name, matrix in found:
            if name in out:
                raise IgakuError(f"{path}: variable {name!r} is there twice; damaged")
            out[name] = matrix
    except (struct.error, zlib.error, ValueError) as error:
        raise IgakuError(f"{path}: damaged ({error})") from None
    return out


def _level_5(data: bytes, order: str, path: Path) -> "Iterator[tuple[str, Floats]]":
    for kind, body in _elements(data[128:], order, path):
        if kind == _PACKED:
            kind, body = _unpacked(body, order, path)
        if kind == _MATRIX and (one := _matrix(body, order, path)):
            yield one


def _elements(data: bytes, order: str, path: Path, padded: bool = False) -> Iterator[tuple[int, bytes]]:
    """Type and content of each element; those of four bytes or fewer hold their content in the tag."""
    at = 0
    while at < len(data):
        if len(data) - at < 8:
            raise IgakuError(f"{path}: cut off")
        kind, n = struct.unpack_from(f"{order}II", data, at)
        small = kind >> 16
        start = at + (4 if small else 8)
        kind, n = (kind & 0xFFFF, small) if small else (kind, n)
        if (small and n > 4) or start + n > len(data):
            raise IgakuError(f"{path}: cut off: {n:,} bytes claimed, {max(0, len(data) - start):,} are there")
        yield kind, data[start : start + n]
        at = at + 8 if small else start + (-(-n // 8) * 8 if padded else n)


def _unpacked(body: bytes, order: str, path: Path) -> tuple[int, bytes]:
    """One packed element, with its checksum: as much is unpacked as its own tag and limits allow."""
    unpack = zlib.decompressobj()
    kind, n = struct.unpack(f"{order}II", unpack.decompress(body, 8))
    check_size((n // 8,), path)
    content = unpack.decompress(unpack.unconsumed_tail, n + 1)
    if len(content) != n or not unpack.eof:
        raise IgakuError(f"{path}: a packed variable of another length than it says; damaged")
    return kind, content


def _matrix(body: bytes, order: str, path: Path) -> "tuple[str, Floats] | None":
    np, parts = optional("numpy", "ecg"), _elements(body, order, path, padded=True)
    (_, flags), (_, sizes), (_, name) = (next(parts, (0, b"")) for _ in range(3))
    kind = flags[0 if order == "<" else 3] if len(flags) == 8 else 0
    flag = flags[1 if order == "<" else 2] if len(flags) == 8 else 0
    if kind not in _CLASSES or flag & _COMPLEX:
        return None
    shape = struct.unpack(f"{order}{len(sizes) // 4}i", sizes)
    stored, values = next(parts, (0, b""))
    check_size(shape, path)
    if len(shape) < 2 or min(shape) < 0 or stored not in _TYPES:
        raise IgakuError(f"{path}: a matrix of shape {shape}, stored as type {stored}; damaged")
    width = int(_TYPES[stored][1])
    if len(values) != width * math.prod(shape):
        raise IgakuError(f"{path}: a matrix of shape {shape} in {len(values):,} bytes; damaged")
    whole = np.frombuffer(values, order + _TYPES[stored]).reshape(shape, order="F")
    return name.decode("latin-1"), whole.astype(_CLASSES[kind])


def _level_4(data: bytes, path: Path) -> "Iterator[tuple[str, Floats]]":
    np: Any = optional("numpy", "ecg")
    at = 0
    while at < len(data):
        order = "<" if int.from_bytes(data[at : at + 4], "little") < 5000 else ">"
        kind, rows, columns, imaginary, length = struct.unpack_from(f"{order}5i", data, at)
        precision, form = kind // 10 % 10, kind % 10
        if (
            not 0 <= kind < 5000
            or kind // 100 % 10
            or precision not in _OLD
            or min(rows, columns) < 0
            or imaginary not in (0, 1)
        ):
            raise IgakuError(f"{path}: not a MATLAB file, or damaged")
        check_size((rows, columns), path)
        start, width = at + 20 + length, int(_OLD[precision][1])
        end = start + width * rows * columns * (1 + imaginary)
        if not 1 <= length <= 256 or end > len(data):
            raise IgakuError(f"{path}: cut off, or damaged")
        name = data[at + 20 : start].rstrip(b"\0").decode("latin-1")
        if form == 0 and not imaginary:
            yield name, np.frombuffer(data[start:end], order + _OLD[precision]).reshape((rows, columns), order="F")
        at = end
