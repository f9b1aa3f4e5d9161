"""Is a confidence right as often as it says? Calibration error with its bias, and Brier's score with its parts.

The expected calibration error (Naeini et al. 2015; Guo et al. 2017) is the mean distance between confidence and
accuracy over bins, by their numbers of questions. It depends on the bins, and is above zero even for a perfectly
calibrated respondent, since no bin of a few questions has exactly the accuracy that it should. Beside it stands
therefore what it would be then: outcomes drawn from the confidences themselves (Bröcker & Smith 2007, consistency
resampling). All intervals hold for the confidences that were given; linked questions stay together.
"""

import math
import random
from collections.abc import Sequence

from msgspec import Struct

from igaku.statistics.clusters import design
from igaku.statistics.interval import clustered, of_parts
from igaku.statistics.reliability import BINS, Binning, Interval, Stated, in_bins, reliability_table
from igaku.statistics.student import student

SIMULATIONS = 1000
DRAWS = 1_000_000
"""Most outcomes drawn for one number: of very many questions fewer simulations are needed."""


class CalibrationError(Struct, frozen=True, kw_only=True):
    """The expected calibration error in one binning."""

    binning: Binning
    bins: int
    """Bins with answers in them."""
    value: float
    if_calibrated: float
    """Its mean, were every confidence right as often as it says."""
    if_calibrated_most: float
    """Its 97.5th percentile then: a value up to this shows no miscalibration."""
    ci95: Interval
    """Of the error without its bias; from 0 where no miscalibration is shown."""


class Brier(Struct, frozen=True, kw_only=True):
    """Mean squared distance of confidence and outcome: reliability - resolution + uncertainty + within (Murphy 1973;
    Stephenson et al. 2008), in the bins of one binning."""

    value: float
    ci95: Interval
    reliability: float
    resolution: float
    uncertainty: float
    within: float
    """What is left because confidences within a bin differ."""
    reliability_debiased: float
    """Reliability less what chance adds (Ferro & Fricker 2012); may be below zero."""


def calibration_error(answers: Sequence[Stated], binning: Binning, bins: int = BINS) -> CalibrationError:
    """The expected calibration error of at least one answer.

    Its interval is the delta method's about the error less its bias, that of a folded normal in each bin; where links
    make outcomes alike, what is expected by chance is widened by the root of the design effect.
    """
    binned = in_bins(answers, binning, bins)
    n, gaps = len(answers), [math.fsum(a.excess for a in mine) / len(answers) for mine in binned]
    value = math.fsum(map(abs, gaps))
    signed = [math.copysign(1.0, gap) * a.excess for gap, mine in zip(gaps, binned) for a in mine]
    found = design(signed, [a.group for mine in binned for a in mine])
    draws = [math.sqrt(found.effect) * x for x in _if_calibrated(binned)]
    most = draws[math.ceil(0.975 * len(draws)) - 1]
    spreads = [math.sqrt(found.effect * _variance([a.excess for a in mine]) * len(mine)) / n for mine in binned]
    bias = math.fsum(_folded(abs(gap), spread) - abs(gap) for gap, spread in zip(gaps, spreads))
    half = student(found.freedom) * math.sqrt(found.effect * _variance(signed) / n) if found.freedom else 1.0
    low, high = max(0.0, value - bias - half), min(1.0, max(0.0, value - bias + half))
    return CalibrationError(
        binning=binning,
        bins=len(binned),
        value=value,
        if_calibrated=_mean(draws),
        if_calibrated_most=most,
        ci95=(0.0 if value <= most else low, high),
    )


def brier(answers: Sequence[Stated], binning: Binning = "equal width", bins: int = BINS) -> Brier:
    """Brier's score and its parts, of at least one answer."""
    squares, n = [a.excess**2 for a in answers], len(answers)
    value, ci95 = _mean(squares), clustered(squares, [a.group for a in answers])
    accuracy = _mean([a.right for a in answers])
    table = reliability_table(in_bins(answers, binning, bins))
    reliability = math.fsum(b.n * (b.confidence - b.accuracy) ** 2 for b in table) / n
    resolution = math.fsum(b.n * (b.accuracy - accuracy) ** 2 for b in table) / n
    by_chance = math.fsum(b.n * b.accuracy * (1 - b.accuracy) / (b.n - 1) for b in table if b.n > 1) / n
    uncertainty = accuracy * (1 - accuracy)
    return Brier(
        value=value,
        ci95=ci95,
        reliability=reliability,
        resolution=resolution,
        uncertainty=uncertainty,
        within=value - (reliability - resolution + uncertainty),
        reliability_debiased=reliability - by_chance,
    )


def overconfidence(answers: Sequence[Stated]) -> tuple[float, Interval]:
    """Mean confidence less accuracy, with its 95 % interval on the scale from -1 to 1 (linked questions together)."""
    value = _mean([a.excess for a in answers])
    low, high = of_parts((value + 1) / 2, [a.excess / 2 for a in answers], [a.group for a in answers])
    return value, (2 * low - 1, 2 * high - 1)


def _if_calibrated(binned: Sequence[Sequence[Stated]]) -> list[float]:
    """Calibration errors of outcomes that were drawn from the confidences, in ascending order."""
    rng, n = random.Random(0), sum(map(len, binned))
    values = [[a.confidence for a in mine] for mine in binned]
    sums = [math.fsum(mine) for mine in values]
    times = min(SIMULATIONS, max(100, DRAWS // n))
    return sorted(
        sum(abs(total - sum(rng.random() < c for c in mine)) for total, mine in zip(sums, values)) / n
        for _ in range(times)
    )


def _folded(mean: float, deviation: float) -> float:
    """Mean of the absolute value of a normal variable."""
    if deviation < 1e-12:
        return mean
    z = mean / deviation
    return deviation * math.sqrt(2 / math.pi) * math.exp(-z * z / 2) + mean * math.erf(z / math.sqrt(2))


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)


def _variance(values: Sequence[float]) -> float:
    """Sample variance; that of a coin for a single value, of which nothing is known."""
    if len(values) < 2:
        return 0.25
    mean = _mean(values)
    return math.fsum((v - mean) ** 2 for v in values) / (len(values) - 1)
