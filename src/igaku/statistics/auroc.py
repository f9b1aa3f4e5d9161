"""Is confidence higher where the answer is right? The area under the ROC curve, with linked questions together.

The share of pairs, a right and a wrong answer, in which the right one has the higher confidence; ties count half. 0.5
is no better than chance, whatever the calibration. Its variance is DeLong's (1988), with the parts of one group added
up first (Obuchowski 1997); the interval is Wilson's for the number of answers that has this variance, as elsewhere.
"""

import math
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Hashable, Sequence

from msgspec import Struct

from igaku.statistics.interval import of_variance
from igaku.statistics.reliability import Interval, Stated
from igaku.statistics.student import student


class Auroc(Struct, frozen=True, kw_only=True):
    """The area, its 95 % interval, and of how many right and wrong answers."""

    value: float
    ci95: Interval
    right: int
    wrong: int


def auroc(answers: Sequence[Stated]) -> Auroc | None:
    """None where all answers are right, or all wrong."""
    right = sorted(a.confidence for a in answers if a.right)
    wrong = sorted(a.confidence for a in answers if not a.right)
    if not right or not wrong:
        return None
    shares = [_below(a.confidence, wrong) if a.right else 1 - _below(a.confidence, right) for a in answers]
    value = math.fsum(s for s, a in zip(shares, answers) if a.right) / len(right)
    sums: dict[Hashable, float] = defaultdict(float)
    for share, a in zip(shares, answers):
        sums[a.group] += (share - value) / len(right if a.right else wrong)
    return Auroc(value=value, ci95=_interval(value, list(sums.values()), answers), right=len(right), wrong=len(wrong))


def _interval(value: float, sums: Sequence[float], answers: Sequence[Stated]) -> Interval:
    """Degrees of freedom: the groups of the rarer outcome, which carry the variance, less one."""
    c = len(sums)
    fewest = min(len({a.group for a in answers if a.right is side}) for side in (True, False))
    if c < 2 or fewest < 2:
        return 0.0, 1.0
    variance = c / (c - 1) * math.fsum(s * s for s in sums)
    return of_variance(value, variance, fewest, student(fewest - 1))


def _below(value: float, others: Sequence[float]) -> float:
    """Share of sorted others that are lower, ties half."""
    return (bisect_left(others, value) + bisect_right(others, value)) / (2 * len(others))
