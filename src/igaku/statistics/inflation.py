"""Is one model's score on an exam higher than its score on a like exam lets expect, seen by reference models?

The idea is ConStat's (Dekoninck et al. 2024): memorised questions raise a score that does not carry over to like
questions, and reference models say how the two exams compare. ConStat fits a smooth curve through the references'
scores; with 5 to 14 references and a model above them all, that curve is a guess (bench/inflation.py counts its false
positives). Here no curve is extrapolated: questions of both exams are compared where equally many references got them
right (Mantel & Haenszel 1959), so that a better model is measured on questions of one difficulty.

For each model the common log odds ratio of a right answer, exam against like exam, is estimated in one step (Yusuf et
al. 1985), from the same strata for the model and for each reference in turn, which is left out of its own strata. The
model then stands against the spread of the references (Student's t, one fewer than there are references), and against
the noise of the questions; the larger p counts.
"""

import math
from collections import defaultdict
from collections.abc import Sequence
from statistics import fmean, variance
from typing import NamedTuple

from msgspec import Struct

from igaku.statistics.clusters import design
from igaku.statistics.student import student, two_sided

LEAST = 5
"""Fewest references for which the false positives were measured to hold (bench/inflation.py)."""
TAIL = 0.25
"""Added to an information, so that a model without errors has a wide interval instead of none."""
RIGHT = 2
"""Fewest other references that must be right: a key that is wrong in one exam alone would accuse better models."""


class Effect(Struct, frozen=True):
    """A log odds ratio of a right answer, exam against like exam, and its variance from the questions.

    ``slope`` is the difference in mean score (a share) that goes with a log odds ratio of 1.
    """

    value: float
    variance: float
    slope: float


class Inflation(Struct, frozen=True, kw_only=True):
    """One model against the references, as log odds ratios of a right answer.

    ``p`` is one-sided, of a model that does no better on the exam than the references' spread and the noise of the
    questions let expect; ``p_references`` and ``p_questions`` are its two parts.
    """

    excess: float
    """The model's log odds ratio minus the references' mean."""
    ci95: tuple[float, float]
    slope: float
    """The difference in mean score (a share) that goes with a log odds ratio of 1."""
    spread: float
    """Standard deviation among the references."""
    p_references: float
    p_questions: float
    p: float


class Stratum(NamedTuple):
    """Questions of both exams, by their positions (those of the exam first), and the share that is of the exam."""

    questions: list[int]
    share: float


def strata(right: Sequence[float], first: int) -> list[Stratum]:
    """Questions that equally many references got right (``right``, of each question); the first ``first`` are of the
    exam. Strata of one exam alone, and of less than ``RIGHT``, are left out."""
    members: dict[float, list[int]] = defaultdict(list)
    for i, k in enumerate(right):
        members[round(k, 6)].append(i)
    found = [Stratum(mine, sum(i < first for i in mine) / len(mine)) for k, mine in members.items() if k >= RIGHT]
    return [one for one in found if 0 < one.share < 1]


def stratified(scores: Sequence[float], first: int, within: Sequence[Stratum], groups: Sequence[str]) -> Effect:
    """The effect of one respondent from its scores (0 to 1) on the questions of both exams, ``first`` of them of the
    exam, and the linked group of each."""
    parts, information, weight = [0.0] * len(scores), 0.0, 0.0
    for mine, share in within:
        n, of_exam = len(mine), share * (1 - share)
        mean = sum([scores[i] for i in mine]) / n
        for i in mine:
            parts[i] = ((i < first) - share) * (scores[i] - mean)
        information += of_exam * n / (n - 1) * sum([(scores[i] - mean) ** 2 for i in mine])
        weight += of_exam * n
    return _effect(parts, information, groups, weight)


def matched(first: Sequence[float], second: Sequence[float], groups: Sequence[str]) -> Effect:
    """The effect of one respondent from its scores on questions and on the same ones reworded, in one order."""
    gaps = [(a - b) / 2 for a, b in zip(first, second)]
    return _effect(gaps, math.fsum(g * g for g in gaps), groups, len(gaps) / 2)


def _effect(parts: Sequence[float], information: float, groups: Sequence[str], weight: float) -> Effect:
    linked, known = design(parts, groups).effect, information + TAIL
    return Effect(math.fsum(parts) / known, linked / known, known / weight if weight else 0.0)


def against_references(model: Effect, references: Sequence[Effect]) -> Inflation:
    """The model's effect against those of the references.

    Raises:
        ValueError: fewer than ``LEAST`` references.
    """
    m = len(references)
    if m < LEAST:
        raise ValueError(f"{m} references; {LEAST} are needed")
    values, noise = [r.value for r in references], fmean(r.variance for r in references)
    spread, excess = variance(values) * (m - 1) / m, model.value - fmean(values)
    alike = max(0.0, 1 - spread / noise)
    by_references = spread * (max(1.0, model.variance / noise) + 1 / m)
    by_questions = model.variance + noise * (1 + (m - 1) * alike) / m
    first, second = _above(excess, by_references, m - 1), _above(excess, by_questions, math.inf)
    half = max(student(m - 1) * math.sqrt(by_references), student(math.inf) * math.sqrt(by_questions))
    return Inflation(
        excess=excess,
        ci95=(excess - half, excess + half),
        slope=model.slope,
        spread=math.sqrt(spread),
        p_references=first,
        p_questions=second,
        p=max(first, second),
    )


def _above(value: float, spread: float, freedom: float) -> float:
    if spread <= 0:
        return 1.0
    both = two_sided(value / math.sqrt(spread), freedom)
    return both / 2 if value > 0 else 1 - both / 2


def effects(
    model: tuple[Sequence[float], Sequence[float]],
    references: Sequence[tuple[Sequence[float], Sequence[float]]],
    groups: Sequence[str],
    paired: bool = False,
) -> tuple[Effect, list[Effect]]:
    """The model's effect and the references', all from the same strata.

    Args:
        model: scores on the exam, and on the like exam.
        references: the same questions in the same order, of each reference.
        groups: the linked group of each question, those of the exam first.
        paired: the second questions are the first ones reworded, in the same order.
    """
    if paired:
        half = groups[: len(model[0])]
        return matched(*model, half), [matched(*r, half) for r in references]
    first, whole = len(model[0]), [[*a, *b] for a, b in references]
    sums = [sum(each) for each in zip(*whole)]
    mine, theirs = [], []
    for own in whole:
        within = strata([s - x for s, x in zip(sums, own)], first)
        mine.append(stratified([*model[0], *model[1]], first, within, groups))
        theirs.append(stratified(own, first, within, groups))
    return Effect(*(fmean(x) for x in zip(*((e.value, e.variance, e.slope) for e in mine)))), theirs
