"""Intervals of a proportion: Wilson's, and the same with linked questions."""

import math
from collections.abc import Hashable, Sequence

from igaku.statistics.clusters import design
from igaku.statistics.student import Z95, student

__all__ = ["Z95", "clustered", "of_variance", "student", "wilson"]


def wilson(k: float, n: float, z: float = Z95) -> tuple[float, float]:
    """Wilson's score interval of k right out of n (Wilson 1927); (0, 1) for n = 0. ``z`` 1.96 is 95 %."""
    if n == 0:
        return 0.0, 1.0
    p, zz = k / n, z * z
    middle, half = p + zz / (2 * n), z * math.sqrt(max(0.0, p * (1 - p) / n) + zz / (4 * n * n))
    low, high = max(0.0, (middle - half) / (1 + zz / n)), min(1.0, (middle + half) / (1 + zz / n))
    return 0.0 if k <= 0 else low, 1.0 if k >= n else high


def of_variance(value: float, variance: float, otherwise: float, z: float) -> tuple[float, float]:
    """Wilson's interval of a number from 0 to 1, for as many questions as give a share this variance.

    Args:
        otherwise: the number of questions where the variance says nothing: it is 0, or the number 0 or 1.
        z: as of ``wilson``; Student's t where the variance is estimated.
    """
    n = value * (1 - value) / variance if variance > 1e-18 and 0 < value < 1 else otherwise
    return wilson(value * n, n, z)


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
