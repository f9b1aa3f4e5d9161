"""Confidences beside outcomes in bins."""

import math
from collections import defaultdict
from collections.abc import Hashable, Sequence
from statistics import fmean
from typing import Literal

from msgspec import Struct

from igaku.statistics.interval import clustered

Interval = tuple[float, float]
Binning = Literal["equal width", "equal mass", "levels"]
BINS = 10


class Stated(Struct, frozen=True):
    """One answer: its confidence, 0 to 1, whether it was right, and which answers are linked with it."""

    confidence: float
    right: bool
    group: Hashable

    @property
    def excess(self) -> float:
        """Confidence less outcome."""
        return self.confidence - self.right


class Bin(Struct, frozen=True, kw_only=True):
    """Answers of like confidence: the lowest and highest confidence in it, the means, and accuracy's 95 % interval."""

    low: float
    high: float
    n: int
    confidence: float
    accuracy: float
    ci95: Interval


def in_bins(answers: Sequence[Stated], binning: Binning, bins: int = BINS) -> list[list[Stated]]:
    """Answers by confidence; empty bins are left out.

    ``equal width``: (0, 0.1], (0.1, 0.2] and so on, 0 in the first; ``equal mass``: like numbers of answers, where
    equal confidences are never put into two bins, so that few distinct values give fewer bins; ``levels``: each
    distinct confidence has its own bin, whatever ``bins`` says.
    """
    ordered = sorted(answers, key=lambda a: a.confidence)
    first: dict[float, int] = {}
    last = {a.confidence: i for i, a in enumerate(ordered)}
    for i, a in enumerate(ordered):
        first.setdefault(a.confidence, i)
    found: dict[int, list[Stated]] = defaultdict(list)
    for a in ordered:
        value = a.confidence
        if binning == "equal width":
            found[max(0, math.ceil(value * bins - 1e-9) - 1)].append(a)
        elif binning == "levels":
            found[first[value]].append(a)
        else:
            found[(first[value] + last[value] + 1) * bins // (2 * len(ordered))].append(a)
    return [found[k] for k in sorted(found)]


def reliability_table(binned: Sequence[Sequence[Stated]]) -> list[Bin]:
    """Each bin's mean confidence beside its accuracy."""
    return [
        Bin(
            low=mine[0].confidence,
            high=mine[-1].confidence,
            n=len(mine),
            confidence=fmean(a.confidence for a in mine),
            accuracy=fmean(a.right for a in mine),
            ci95=clustered([float(a.right) for a in mine], [a.group for a in mine]),
        )
        for mine in binned
    ]
