"""Intervals of a proportion: Wilson's, and the same with linked questions."""

import math
from collections.abc import Hashable, Sequence

from igaku.statistics.clusters import design
from igaku.statistics.student import Z95, student

__all__ = ["Z95", "clustered", "student", "wilson"]


def wilson(k: float, n: float, z: float = Z95) -> tuple[float, float]:
    """Wilson's score interval of k right out of n (Wilson 1927); (0, 1) for n = 0. ``z`` 1.96 is 95 %."""
    if n == 0:
        return 0.0, 1.0
    p, zz = k / n, z * z
    middle, half = p + zz / (2 * n), z * math.sqrt(max(0.0, p * (1 - p) / n) + zz / (4 * n * n))
    low, high = max(0.0, (middle - half) / (1 + zz / n)), min(1.0, (middle + half) / (1 + zz / n))
    return 0.0 if k <= 0 else low, 1.0 if k >= n else high


def clustered(values: Sequence[float], groups: Sequence[Hashable]) -> tuple[float, float]:
    """95 % interval of a mean of values in 0..1 where those of one group (linked questions, renderings) are dependent.

    Wilson's interval for the effective number of questions (Korn & Graubard 1998 do this for the exact one), n over
    the design effect of ``igaku.statistics.clusters``, with Student's t of its degrees of freedom; plain Wilson where
    no two are linked. (0, 1) where there is one group only.
    """
    n = len(values)
    if n == 0:
        return 0.0, 1.0
    mean = math.fsum(values) / n
    found = design(values, groups)
    if found.freedom == 0 and n > 1:
        return 0.0, 1.0
    variance = found.effect * math.fsum((v - mean) ** 2 for v in values) / n**2
    most = n / found.effect if variance == 0 else float(n)
    effective = min(most, mean * (1 - mean) / variance) if variance > 0 else most
    return wilson(mean * effective, effective, student(found.freedom))
