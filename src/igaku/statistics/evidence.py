"""What the differences of one pair of respondents say: an interval, and a p-value for any true difference.

One interface for every test: linked or not, right or wrong or partial, one look or many.
"""

import math
from collections.abc import Mapping
from typing import Literal, Protocol

from msgspec import Struct

from igaku.statistics.clusters import INDEPENDENT, design
from igaku.statistics.interval import wilson
from igaku.statistics.score_interval import score_interval, score_statistic
from igaku.statistics.sequential import bets
from igaku.statistics.sign_flip import sign_flip
from igaku.statistics.student import student, two_sided

Test = Literal["mid-p", "groups", "means", "sequential"]
"""Which test stands behind p: McNemar's mid-p; sign flips and score test by group of linked questions; the same for
means of partial scores; or one that holds however often one looks."""


class Evidence(Protocol):
    """Of one pair; differences are A minus B."""

    def interval(self) -> tuple[float, float]:
        """The differences that are not rejected at 5 %."""
        ...

    def p(self, gap: float = 0.0, side: int = 0) -> float:
        """P-value of a true difference ``gap``: two-sided, or small where it lies above (``side`` 1) or below (-1)."""
        ...


class Counts(Struct, frozen=True):
    """Questions that only one gets right, of an effective number of questions: Tango's score test."""

    only_a: float
    only_b: float
    n: float
    freedom: float = math.inf

    def interval(self) -> tuple[float, float]:
        """Where the score test does not reject."""
        if self.freedom == 0:
            return -1.0, 1.0
        return score_interval(self.only_a, self.only_b, self.n, student(self.freedom))

    def p(self, gap: float = 0.0, side: int = 0) -> float:
        """By the score statistic, as Student's t."""
        return _tail(score_statistic(self.only_a, self.only_b, self.n, gap), self.freedom, side)


class Mean(Struct, frozen=True):
    """The mean difference of partial scores with its standard error, which is 0 where all differ alike."""

    mean: float
    error: float
    freedom: float
    effective: float

    def interval(self) -> tuple[float, float]:
        """t times the error; where that is 0, as wide as Wilson's interval for n out of n leaves open."""
        if self.freedom == 0:
            return -1.0, 1.0
        half = student(self.freedom) * self.error if self.error else 1 - wilson(self.effective, self.effective)[0]
        return max(-1.0, self.mean - half), min(1.0, self.mean + half)

    def p(self, gap: float = 0.0, side: int = 0) -> float:
        """By t; where the error is 0, the chance that as many agree by luck."""
        if self.error:
            return _tail((self.mean - gap) / self.error, self.freedom, side)
        low, high = self.interval()
        reached = low < gap < high or side * (self.mean - gap) < 0
        return 1.0 if reached else min(1.0, 2.0**-self.effective * (0.5 if side else 1))


def _tail(statistic: float, freedom: float, side: int) -> float:
    if freedom == 0:
        return 1.0
    both = two_sided(statistic, freedom)
    return both if side == 0 else both / 2 if side * statistic > 0 else 1 - both / 2


def evidence(
    gaps: Mapping[str, float],
    linked: Mapping[str, str],
    *,
    partial: bool = False,
    looks: bool = False,
    planned: int | None = None,
) -> tuple[Evidence, float, Test, float]:
    """The evidence of one pair, its p-value of no difference, its test and its design effect.

    Args:
        gaps: question -> score of A minus score of B, in the order in which they were answered.
        linked: question -> its group, or itself.
        partial: scores are no plain right and wrong.
        looks: hold however often one looks.
        planned: how many questions there will be, for ``looks``.
    """
    sums: dict[str, float] = {}
    sizes: dict[str, int] = {}
    for q, gap in gaps.items():
        sums[linked[q]] = sums.get(linked[q], 0.0) + gap
        sizes[linked[q]] = sizes.get(linked[q], 0) + 1
    n = len(gaps)
    if looks:
        groups = None if planned is None else max(len(sums), round(planned * len(sums) / n))
        found = bets(list(sums.values()), list(sizes.values()), groups)
        return found, found.p(), "sequential", 1.0
    together = partial or _discordant_together(gaps, linked)
    spread = design(list(gaps.values()), list(linked.values())) if together else INDEPENDENT
    flips = sign_flip(sums.values())
    if partial:
        mean = _mean(gaps, spread.effect, spread.freedom)
        return mean, max(flips or 0.0, mean.p()), "means", spread.effect
    only_a, only_b = (sum(g == side for g in gaps.values()) / spread.effect for side in (1, -1))
    counts = Counts(only_a, only_b, n / spread.effect, spread.freedom)
    if together:
        return counts, max(flips or 0.0, counts.p()), "groups", spread.effect
    return counts, counts.p() if flips is None else flips, "mid-p", 1.0


def _discordant_together(gaps: Mapping[str, float], linked: Mapping[str, str]) -> bool:
    """Whether any group holds two discordant questions."""
    discordant = [linked[q] for q, gap in gaps.items() if gap]
    return len(set(discordant)) < len(discordant)


def _mean(gaps: Mapping[str, float], effect: float, freedom: float) -> Mean:
    n = len(gaps)
    mean = math.fsum(gaps.values()) / n
    squares = math.fsum((g - mean) ** 2 for g in gaps.values())
    error = math.sqrt(effect * squares / (n * max(1, n - 1))) if squares > 1e-12 else 0.0
    freedom = n - 1.0 if math.isinf(freedom) else freedom
    return Mean(mean, error, freedom, n / effect)
