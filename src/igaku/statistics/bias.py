"""Does a model prefer a place? Recall by place, its spread, and PriDe's correction (Zheng et al. 2024, arXiv 2309.03882).

A model that answers "A" too often is right more often where A is. ``RStd`` is the standard deviation of the recalls of
the places, 0 for an impartial one. PriDe estimates the prior of the places from a few questions shown in all rotations
(each choice stands once in each place, so content cancels out) and divides it out of all others.
"""

import math
from collections.abc import Mapping, Sequence
from statistics import fmean, pstdev

from msgspec import Struct


class Places(Struct, frozen=True, kw_only=True):
    """``recall[i]``: of the questions whose key stood in place i, the share answered right (None where there is none); ``chosen[i]``: how often i was chosen."""

    keys: list[int]
    recall: list[float | None]
    chosen: list[float]
    rstd: float


def places(pairs: Sequence[tuple[int, int | None]], n: int) -> Places:
    """From (place of the key, place chosen or None) of single-answer questions with n choices."""
    keys = [sum(k == i for k, _ in pairs) for i in range(n)]
    recall = [sum(k == c == i for k, c in pairs) / keys[i] if keys[i] else None for i in range(n)]
    chosen = [sum(c == i for _, c in pairs) / len(pairs) for i in range(n)]
    known = [r for r in recall if r is not None]
    return Places(keys=keys, recall=recall, chosen=chosen, rstd=pstdev(known) if known else 0.0)


def prior(rotations: Sequence[Sequence[Sequence[float]]]) -> list[float]:
    """The model's prior of the places, as probabilities, from log-probabilities[question][rotation][place].

    Each question must have been shown in all rotations; its prior is the softmax of the mean over rotations of the
    log-probability each place got, and the model's the mean of these over questions.

    Raises:
        ValueError: a question was not shown in as many rotations as it has places.
    """
    if any(len(r) != len(r[0]) for r in rotations):
        raise ValueError("each question must be shown in all rotations of its choices")
    n = len(rotations[0][0])
    single = [_normal([fmean(_normal(row)[i] for row in r) for i in range(n)]) for r in rotations]
    return [fmean(math.exp(one[i]) for one in single) for i in range(n)]


def debiased(logprobs: Sequence[float], prior: Sequence[float]) -> list[float]:
    """Log-probabilities of the places with the prior divided out."""
    return _normal([x - math.log(max(p, 1e-12)) for x, p in zip(logprobs, prior)])


def _normal(logs: Sequence[float]) -> list[float]:
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


def pride(
    shown: Mapping[str, Sequence[tuple[Sequence[float], int]]], share: float = 0.05, least: int = 10
) -> PriDe | None:
    """PriDe on one template.

    Args:
        shown: question -> for each rotation, (log-probabilities of the places, place of the key); the first rotation is the
            question as it is.
        share, least: how many questions estimate the prior: this share, and at least so many.

    Returns:
        None where there are too few questions.
    """
    complete = {q: rows for q, rows in shown.items() if rows and len(rows) == len(rows[0][0])}
    if not complete:
        return None
    size = max(len(rows) for rows in complete.values())
    names = [q for q, rows in complete.items() if len(rows) == size]
    k = max(least, round(share * len(names)))
    step = max(1, len(names) // k)
    used = names[::step][:k]
    rest = [q for q in names if q not in set(used)]
    if not rest:
        return None
    mine = prior([[row for row, _ in complete[q]] for q in used])
    asked = [complete[q][0] for q in rest]
    pairs = [[(key, _best(row)), (key, _best(debiased(row, mine)))] for row, key in asked]
    before, after = ([p[i] for p in pairs] for i in (0, 1))
    return PriDe(
        estimated_from=len(used),
        questions=len(rest),
        prior=mine,
        before=fmean(k == c for k, c in before),
        after=fmean(k == c for k, c in after),
        rstd_before=places(before, size).rstd,
        rstd_after=places(after, size).rstd,
    )


def _best(row: Sequence[float]) -> int:
    return max(range(len(row)), key=row.__getitem__)
