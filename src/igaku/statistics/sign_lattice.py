"""The sign-flip test of many groups: sums that are whole multiples of a common unit are counted on a lattice.

Shares of right answers over k ways of asking are multiples of 1/k, and so are their sums. A board of 300 models has
44,850 pairs; one by one (``igaku.statistics.sign_flip``) a pair of 2,000 questions takes a tenth of a second.
The chances are the same but for the order of addition. Without numpy there is no lattice.
"""

import math
from array import array
from collections.abc import Mapping
from functools import lru_cache

from msgspec import Struct

UNITS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24)
"""Numbers of units in a question that are tried."""
_RARE = 1e-18


class Counted(Struct, frozen=True):
    """A p-value; None where too many different sums can come about."""

    p: float | None


def on_lattice(sizes: Mapping[float, int], found: float, most: int) -> Counted | None:
    """The two-sided mid-p value; None where the sizes have no common unit, or numpy is not installed.

    Args:
        sizes: absolute sum of a group -> how many groups have it.
        found: the absolute sum over all groups.
        most: steps of the count (sums times flips) beyond which nothing is counted.
    """
    unit = next((u for u in UNITS if all(abs(s * u - round(s * u)) < 1e-6 for s in sizes)), 0)
    try:
        import numpy as np
    except ImportError:
        return None
    if not unit:
        return None
    chances = np.ones(1)
    for size, n in sizes.items():
        step = 2 * round(size * unit)
        flips = np.frombuffer(_flips(n))
        if np.count_nonzero(chances) * len(flips) > most:
            return Counted(None)
        spread = np.zeros(step * (len(flips) - 1) + 1)
        spread[::step] = flips
        chances = np.convolve(chances, spread)
    totals = np.abs(np.arange(len(chances)) - (len(chances) - 1) / 2) / unit
    beyond = math.fsum(chances[totals > found + 1e-6].tolist())
    equal = math.fsum(chances[np.abs(totals - found) <= 1e-6].tolist())
    return Counted(min(1.0, beyond + equal / 2) if found > 1e-6 else 1.0 - equal / 2 if equal < 1 else 1.0)


@lru_cache(maxsize=4096)
def _flips(n: int) -> "array[float]":
    """Chances of each number of positive signs out of ``n``, those that are not negligible; the ends fall off alike."""
    logs = (math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) - n * math.log(2) for k in range(n + 1))
    return array("d", (p for x in logs if (p := math.exp(x)) > _RARE))
