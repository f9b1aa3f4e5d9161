"""Runs of characters, as numbers: what two texts share whatever stands around it."""

from typing import TYPE_CHECKING

from igaku.corpus.pieces import is_wide

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Codes = NDArray[np.uint64]

WIDE, NARROW = 8, 12
"""Characters of a run, for text in Japanese and Chinese, and for text in letters."""
_BASE = 0x9E3779B97F4A7C15


def runs_of(plain: str, width: int) -> "Codes":
    """[characters - width + 1] a hash for each run of ``width`` characters, in their order."""
    import numpy as np

    codes = np.frombuffer(plain.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.uint64)
    n = len(codes) - width + 1
    if n <= 0:
        return np.empty(0, np.uint64)
    out = np.full(n, width, np.uint64)
    for k in range(width):
        out = out * np.uint64(_BASE) + codes[k : k + n]
        out ^= out >> np.uint64(29)
    return out


def width_of(plain: str) -> int:
    """Characters of a run of this text."""
    return WIDE if is_wide(plain) else NARROW
