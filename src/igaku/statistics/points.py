"""Points of a like exam: how far the points of an examinee would move on other questions of the same kind.

The distribution is that of the bootstrap in which questions are resampled within their part and points, linked ones
together; it is computed exactly, by convolution, instead of being drawn. What it takes as given: the examinee's
ability is the one that this exam shows, and a like exam has as many questions of each kind and of the same difficulty.
The interval of points is Wilson's for the effective number of questions that the same variance stands for, so that it
does not shrink to nothing where all were right.
"""

import math
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from statistics import pvariance
from typing import NamedTuple, TypeAlias

from igaku.statistics.interval import wilson

Distribution: TypeAlias = dict[float, float]
"""Points -> probability."""


class Scored(NamedTuple):
    """One question of an exam, as it was answered."""

    id: str
    stratum: Hashable
    """What a like exam has as many of: part, subject and points."""
    group: str
    """Its linked questions; empty for none."""
    points: float
    got: float


class Needed(NamedTuple):
    """One condition: the questions that it counts, and the points that they must bring."""

    ids: frozenset[str]
    points: float


def like_exam(answers: Iterable[Scored]) -> Distribution:
    """Distribution of the points on a like exam."""
    out: Distribution = {0.0: 1.0}
    for clusters in _strata(answers):
        out = _sum(out, _resampled(clusters))
    return out


def points_interval(answers: Sequence[Scored]) -> tuple[float, float]:
    """95 % interval of the points, from 0 to the most that the questions could bring."""
    most = math.fsum(a.points for a in answers)
    share = math.fsum(a.got for a in answers) / most if most else 0.0
    clusters: dict[Hashable, float] = defaultdict(float)
    for a in answers:
        clusters[a.group or a.id] += a.points
    alike = most**2 / math.fsum(w * w for w in clusters.values()) if clusters else 0.0
    variance = math.fsum(len(c) * pvariance(c) for c in _strata(answers)) / most**2 if most else 0.0
    n = min(alike, share * (1 - share) / variance) if variance > 0 else alike
    low, high = wilson(share * n, n)
    return low * most, high * most


def chance_of_all(answers: Sequence[Scored], conditions: Sequence[Needed]) -> float | None:
    """Probability that a like exam meets every condition at once.

    Conditions may lie inside each other (a subject in a part, a part in the total) or be separate; None where two
    overlap in another way.
    """
    ordered = sorted(conditions, key=lambda c: len(c.ids))
    if any(a.ids & b.ids and not a.ids <= b.ids for i, a in enumerate(ordered) for b in ordered[i + 1 :]):
        return None
    left = {a.id: a for a in answers}
    inside: list[tuple[frozenset[str], Distribution]] = []
    for c in ordered:
        mine = like_exam([left.pop(i) for i in c.ids if i in left])
        for _, other in [one for one in inside if one[0] <= c.ids]:
            mine = _sum(mine, other)
        inside = [one for one in inside if not one[0] <= c.ids]
        inside.append((c.ids, {p: w for p, w in mine.items() if p >= c.points - 1e-6}))
    return math.prod(math.fsum(d.values()) for _, d in inside)


def chance_at_most(n: int, chosen: int, limit: int) -> float:
    """Probability of at most ``limit`` of n on a like exam, where ``chosen`` of n were chosen on this one."""
    share = chosen / n if n else 0.0
    return math.fsum(w for k, w in _binomial(n, share).items() if k <= limit)


def spread(distribution: Mapping[float, float]) -> float:
    """Standard deviation, in points."""
    mean = math.fsum(p * w for p, w in distribution.items())
    return math.sqrt(math.fsum((p - mean) ** 2 * w for p, w in distribution.items()))


def _strata(answers: Iterable[Scored]) -> Iterator[list[float]]:
    """Points of each cluster, by stratum; clusters of one size stand together, so that the most stays what it is.

    A linked group without a second one of its size is resampled question by question.
    """
    groups: dict[tuple[Hashable, Hashable], list[Scored]] = defaultdict(list)
    for a in answers:
        groups[a.stratum, ("linked", a.group) if a.group else a.id].append(a)
    strata: dict[tuple[Hashable, int, float], list[list[Scored]]] = defaultdict(list)
    for (stratum, _), mine in groups.items():
        strata[stratum, len(mine), math.fsum(a.points for a in mine)].append(mine)
    for clusters in strata.values():
        alone = len(clusters) == 1
        yield [a.got for a in clusters[0]] if alone else [math.fsum(a.got for a in mine) for mine in clusters]


def _resampled(values: Sequence[float]) -> Distribution:
    """The sum of as many draws from these values as there are."""
    n, kinds = len(values), sorted(set(values))
    if len(kinds) == 1:
        return {round(n * kinds[0], 6): 1.0}
    if len(kinds) == 2:
        low, high = kinds
        ups = _binomial(n, sum(v == high for v in values) / n)
        return {round(n * low + k * (high - low), 6): w for k, w in ups.items()}
    step: Distribution = {k: values.count(k) / n for k in kinds}
    out: Distribution = {0.0: 1.0}
    while n:
        if n % 2:
            out = _sum(out, step)
        n //= 2
        step = _sum(step, step) if n else step
    return out


def _binomial(n: int, share: float) -> dict[int, float]:
    if share in (0.0, 1.0):
        return {round(n * share): 1.0}
    choose = [math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) for k in range(n + 1)]
    up, down = math.log(share), math.log1p(-share)
    return {k: math.exp(c + k * up + (n - k) * down) for k, c in enumerate(choose)}


def _sum(a: Mapping[float, float], b: Mapping[float, float]) -> Distribution:
    """Distribution of the sum of two independent numbers; what is rarer than 1e-15 is dropped."""
    out: dict[float, float] = defaultdict(float)
    for x, p in a.items():
        for y, q in b.items():
            out[round(x + y, 6)] += p * q
    return {k: w for k, w in out.items() if w > 1e-15}
