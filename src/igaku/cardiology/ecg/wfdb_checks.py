"""Does the signal of a WFDB record fit its header: the files, their sizes, the first samples and the checksums."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from igaku.cardiology.ecg.wfdb_header import Channel, Header
from igaku.cardiology.limits import check_size
from igaku.errors import IgakuError

_BYTES = {8: (1, 1), 80: (1, 1), 16: (2, 1), 61: (2, 1), 160: (2, 1), 24: (3, 1), 32: (4, 1)} | {
    212: (3, 2),
    310: (4, 3),
    311: (4, 3),
}
"""Format -> (bytes, samples in them). The three FLAC formats have no fixed size."""
_SLACK = 3
"""Bytes by which packed samples may be padded at the end."""


def signal_file(path: Path, name: str) -> Path:
    """A file that a header names, which must lie beside it.

    Raises:
        IgakuError: it is elsewhere, or not found.
    """
    file = path.parent / name if "\0" not in name else path
    if Path(name).name != name or file == path or not file.exists() or file.resolve().parent != path.resolve().parent:
        raise IgakuError(f"{path}: names {name!r}, which is not found beside it; a record's files lie in one folder")
    return file


def check_files(path: Path, header: Header) -> int:
    """The frames of each signal, where every file is as large as the header says.

    Raises:
        IgakuError: a file is elsewhere, cut off or too long, or its lines do not agree on its form.
    """
    lengths = {}
    for name in dict.fromkeys(c.file for c in header.channels):
        channels = [c for c in header.channels if c.file == name]
        if len({(c.format, c.offset) for c in channels}) > 1:
            raise IgakuError(f"{path}: its lines differ about the format or the first byte of {name}; damaged")
        lengths[name] = _length(path, signal_file(path, name), channels, header.length)
    if len(set(lengths.values())) > 1:
        raise IgakuError(f"{path}: its files are of different lengths ({', '.join(lengths)}); damaged")
    length = next(iter(lengths.values()))
    check_size((len(header.channels), length), path.with_name(header.channels[0].file))
    return length


def _length(path: Path, file: Path, channels: Sequence[Channel], length: int) -> int:
    have, frame = file.stat().st_size - channels[0].offset, sum(c.frame for c in channels)
    if channels[0].format not in _BYTES:
        if channels[0].format not in (508, 516, 524) or not length:
            raise IgakuError(f"{path}: format {channels[0].format} is not known, or without a number of samples")
        return length
    size, per = _BYTES[channels[0].format]
    n = length or max(have, 0) * per // size // frame
    need = -(-n * frame * size // per)
    if have < need:
        raise IgakuError(
            f"{file}: cut off: {max(have, 0) * per // size // frame:,} of {n:,} samples a lead are there; "
            "download it again"
        )
    if have - need > (_SLACK if per > 1 else 0) or not n:
        raise IgakuError(
            f"{file}: {have:,} bytes of samples, but {path.name} says {len(channels)} leads of {n:,}, "
            f"which take {need:,}; the header or the signal is damaged"
        )
    return n


def check_sums(path: Path, channels: Sequence[Channel], rows: Iterable[Any]) -> None:
    """Pass where the samples (integers [n] of each channel) have the header's first values and checksums.

    Raises:
        IgakuError: they have not. ``IGAKU_ECG_CHECKSUMS=off`` reads such a record all the same.
    """
    if os.environ.get("IGAKU_ECG_CHECKSUMS") == "off":
        return
    for c, row in zip(channels, rows, strict=True):
        total = int(row.astype("int64").sum()) % 65536
        wrong = c.checksum is not None and c.checksum % 65536 != total
        if wrong or (c.first is not None and len(row) and c.first != int(row[0])):
            what = "checksum" if wrong else "first value"
            raise IgakuError(
                f"{path}: the {what} of {c.name} differs from its samples; the header or the signal is damaged, "
                "download both again (IGAKU_ECG_CHECKSUMS=off reads it all the same)"
            )
