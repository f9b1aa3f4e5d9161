"""PriDe's correction of position bias (Zheng et al. 2024, arXiv 2309.03882), tested as a paired comparison.

PriDe estimates the prior of the positions from a few questions shown in all rotations (each choice is shown once in
each position, so that content cancels out) and divides it out of all others. Before and after are the same answers to
the same questions, so only those that the correction turned right or wrong say whether it helps.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import TypeAlias

from msgspec import Struct

from igaku.statistics.bias import PositionBias, position_bias
from igaku.statistics.paired import Comparison, Outcomes, compare

Rotation: TypeAlias = tuple[Sequence[float], int]
"""One question shown in one rotation: the log-probability of each position, and the position of the key."""


def prior(rotations: Sequence[Sequence[Sequence[float]]]) -> list[float]:
    """The model's prior of the positions, as probabilities, from log-probabilities[question][rotation][position].

    Each question must have been shown in all rotations; its prior is the softmax of the mean over rotations of the
    log-probability of each position, and the model's prior is the mean of these over questions.

    Raises:
        ValueError: a question was not shown in as many rotations as it has positions.
    """
    if any(len(r) != len(r[0]) for r in rotations):
        raise ValueError("each question must be shown in all rotations of its choices")
    n = len(rotations[0][0])
    single = [_log_softmax([fmean(_log_softmax(row)[i] for row in r) for i in range(n)]) for r in rotations]
    return [fmean(math.exp(one[i]) for one in single) for i in range(n)]


def debiased(logprobs: Sequence[float], prior: Sequence[float]) -> list[float]:
    """Log-probabilities of the positions with the prior divided out."""
    return _log_softmax([x - math.log(max(p, 1e-12)) for x, p in zip(logprobs, prior)])


def _log_softmax(logs: Sequence[float]) -> list[float]:
    top = max(logs)
    total = top + math.log(math.fsum(math.exp(x - top) for x in logs))
    return [x - total for x in logs]


class PriDe(Struct, frozen=True, kw_only=True):
    """Before and after the correction, over the questions that did not serve to estimate the prior."""

    estimated_from: int
    questions: int
    prior: list[float]
    before: float
    after: float
    rstd_before: float
    rstd_after: float
    rstd_by_chance: tuple[float, float]
    """RStd before, and after, where positions do not matter."""
    rstd_p: tuple[float, float]
    change: Comparison
    """Accuracy after minus before on the same questions; ``only_a`` were turned right, ``only_b`` wrong."""


def pride(
    questions: Mapping[str, Sequence[Rotation]],
    share: float = 0.05,
    minimum: int = 10,
    groups: Mapping[str, str] | None = None,
) -> PriDe | None:
    """PriDe on one template.

    Args:
        questions: question -> its rotations; the first rotation is the question in its original order.
        share: share of the questions that estimate the prior.
        minimum: lower bound of the number of these questions.
        groups: question -> its linked group.

    Returns:
        None where there are too few questions.
    """
    complete = {q: rows for q, rows in questions.items() if rows and len(rows) == len(rows[0][0])}
    if not complete:
        return None
    n = Counter(map(len, complete.values())).most_common(1)[0][0]
    names = [q for q, rows in complete.items() if len(rows) == n]
    size = max(minimum, round(share * len(names)))
    estimating = names[:: max(1, len(names) // size)][:size]
    others = [q for q in names if q not in set(estimating)]
    rest = [complete[q][0] for q in others]
    if not rest:
        return None
    found = prior([[row for row, _ in complete[q]] for q in estimating])
    before = [(key, _best(row)) for row, key in rest]
    after = [(key, _best(debiased(row, found))) for row, key in rest]
    bias = position_bias(before, n, others), position_bias(after, n, others)
    return PriDe(
        estimated_from=len(estimating),
        questions=len(rest),
        prior=found,
        before=fmean(key == chosen for key, chosen in before),
        after=fmean(key == chosen for key, chosen in after),
        rstd_before=bias[0].rstd,
        rstd_after=bias[1].rstd,
        rstd_by_chance=(_expected(bias[0]), _expected(bias[1])),
        rstd_p=(_p(bias[0]), _p(bias[1])),
        change=_change(others, after, before, groups or {}),
    )


def _change(
    names: Sequence[str], after: Sequence[tuple[int, int]], before: Sequence[tuple[int, int]], groups: Mapping[str, str]
) -> Comparison:
    sides = [
        Outcomes(name, {q: float(key == chosen) for q, (key, chosen) in zip(names, pairs)}, groups)
        for name, pairs in (("after", after), ("before", before))
    ]
    return compare(sides[0], sides[1])


def _expected(bias: PositionBias) -> float:
    return bias.by_chance.expected if bias.by_chance else 0.0


def _p(bias: PositionBias) -> float:
    return bias.by_chance.p if bias.by_chance else 1.0


def _best(row: Sequence[float]) -> int:
    return max(range(len(row)), key=row.__getitem__)
