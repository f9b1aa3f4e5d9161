"""Safetensors files of others: the header is checked against the file before any library maps it."""

import json
import math
import struct
from pathlib import Path

from igaku.errors import IgakuError
from igaku.io.json_values import fault
from igaku.io.read import regular

LARGEST = 100_000_000
"""Bytes of a header; the format's own library takes no more."""
BYTES = {
    **dict.fromkeys(("BOOL", "U8", "I8", "F8_E5M2", "F8_E4M3", "F8_E8M0"), 1),
    **dict.fromkeys(("U16", "I16", "F16", "BF16"), 2),
    **dict.fromkeys(("U32", "I32", "F32"), 4),
    **dict.fromkeys(("U64", "I64", "F64", "C64"), 8),
}
"""Bytes of one number of each kind."""
GET = "the file is damaged or cut off: get it again"


def tensor_names(path: Path) -> set[str]:
    """The names of a file's tensors, each of which lies within the file.

    Raises:
        IgakuError: no safetensors, damaged, or cut off; with the tensor.
    """
    size = regular(path)
    with path.open("rb") as file:
        start = file.read(8)
        length = struct.unpack("<Q", start)[0] if len(start) == 8 else 0
        if not 2 <= length <= min(LARGEST, size - 8):
            raise IgakuError(f"{path}: not safetensors (a header of {length:,} of the file's {size:,} bytes); {GET}")
        head = file.read(length)
    try:
        tensors = json.loads(head)
    except (ValueError, RecursionError) as error:
        raise IgakuError(f"{path}: its header is not JSON ({fault(error)}); {GET}") from None
    if not isinstance(tensors, dict):
        raise IgakuError(f"{path}: its header is no JSON object; {GET}")
    tensors.pop("__metadata__", None)
    for name, about in tensors.items():
        if problem := _problem(about, size - 8 - length):
            raise IgakuError(f"{path}: tensor {name[:80]!r} {problem}; {GET}")
    return set(tensors)


def _problem(about: object, size: int) -> str:
    """Why a tensor cannot be read; empty where it can."""
    row = about if isinstance(about, dict) else {}
    shape, span, kind = row.get("shape"), row.get("data_offsets"), row.get("dtype")
    if not _counts(shape) or not _counts(span) or len(span) != 2 or not isinstance(kind, str):  # type: ignore[arg-type]
        return "has no dtype, shape and two offsets"
    begin, end = row["data_offsets"]
    if not 0 <= begin <= end <= size:
        return f"ends at byte {end:,} of {size:,}"
    if kind in BYTES and math.prod(row["shape"]) * BYTES[kind] != end - begin:
        return f"of shape {row['shape']} in {kind} has {end - begin:,} bytes"
    return ""


def _counts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(n, int) and not isinstance(n, bool) and n >= 0 for n in value)
