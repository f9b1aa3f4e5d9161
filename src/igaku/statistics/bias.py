"""Position bias: recall by answer position, its spread, and PriDe's correction (Zheng et al. 2024, arXiv 2309.03882).

A model that answers "A" too often is right more often where A is. ``RStd`` is the standard deviation of the recalls of
the positions, 0 for an unbiased model. PriDe estimates the prior of the positions from a few questions shown in all
rotations (each choice is shown once in each position, so that content cancels out) and divides it out of all others.
"""

import math
from collections.abc import Mapping, Sequence
from statistics import fmean, pstdev
from typing import TypeAlias

from msgspec import Struct

Rotation: TypeAlias = tuple[Sequence[float], int]
"""One question shown in one rotation: the log-probability of each position, and the position of the key."""


class PositionBias(Struct, frozen=True, kw_only=True):
    """How often a model chooses each answer position, and how often it is right there."""

    keys: list[int]
    """Number of questions whose key was shown in each position."""
    recall: list[float | None]
    """Share of these that were answered right; None where there are none."""
    chosen: list[float]
    """Share of all questions for which each position was chosen."""
    rstd: float


def position_bias(pairs: Sequence[tuple[int, int | None]], n: int) -> PositionBias:
    """Position bias from (position of the key, position chosen or None) of single-answer questions with n choices."""
    keys = [sum(k == i for k, _ in pairs) for i in range(n)]
    recall = [sum(k == c == i for k, c in pairs) / keys[i] if keys[i] else None for i in range(n)]
    chosen = [sum(c == i for _, c in pairs) / len(pairs) for i in range(n)]
    known = [r for r in recall if r is not None]
    return PositionBias(keys=keys, recall=recall, chosen=chosen, rstd=pstdev(known) if known else 0.0)


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
    """Accuracy before and after the correction, over the questions that did not serve to estimate the prior."""

    estimated_from: int
    questions: int
    prior: list[float]
    before: float
    after: float
    rstd_before: float
    rstd_after: float


def pride(questions: Mapping[str, Sequence[Rotation]], share: float = 0.05, minimum: int = 10) -> PriDe | None:
    """PriDe on one template.

    Args:
        questions: question -> its rotations; the first rotation is the question in its original order.
        share: share of the questions that estimate the prior.
        minimum: lower bound of the number of these questions.

    Returns:
        None where there are too few questions.
    """
    complete = {q: rows for q, rows in questions.items() if rows and len(rows) == len(rows[0][0])}
    if not complete:
        return None
    n = max(len(rows) for rows in complete.values())
    names = [q for q, rows in complete.items() if len(rows) == n]
    size = max(minimum, round(share * len(names)))
    estimating = names[:: max(1, len(names) // size)][:size]
    rest = [complete[q][0] for q in names if q not in set(estimating)]
    if not rest:
        return None
    found = prior([[row for row, _ in complete[q]] for q in estimating])
    before = [(key, _best(row)) for row, key in rest]
    after = [(key, _best(debiased(row, found))) for row, key in rest]
    return PriDe(
        estimated_from=len(estimating),
        questions=len(rest),
        prior=found,
        before=fmean(key == chosen for key, chosen in before),
        after=fmean(key == chosen for key, chosen in after),
        rstd_before=position_bias(before, n).rstd,
        rstd_after=position_bias(after, n).rstd,
    )


def _best(row: Sequence[float]) -> int:
    return max(range(len(row)), key=row.__getitem__)
