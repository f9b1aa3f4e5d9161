"""The difference of two accuracies on the same questions: Tango's score interval and test.

Only the questions that one of the two got right enter: ``only_a`` and ``only_b`` of ``n``. The test at a difference
``gap`` compares the counts with what they would be, most likely, if that were the true difference (Tango 1998, Stat
Med 17:891); the interval holds the differences that the test does not reject. At 0 it is McNemar's test. It needs no
bootstrap, keeps 95 % near 0 and 100 %, and says something where nobody disagrees. Counts may be fractions: those of an
effective number of questions.
"""

import math

from igaku.statistics.student import Z95


def score_statistic(only_a: float, only_b: float, n: float, gap: float) -> float:
    """How many standard errors the counts lie above a true difference ``gap`` (A minus B, -1 to 1)."""
    if gap < 0:
        return -score_statistic(only_b, only_a, n, -gap)
    distance = only_a - only_b - n * gap
    linear = (2 * n - only_a + only_b) * gap - only_a - only_b
    share = (math.sqrt(max(0.0, linear**2 + 8 * n * only_b * gap * (1 - gap))) - linear) / (4 * n)
    variance = n * (2 * max(0.0, share) + gap * (1 - gap))
    if variance > 0:
        return distance / math.sqrt(variance)
    return math.copysign(math.inf, distance) if distance else 0.0


def score_interval(only_a: float, only_b: float, n: float, z: float = Z95) -> tuple[float, float]:
    """The differences that the score test does not reject; (-1, 1) for n = 0."""
    if n == 0:
        return -1.0, 1.0
    found = (only_a - only_b) / n
    return _end(only_a, only_b, n, -1.0, found, z), _end(only_a, only_b, n, 1.0, found, z)


def _end(only_a: float, only_b: float, n: float, outside: float, inside: float, z: float) -> float:
    """Where the statistic reaches ``z`` on the way from the difference found to ``outside``."""
    for _ in range(60):
        middle = (outside + inside) / 2
        if abs(score_statistic(only_a, only_b, n, middle)) > z:
            outside = middle
        else:
            inside = middle
    return inside
