"""Bounds on what a file may claim, so that a small or damaged one neither fills the memory nor takes minutes."""

import math
import os
from collections.abc import Iterable
from pathlib import Path

from igaku.errors import IgakuError

VALUES = 50_000_000
"""Samples of one record or pixels of one video: a day of twelve leads at 48 Hz, or 190 frames of 512 x 512."""
DENSEST = 16
"""Values that a byte of a compressed file may stand for, beyond ``SMALL`` values; real ECGs need about one byte each."""
SMALL = 2_000_000
TEXT = 256 * 2**20
"""Bytes of a vendor's file, which is read whole."""


def most(variable: str, usual: int) -> int:
    """A bound, raised or lowered by an environment variable.

    Raises:
        IgakuError: the variable is not a whole number above 0.
    """
    given = os.environ.get(variable, "")
    if given and not (given.isdecimal() and int(given) > 0):
        raise IgakuError(f"{variable}={given}: give a whole number above 0")
    return int(given) if given else usual


def check_size(shape: Iterable[int], path: Path, what: str = "record") -> None:
    """Pass where a file may hold so many values.

    Raises:
        IgakuError: it claims more than ``IGAKU_ECG_VALUES``, or far more than its own size can hold.
    """
    n, size = math.prod(int(k) for k in shape), max(1, path.stat().st_size)
    limit = most("IGAKU_ECG_VALUES", VALUES)
    if n > limit:
        raise IgakuError(
            f"{path}: claims {n:,} values in one {what}; the limit is {limit:,}, which IGAKU_ECG_VALUES raises"
        )
    if n > SMALL and n > DENSEST * size:
        raise IgakuError(f"{path}: claims {n:,} values in one {what}, but holds only {size:,} bytes; damaged")


def check_bytes(path: Path) -> None:
    """Pass where a file may be read whole.

    Raises:
        IgakuError: it is larger than ``IGAKU_ECG_BYTES``.
    """
    limit = most("IGAKU_ECG_BYTES", TEXT)
    if (size := path.stat().st_size) > limit:
        raise IgakuError(f"{path}: {size:,} bytes; the limit is {limit:,}, which IGAKU_ECG_BYTES raises")
