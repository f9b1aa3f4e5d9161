"""Intervals of kappa, F1, pair F1, BLEU, Pearson and rubric points, alone and for the difference of two respondents.

The standard error is the jackknife's over documents (linked questions and the statements of one question stay
together): deterministic, without numpy, and a subtraction a document. The interval is a score interval, as for
accuracy: Wilson's for the effective number of documents, on the scale from the lowest value that the metric can have
with these margins to 1; Fisher's z for a correlation. So it stays inside the scale and does not shrink to a point where
everything is right, which a percentile bootstrap does (bench/metric_intervals.py compares them).

Two respondents: Newcombe's square-and-add (1998, method 10; Zou & Donner 2008) of the two intervals with the
jackknife's correlation; its p-value is the level at which the interval begins to exclude zero, so that both agree.
"""

import math
from collections.abc import Sequence

from msgspec import Struct

from igaku.grading import Graded
from igaku.statistics.aggregate import MEASURES
from igaku.statistics.interval import Z95, of_variance, student
from igaku.statistics.measures import Measure, Sums, merged

Interval = tuple[float, float]
CORRELATIONS = ("pearson",)
CLIPPED = {"healthbench": "unclipped"}
"""A metric that is another one clipped to 0..1 -> that other one, whose interval it has."""


class _Estimate(Struct, frozen=True):
    """One metric, its value without each document, and the floor of its scale."""

    name: str
    value: float
    without: dict[str, float]
    floor: float

    @property
    def error(self) -> float:
        """Jackknife standard error."""
        return math.sqrt(_covariance(self, self))

    def interval(self, z: float) -> Interval:
        """The score interval for a normal quantile, with Student's correction for few documents."""
        c = len(self.without)
        t = z * student(c - 1) / Z95
        if self.name in CORRELATIONS and self.error > 0 and abs(self.value) < 1 - 1e-9:
            half = t * self.error / (1 - self.value**2)
            return math.tanh(math.atanh(self.value) - half), math.tanh(math.atanh(self.value) + half)
        scale = 1 - self.floor
        share = min(1.0, max(0.0, (self.value - self.floor) / scale))
        low, high = of_variance(share, (self.error / scale) ** 2, c, t)
        return self.floor + scale * low, self.floor + scale * high


class MetricDifference(Struct, frozen=True, kw_only=True):
    """One metric of A minus that of B, over the questions that both were scored on."""

    metric: str
    a: float
    b: float
    difference: float
    ci95: Interval
    p: float
    """Two-sided p-value of no difference; the 95 % interval excludes zero where it is below 0.05."""
    n: int
    """Questions that both were scored on."""
    documents: int
    """Independent units among them."""


def metric_intervals(aggregate: str, items: Sequence[Graded]) -> dict[str, Interval]:
    """95 % interval of each number that an aggregator gives, accuracy apart (it has its own); none for less than two
    documents."""
    if aggregate == "accuracy":
        return {}
    found = (e for m in MEASURES[aggregate](items) for e in _estimates(m))
    out = {e.name: e.interval(Z95) for e in found if e.name != "accuracy"}
    for name in CLIPPED.keys() & out.keys():
        low, high = out[CLIPPED[name]]
        out[name] = max(0.0, low), min(1.0, max(0.0, high))
    return out


def paired_metric_interval(
    aggregate: str, a: Sequence[Graded], b: Sequence[Graded], metric: str = ""
) -> MetricDifference | None:
    """Difference of one metric (the aggregator's own, if not named) between two respondents.

    None where they have less than two documents in common, or the aggregator does not give the metric for both.
    """
    shared = {i.question.id for i in a} & {i.question.id for i in b}
    one, two = (
        next((e for m in MEASURES[aggregate]([i for i in side if i.question.id in shared]) for e in _estimates(m)
              if e.name == (metric or aggregate)), None) if shared else None
        for side in (a, b)
    )  # fmt: skip
    if one is None or two is None or one.without.keys() != two.without.keys():
        return None
    return MetricDifference(
        metric=one.name,
        a=one.value,
        b=two.value,
        difference=one.value - two.value,
        ci95=_difference(one, two, Z95),
        p=_p_value(one, two),
        n=len(shared),
        documents=len(one.without),
    )


def measure_intervals(measure: Measure) -> dict[str, Interval]:
    """95 % interval of each number of one measure; none for less than two documents."""
    return {e.name: e.interval(Z95) for e in _estimates(measure)}


def _estimates(measure: Measure) -> list[_Estimate]:
    units = merged(measure)
    if len(units) < 2:
        return []
    total = measure.total
    floors = measure.floors(total)
    left = {name: measure.value(_less(total, sums)) for name, sums in units.items()}
    return [
        _Estimate(name, value, {u: v.get(name, value) for u, v in left.items()}, floors.get(name, 0.0))
        for name, value in measure.value(total).items()
        if not name.startswith("gold:")
    ]


def _less(total: Sums, one: Sums) -> Sums:
    return {name: x - one.get(name, 0.0) for name, x in total.items()}


def _covariance(a: _Estimate, b: _Estimate) -> float:
    c = len(a.without)
    mean_a, mean_b = (math.fsum(e.without.values()) / c for e in (a, b))
    return (c - 1) / c * math.fsum((x - mean_a) * (b.without[u] - mean_b) for u, x in a.without.items())


def _difference(a: _Estimate, b: _Estimate, z: float) -> Interval:
    (low_a, high_a), (low_b, high_b) = a.interval(z), b.interval(z)
    spread = a.error * b.error
    together = _covariance(a, b) / spread if spread > 1e-18 else 0.0
    d = a.value - b.value

    def half(x: float, y: float) -> float:
        return math.sqrt(max(0.0, x * x + y * y - 2 * together * x * y))

    return d - half(a.value - low_a, high_b - b.value), d + half(high_a - a.value, b.value - low_b)


def _p_value(a: _Estimate, b: _Estimate) -> float:
    """Bisection for the quantile at which the interval touches zero."""
    if a.value == b.value:
        return 1.0
    low, high = 0.0, 12.0
    for _ in range(40):
        z = (low + high) / 2
        left, right = _difference(a, b, z)
        low, high = (z, high) if left > 0 or right < 0 else (low, z)
    return math.erfc(low / math.sqrt(2))
