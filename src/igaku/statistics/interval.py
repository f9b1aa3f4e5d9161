"""Intervals of a proportion: Wilson's, and a cluster-robust one for linked questions."""

import math
from collections import defaultdict
from collections.abc import Hashable, Sequence

Z95 = 1.959963984540054


def wilson(k: float, n: float, z: float = Z95) -> tuple[float, float]:
    """Wilson's score interval of k right out of n (Wilson 1927); (0, 1) for n = 0. ``z`` 1.96 is 95 %."""
    if n == 0:
        return 0.0, 1.0
    p, zz = k / n, z * z
    middle, half = p + zz / (2 * n), z * math.sqrt(max(0.0, p * (1 - p) / n) + zz / (4 * n * n))
    return max(0.0, (middle - half) / (1 + zz / n)), min(1.0, (middle + half) / (1 + zz / n))


def clustered(values: Sequence[float], groups: Sequence[Hashable]) -> tuple[float, float]:
    """95 % interval of a mean of values in 0..1 where those of one group (linked questions, renderings) are dependent.

    The variance of the mean is the cluster-robust one with the small-sample factor C / (C - 1) (Liang & Zeger 1986).
    It is converted to an effective number of questions for Wilson's interval (Korn & Graubard 1998 do this for the
    exact one), with Student's t of C - 1 degrees of freedom. Where all values are equal, each group counts as one
    question.
    """
    n = len(values)
    if n == 0:
        return 0.0, 1.0
    p = sum(values) / n
    sums: dict[Hashable, float] = defaultdict(float)
    for value, group in zip(values, groups):
        sums[group] += value - p
    c = len(sums)
    if c == 1:
        return 0.0, 1.0
    variance = c / (c - 1) * sum(s * s for s in sums.values()) / n**2
    effective = min(n, p * (1 - p) / variance) if variance > 0 else c
    return wilson(p * effective, effective, student(c - 1))


def student(df: float) -> float:
    """The 97.5 % quantile of Student's t, without scipy, whose import takes half a second.

    Cornish-Fisher expansion, within 0.1 % from 3 degrees of freedom on; below, a table interpolated in 1 / df on a
    logarithmic scale.
    """
    if df < 3:
        known = ((1, 12.7062), (2, 4.3027), (3, 3.1824))
        low = known[0] if df < 2 else known[1]
        high = known[1] if df < 2 else known[2]
        share = (1 / low[0] - 1 / max(1.0, df)) / (1 / low[0] - 1 / high[0])
        return math.exp(math.log(low[1]) + share * (math.log(high[1]) - math.log(low[1])))
    z = Z95
    g = [
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    ]
    return z + sum(term / df ** (i + 1) for i, term in enumerate(g))
