"""What a respondent that may abstain is worth: how much it answers, how right that is, and what wrong answers cost.

Selective classification (El-Yaniv & Wiener 2010): risk is the share of wrong among what is answered, coverage the share
that is answered. From any confidence follow all coverages at once, and the area under the risk-coverage curve (AURC;
Geifman, Uziel & El-Yaniv 2019): the mean, over k = 1..n, of the risk of the k most confident answers.
"""

import math
from collections.abc import Hashable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from msgspec import Struct

from igaku.statistics.interval import clustered, of_parts

Interval = tuple[float, float]
Groups = Sequence[Hashable]
"""One name a question; linked questions share theirs."""


class Estimate(Struct, frozen=True):
    """A number with its 95 % interval, linked questions together."""

    value: float
    ci95: Interval


class CurvePoint(NamedTuple):
    """One threshold of confidence: what is at least as sure is answered."""

    threshold: float
    coverage: float
    accuracy: float


class RiskCoverage(Struct, frozen=True, kw_only=True):
    """The curve of one respondent, and its area beside what luck and perfect ranking would give."""

    n: int
    aurc: Estimate
    random: float
    """Expected area of a confidence that says nothing: the share of wrong answers."""
    best: float
    """Area where every right answer is surer than every wrong one."""
    curve: list[CurvePoint]
    """From the highest threshold down; answers of equal confidence are answered together."""


def share(values: Sequence[bool], groups: Groups) -> Estimate | None:
    """The share of what holds; None of nothing."""
    numbers = [float(v) for v in values]
    return Estimate(math.fsum(numbers) / len(numbers), clustered(numbers, groups)) if numbers else None


def penalised(points: Sequence[float], lowest: float, groups: Groups) -> Estimate | None:
    """Mean points a question; None of nothing.

    Args:
        points: 1 for a right answer, 0 for none, below 0 for a wrong one.
        lowest: the least that one question could bring (0 or below), for the interval.
        groups: linked questions by name.
    """
    if not points:
        return None
    scale = 1 - lowest
    shares = [(p - lowest) / scale for p in points]
    low, high = clustered(shares, groups)
    return Estimate(math.fsum(points) / len(points), (lowest + scale * low, lowest + scale * high))


def break_even(penalty: float) -> float:
    """The chance of being right from which an answer is worth more than none: penalty / (1 + penalty)."""
    return penalty / (1 + penalty)


def risk_coverage(confidence: Sequence[float], right: Sequence[bool], groups: Groups) -> RiskCoverage | None:
    """The curve and its area, with a 95 % interval from its influence function; None of nothing.

    Answers of equal confidence count as in random order, so that the area does not hang on how they are sorted.

    Args:
        confidence: any number that rises with sureness, one a question.
        right: whether each answer is right.
        groups: linked questions by name.

    Raises:
        ValueError: a confidence that is not a number.
    """
    n = len(confidence)
    if not n:
        return None
    if any(map(math.isnan, confidence)):
        raise ValueError("a confidence is not a number")
    wrong = [1.0 - r for r in right]
    blocks = list(_blocks(confidence))
    area, influence = _area(blocks, wrong)
    missed = math.fsum(wrong)
    least = math.fsum((k - (n - missed)) / k for k in range(n - round(missed) + 1, n + 1)) / n
    return RiskCoverage(
        n=n,
        aurc=Estimate(area, of_parts(area, influence, groups)),
        random=missed / n,
        best=least,
        curve=list(_curve(blocks, confidence, wrong)),
    )


def _blocks(confidence: Sequence[float]) -> Iterator[list[int]]:
    """Positions of the answers, the surest first; those of one confidence together."""
    order = sorted(range(len(confidence)), key=lambda i: -confidence[i])
    for _, block in groupby(order, key=lambda i: confidence[i]):
        yield list(block)


def _area(blocks: Sequence[Sequence[int]], wrong: Sequence[float]) -> tuple[float, list[float]]:
    """The area, and how far each answer moves it: for loss l at rank share u, l(-ln u) - A - int_u^1 l(v)/v dv + R.

    The first term is the answer's own, the integral what it does to the ranks of those behind it; R is the share wrong.
    """
    n = len(wrong)
    weight, behind, tail, below = [0.0] * n, [0.0] * n, 0.0, 0.0
    rank = n
    for block in reversed(blocks):
        first, m = rank - len(block) + 1, len(block)
        loss = math.fsum(wrong[i] for i in block) / m
        own = tail + math.fsum((k - first + 1) / k for k in range(first, rank + 1)) / m
        inside = math.fsum(1 / k for k in range(first, rank + 1))
        for i in block:
            weight[i], behind[i] = own, below + loss * inside / 2
        tail, below, rank = tail + inside, below + loss * inside, first - 1
    area = math.fsum(w * x for w, x in zip(wrong, weight)) / n
    missed = math.fsum(wrong) / n
    return area, [x * w - area - b + missed for x, w, b in zip(wrong, weight, behind)]


def _curve(
    blocks: Sequence[Sequence[int]], confidence: Sequence[float], wrong: Sequence[float]
) -> Iterator[CurvePoint]:
    seen, missed = 0, 0.0
    for block in blocks:
        seen, missed = seen + len(block), missed + math.fsum(wrong[i] for i in block)
        yield CurvePoint(confidence[block[0]], seen / len(wrong), 1 - missed / seen)


def surest(confidence: Sequence[float], coverage: float) -> list[int]:
    """Positions of the surest answers that reach a coverage; those of one confidence are taken together."""
    out: list[int] = []
    for block in _blocks(confidence):
        if len(out) >= coverage * len(confidence):
            break
        out += block
    return out
