"""A judge's scores corrected by a few human marks: prediction-powered inference of a mean.

The human mean on the answers that people marked, plus how much higher the judge finds the others than those
(Angelopoulos et al. 2023, Science 382:669), weighted so that a judge that says nothing changes nothing (the
power tuning of PPI++, Angelopoulos, Duchi & Zrnic 2023, arXiv 2311.01453). It holds for any biased judge, if the marked
answers are a random sample of all. Few marks: Student's t instead of the normal quantile, and the interval is Wilson's
for the effective number of answers, so that it holds near 0 and 1.
"""

from collections.abc import Sequence
from statistics import covariance, fmean, variance

from msgspec import Struct

from igaku.statistics.interval import of_variance, student

LEAST = 5
"""Fewer marked answers than this get no corrected score."""


class Corrected(Struct, frozen=True, kw_only=True):
    """A mean score as people would give it, from 0 to 1."""

    score: float
    ci95: tuple[float, float]
    weight: float
    """How far the judge counts: 0 not at all, 1 as in the plain form."""
    marked: int
    others: int
    """Answers that only the judge read."""


def corrected_mean(people: Sequence[float], judge: Sequence[float], others: Sequence[float]) -> Corrected | None:
    """The mean that people would give to all answers.

    Args:
        people: scores by people, 0 to 1.
        judge: the judge's scores of the same answers, in the same order.
        others: the judge's scores of the answers that nobody marked.

    Returns:
        None for less than five marked answers.
    """
    n, rest = len(people), len(others)
    if n < LEAST:
        return None
    weight = _weight(people, judge, others)
    score = fmean(people) + (weight * (fmean(others) - fmean(judge)) if rest else 0.0)
    gaps = [p - weight * j for p, j in zip(people, judge, strict=True)]
    spread = variance(gaps) / n + (weight**2 * variance(others) / rest if rest > 1 else 0.0)
    score = min(1.0, max(0.0, score))
    return Corrected(
        score=score, ci95=of_variance(score, spread, n, student(n - 1)), weight=weight, marked=n, others=rest
    )


def _weight(people: Sequence[float], judge: Sequence[float], others: Sequence[float]) -> float:
    """Cov(people, judge) / ((1 + n / N) Var(judge)), from 0 to 1."""
    n, rest = len(people), len(others)
    both = [*judge, *others]
    spread = variance(both) if len(set(both)) > 1 else 0.0
    if rest < 2 or not spread:
        return 0.0
    return min(1.0, max(0.0, covariance(people, judge) / ((1 + n / rest) * spread)))
