"""Several samples of each question: their mean with its variances apart, pass@k, maj@k and all-right@k.

Questions are the sample that an interval is over, linked ones together; samples only say how well each question's own
share is known. pass@k and all-right@k are the unbiased estimates of Chen et al. 2021 (arXiv 2107.03374): over all draws
of k of a question's n samples without replacement. So is maj@k (self-consistency, Wang et al. 2022), exactly and not by
simulation; tied answers count with their mean, as if one of them were drawn.
"""

import math
from collections.abc import Sequence
from statistics import fmean, variance

from msgspec import Struct

from igaku.errors import IgakuError
from igaku.statistics.clusters import design
from igaku.statistics.interval import clustered
from igaku.statistics.majority import majority_at


class SampledQuestion(Struct, frozen=True):
    """One question's samples."""

    scores: tuple[float, ...]
    """0 to 1, one a sample; 1 is right."""
    votes: tuple[str, ...] = ()
    """What was read from each; empty where nothing was, which is no vote."""
    group: str = ""
    """Linked questions share one; a question alone may have its own name."""


class Estimate(Struct, frozen=True):
    """A mean over questions with its 95 % interval for other questions of this kind, linked questions together."""

    value: float
    ci95: tuple[float, float]


class SampleMean(Struct, frozen=True, kw_only=True):
    """avg@n, and where its variance comes from.

    One sample's score is the question's own share plus chance: variances of the two are estimated by one-way analysis
    of variance (each without bias; the first is 0 where its estimate would be negative).
    """

    questions: int
    samples: int
    """Of each question; the least, where they differ."""
    mean: Estimate
    """Its interval is the one of every accuracy (``igaku.statistics.interval``): as long as the scatter of the
    questions' means asks for, and of few questions somewhat longer."""
    error: float
    """Standard error of avg@n, from both variances together, linked questions together."""
    between_questions: float
    """Standard deviation of the questions' own shares of right answers."""
    between_samples: float
    """Standard deviation of a question's samples about its share, over all questions (root of the mean variance)."""
    again: float
    """Standard error of avg@n for these very questions: how far it would move if all samples were drawn again."""
    once: float
    """The same of a run with one sample a question."""


class AtK(Struct, frozen=True, kw_only=True):
    """What k samples of a question give."""

    k: int
    passed: Estimate
    """At least one of k is right."""
    majority: Estimate
    """The commonest answer among k is right."""
    ties: float
    """Share of questions whose commonest answer is shared by several, over all draws of k."""
    all_right: Estimate
    """All of k are right."""


def sample_mean(questions: Sequence[SampledQuestion]) -> SampleMean:
    """avg@n of one or more questions with two or more samples each.

    Raises:
        IgakuError: a question with fewer than two samples.
    """
    _check(questions, 2)
    own, within = [fmean(a.scores) for a in questions], [variance(a.scores) for a in questions]
    noise = fmean(v / len(a.scores) for v, a in zip(within, questions))
    spread = variance(own) if len(own) > 1 else 0.0
    n = len(questions)
    return SampleMean(
        questions=n,
        samples=min(len(a.scores) for a in questions),
        mean=_estimate(questions, own),
        error=math.sqrt(design(own, _groups(questions)).effect * spread * (n - 1)) / n,
        between_questions=math.sqrt(max(0.0, spread - noise)),
        between_samples=math.sqrt(fmean(within)),
        again=math.sqrt(noise / n),
        once=math.sqrt(fmean(within) / n),
    )


def at_k(questions: Sequence[SampledQuestion], k: int) -> AtK:
    """What k samples give.

    Raises:
        IgakuError: a question with fewer than k samples.
    """
    _check(questions, k)
    counts = [(len(a.scores), _right(a)) for a in questions]
    majorities = [majority_at(a.votes, a.scores, k) for a in questions]
    return AtK(
        k=k,
        passed=_estimate(questions, [pass_at(n, right, k) for n, right in counts]),
        majority=_estimate(questions, [value for value, _ in majorities]),
        ties=fmean(tied for _, tied in majorities),
        all_right=_estimate(questions, [all_right_at(n, right, k) for n, right in counts]),
    )


def sizes(n: int) -> list[int]:
    """The k that are shown of n samples: 1, 2, 4 … and n."""
    return sorted({*(1 << i for i in range(n.bit_length()) if 1 << i <= n), n})


def pass_at(n: int, right: int, k: int) -> float:
    """Probability that one of k drawn from n samples is right, of which ``right`` are."""
    return 1 - math.comb(n - right, k) / math.comb(n, k)


def all_right_at(n: int, right: int, k: int) -> float:
    """Probability that all of k drawn from n samples are right, of which ``right`` are."""
    return math.comb(right, k) / math.comb(n, k)


def _right(question: SampledQuestion) -> int:
    return sum(score == 1 for score in question.scores)


def _estimate(questions: Sequence[SampledQuestion], values: Sequence[float]) -> Estimate:
    within = [min(1.0, max(0.0, v)) for v in values]
    return Estimate(fmean(within), clustered(within, _groups(questions)))


def _groups(questions: Sequence[SampledQuestion]) -> list[str]:
    """Linked questions under one name, others under one of their own."""
    return [a.group or f"\0{i}" for i, a in enumerate(questions)]


def _check(questions: Sequence[SampledQuestion], least: int) -> None:
    if not questions or any(len(a.scores) < least for a in questions):
        raise IgakuError(f"{least} samples of every question are needed; one has fewer, or there is no question")
