"""Student's t without scipy, whose import takes half a second: tail and quantile, to ten digits.

The tail is the regularised incomplete beta function, by its continued fraction (Lentz's algorithm; DLMF 8.17.22).
"""

import math
from functools import lru_cache

Z95 = 1.959963984540054
LARGE = 1e6
"""Degrees of freedom from which t is the normal distribution to ten digits."""
_TINY = 1e-300


def two_sided(t: float, df: float) -> float:
    """P-value of Student's t; of the normal distribution where ``df`` is infinite.

    Raises:
        ValueError: ``df`` is not above 0.
    """
    if not df > 0:
        raise ValueError(f"degrees of freedom must be above 0, not {df}")
    if math.isinf(t):
        return 0.0
    return math.erfc(abs(t) / math.sqrt(2)) if df > LARGE else _beta(df / (df + t * t), df / 2, 0.5)


@lru_cache(maxsize=4096)
def student(df: float, tail: float = 0.025) -> float:
    """The quantile of Student's t that leaves ``tail`` above it (0.025: 97.5 %)."""
    if df > LARGE and tail == 0.025:
        return Z95
    low, high = 0.0, 2.0
    while two_sided(high, df) > 2 * tail:
        low, high = high, 2 * high
    while high - low > 1e-12 * high:
        middle = (low + high) / 2
        low, high = (middle, high) if two_sided(middle, df) > 2 * tail else (low, middle)
    return (low + high) / 2


def _beta(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function I_x(a, b)."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    logs = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    if x < (a + 1) / (a + b + 2):
        return math.exp(logs) * _fraction(x, a, b) / a
    return 1 - math.exp(logs) * _fraction(1 - x, b, a) / b


def _fraction(x: float, a: float, b: float) -> float:
    c, d = 1.0, 1 / _away(1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, 10_000):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d, c = 1 / _away(1 + term * d), _away(1 + term / c)
            value *= d * c
        if abs(d * c - 1) < 1e-15:
            break
    return value


def _away(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
