"""Bounds on what a file may claim, so that a small or damaged one neither fills the memory nor takes minutes."""

import math
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from igaku.errors import IgakuError, optional
from igaku.io.limits import limit, most_bytes, over

SMALL = 2_000_000
"""Values that any file may claim."""
DENSEST = {"SAMPLES": 16, "PIXELS": 400}
"""Values beyond ``SMALL`` that a byte may stand for: packed ECGs need about a byte each, lossy pictures a 24th."""


def check_size(shape: Iterable[int], path: Path, what: Literal["SAMPLES", "PIXELS"] = "SAMPLES") -> None:
    """Pass where a file may hold that number of values.

    Raises:
        IgakuError: it claims more than the limit, or far more than a file of its size can hold.
    """
    n, size = math.prod(int(k) for k in shape), max(1, path.stat().st_size)
    claim = f"claims {n:,} {what.lower()} in one {'record' if what == 'SAMPLES' else 'video'}"
    if n > limit(what):
        raise over(str(path), claim, what)
    if n > SMALL and n > DENSEST[what] * size:
        raise IgakuError(f"{path}: {claim}, but holds only {size:,} bytes; damaged")


def check_bytes(path: Path, name: Literal["ECG_MB", "ANGIO_MB"] = "ECG_MB") -> None:
    """Pass where a file may be read whole, also after it is unpacked.

    Raises:
        IgakuError: it is too large.
    """
    if (size := path.stat().st_size) > most_bytes(name):
        raise over(str(path), f"{size:,} bytes", name)


def check_dicom(path: Path) -> None:
    """Pass where a DICOM file whose whole content is deflated does not unpack to too much.

    Raises:
        IgakuError: it does, or it is damaged.
    """
    uid, filereader = optional("pydicom.uid", "ecg"), optional("pydicom.filereader", "ecg")
    with path.open("rb") as file:
        if file.read(132)[128:] != b"DICM":
            return
        meta = filereader._read_file_meta_info(file)
        if meta.get("TransferSyntaxUID") != uid.DeflatedExplicitVRLittleEndian:
            return
        unpack, n = zlib.decompressobj(-zlib.MAX_WBITS), 0
        while block := file.read(1 << 16):
            while block:
                n += len(unpack.decompress(block, 1 << 20))
                block = unpack.unconsumed_tail
                if n > most_bytes("ECG_MB"):
                    raise over(str(path), "unpacks to more than it may", "ECG_MB")
