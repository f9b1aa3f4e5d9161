"""Do the pictures of a DICOM file fit what it says of them: frames, rows, columns, bits, and the codec's own header."""

import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from igaku.cardiology.limits import check_size
from igaku.errors import IgakuError, optional

_COLOURS = {
    1: ("MONOCHROME1", "MONOCHROME2", "PALETTE COLOR"),
    3: ("RGB", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT", "YBR_PARTIAL_420"),
}


def check_frames(file: Any, path: Path) -> int:
    """The frames of a file whose sizes fit each other, without decoding one.

    Raises:
        IgakuError: they do not, or there is more than the limit; a decoder would read a part, or other pixels.
    """
    rows, columns, colours, bits = (
        _whole(file, k, path) for k in ("Rows", "Columns", "SamplesPerPixel", "BitsAllocated")
    )
    claimed = _whole(file, "NumberOfFrames", path) if file.get("NumberOfFrames") not in (None, "") else 0
    check_size((max(1, claimed), rows, columns, colours), path, "PIXELS")
    _check_form(file, path, colours, bits)
    if file.file_meta.TransferSyntaxUID.is_encapsulated:
        n = _packed(file, path, claimed, (rows, columns))
    else:
        n = _plain(len(file.PixelData), path, claimed, rows * columns * colours * bits // 8)
    check_size((n, rows, columns, colours), path, "PIXELS")
    return n


def check_end(file: Any, path: Path) -> None:
    """Pass where a file ends with its last element, or with zeros.

    Raises:
        IgakuError: it does not: bytes were lost or put in before, and the pixels stand elsewhere.
    """
    raw = [x for x in map(file.get_item, file.keys()) if getattr(x, "value_tell", 0)]
    if file.file_meta.TransferSyntaxUID.is_deflated or any(x.length == 0xFFFFFFFF for x in raw):
        return
    end, size = max((x.value_tell + x.length for x in raw), default=0), path.stat().st_size
    with path.open("rb") as content:
        content.seek(min(end, size))
        if end > size or content.read(1 << 20).strip(b"\0"):
            raise IgakuError(f"{path}: its last element ends at byte {end:,}, the file at {size:,}; damaged")


def _whole(file: Any, name: str, path: Path) -> int:
    value = file.get(name, 1 if name == "SamplesPerPixel" else None)
    if not str(value).isdecimal() or not 0 < int(value) <= 1_000_000:
        raise IgakuError(f"{path}: {name} is {value if value not in (None, '') else 'missing'}; damaged")
    return int(value)


def _check_form(file: Any, path: Path, colours: int, bits: int) -> None:
    stored = int(file.get("BitsStored") or bits)
    if not 0 < stored <= bits or int(file.get("HighBit", stored - 1)) != stored - 1:
        raise IgakuError(f"{path}: {stored} bits stored of {bits}, the highest {file.get('HighBit')}; damaged")
    if (colour := file.get("PhotometricInterpretation")) not in _COLOURS.get(colours, ()):
        raise IgakuError(f"{path}: {colours} values a pixel of {colour or 'no photometric interpretation'}; damaged")


def _plain(have: int, path: Path, claimed: int, size: int) -> int:
    n = claimed or max(1, have // size)
    if not 0 <= have - n * size <= 1:
        fault = f"{have:,} bytes of pixels are there, but {n} frames of {size:,} bytes take {n * size:,}"
        raise IgakuError(f"{path}: {fault}; cut off, or the file contradicts itself")
    return n


def _packed(file: Any, path: Path, claimed: int, size: tuple[int, int]) -> int:
    encaps = optional("pydicom.encaps", "angio")
    table = (file.get("ExtendedOffsetTable"), file.get("ExtendedOffsetTableLengths"))
    frames = encaps.generate_fragmented_frames(
        file.PixelData, number_of_frames=claimed or 1, extended_offsets=table if all(table) else None
    )
    n = 0
    for frame in frames:
        n += 1
        if (own := picture_size(frame[0] if frame else b"")) and own != size:
            raise IgakuError(f"{path}: says {size[1]} x {size[0]} pixels, but its pictures have {own[1]} x {own[0]}")
    if claimed not in (0, n):
        raise IgakuError(f"{path}: says {claimed} frames, but {n} are there; cut off, or the file contradicts itself")
    return n


def picture_size(raw: bytes) -> tuple[int, int] | None:
    """(rows, columns) by the header of a JPEG, JPEG-LS or JPEG 2000 picture; None where it is none of them."""
    if raw[:4] == b"\xff\x4f\xff\x51" and len(raw) >= 24:
        x, y, left, top = struct.unpack(">4I", raw[8:24])
        return y - top, x - left
    at = 2 if raw[:2] == b"\xff\xd8" else len(raw)
    while at + 9 <= len(raw) and raw[at] == 0xFF:
        marker = raw[at + 1]
        if (0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC)) or marker == 0xF7:
            rows, columns = struct.unpack(">HH", raw[at + 5 : at + 9])
            return rows, columns
        at += 1 if marker == 0xFF else 2 + int.from_bytes(raw[at + 2 : at + 4], "big")
    return None


def frame_doubts(file: Any, low: float, high: float) -> Sequence[str]:
    """What in a decoded file does not fit, though it can be read.

    Args:
        low: the least pixel.
        high: the greatest pixel.
    """
    doubts, stored = [], int(file.get("BitsStored") or file.BitsAllocated)
    if file.get("NumberOfFrames") in (None, ""):
        doubts.append("does not say how many frames it has")
    if file.get("PixelRepresentation"):
        doubts.append("signed pixels, which angiograms do not have")
    elif high >= 2**stored or low < 0:
        doubts.append(f"pixels beyond its {stored} bits")
    return doubts
