"""Interval of a mean over questions and prompts at once: questions, templates and orders are crossed random effects.

Every question is asked in every prompt, so a mean score errs for two reasons: other questions could have been asked,
and other prompts used. By moments (Cornfield & Tukey 1956; the same as two-way clustering, Cameron, Gelbach & Miller
2011) the variance of the mean is that of the questions' means, plus that of the prompts' means, minus what both
contain. It needs no distribution of the effects; ``bench/fair_intervals.py`` holds it to a logit mixed model.

Near 0 and 1 a normal interval does not hold. The variance is converted to an effective number of answers n, and the
interval is Wilson's with Student's t (Korn & Graubard 1998), which are the values v with ``(p - v)^2 <= t^2 v (1 - v) /
n``. So an interval is decided by ``t^2 / n`` alone, and a wider claim, which has the larger of these, always contains
the narrower one.
"""

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

from igaku.errors import optional
from igaku.statistics.interval import student, wilson

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

    Matrix: TypeAlias = "NDArray[float64]"

Limits: TypeAlias = tuple[float, float]


class Sampled(Struct, frozen=True):
    """One factor of the prompt whose levels are a sample: the mean of each question at each level, one row a question.

    ``missing`` is the share of all possible levels that was not asked: 1 where there is no end of them, 0.4 for three
    of five rotations (the finite population correction, Cochran 1977).
    """

    means: Sequence[Sequence[float]]
    missing: float = 1.0


class Crossed(Struct, frozen=True):
    """95 % intervals of one mean; the last two are None where no factor of the prompt was sampled."""

    other_questions: Limits
    """For these prompts."""
    other_prompts: Limits | None
    """For these questions."""
    both: Limits | None
    """For other questions in other prompts; contains the other two."""


class _Part(Struct, frozen=True):
    """A variance of the mean, in variances of one right-or-wrong answer, with its degrees of freedom."""

    per_answer: float
    freedom: float

    @property
    def width(self) -> float:
        """``t^2 / n``, which decides the interval."""
        return student(self.freedom) ** 2 * self.per_answer


def crossed(
    scores: Sequence[float], groups: Sequence[Hashable], sampled: Sequence[Sampled], answers: int = 1
) -> Crossed:
    """Intervals of the mean of the questions' mean scores.

    Args:
        scores: mean score of each question over all prompts, 0 to 1.
        groups: the linked group of each question.
        sampled: factors of the prompt that are a sample, each with at least two levels.
        answers: answers to one question, the least difference that its mean can show.
    """
    p = sum(scores) / len(scores)
    if len(set(groups)) < 2:
        return Crossed((0.0, 1.0), *((0.0, 1.0) if sampled else None for _ in range(2)))
    questions = _questions(scores, groups, p, answers)
    if not sampled:
        return Crossed(_limits(p, questions.width), None, None)
    parts = [_prompts(s, p, answers) for s in sampled]
    prompts = _sum([own for own, _ in parts])
    joint = _sum([questions, *(beyond for _, beyond in parts)])
    widest = max(questions.width, prompts.width, joint.width)
    return Crossed(_limits(p, questions.width), _limits(p, prompts.width), _limits(p, widest))


def crossed_difference(sampled: Sampled, groups: Sequence[Hashable]) -> Limits:
    """95 % interval of the mean of differences between -1 and 1, for other questions in other prompts, by Student's t.

    Args:
        sampled: each question's difference in each template, one row a question.
        groups: the linked group of each question.
    """
    scores = [sum(row) / len(row) for row in sampled.means]
    mean = sum(scores) / len(scores)
    if len(set(groups)) < 2:
        return -1.0, 1.0
    variance, freedom, _ = _grouped(scores, groups, mean)
    between, within, levels = _levels(sampled)
    whole = _sum([_Part(variance, freedom), _beyond(between, within, levels)])
    half = max(student(whole.freedom) * whole.per_answer**0.5, student(levels) * between**0.5)
    return max(-1.0, mean - half), min(1.0, mean + half)


def _limits(p: float, width: float) -> Limits:
    low, high = wilson(p / width, 1 / width, 1.0)
    return (0.0 if p < 1e-12 else min(p, float(low))), (1.0 if p > 1 - 1e-12 else max(p, float(high)))


def _questions(scores: Sequence[float], groups: Sequence[Hashable], p: float, answers: int) -> _Part:
    variance, freedom, means = _grouped(scores, groups, p)
    return _Part(_per_answer(variance, p, means, len(scores) * answers), freedom)


def _grouped(scores: Sequence[float], groups: Sequence[Hashable], mean: float) -> tuple[float, float, "Matrix"]:
    """Variance of the mean from the sums of linked groups, its degrees of freedom, and the groups' means.

    Unequal groups have fewer degrees of freedom than groups less one: as many as their sums of squares are worth where
    a group's questions are answered alike (Satterthwaite 1946).
    """
    np = optional("numpy", "stats")

    _, index = np.unique([str(g) for g in groups], return_inverse=True)
    sizes = np.bincount(index).astype(float)
    totals = np.bincount(index, np.asarray(scores, dtype=float))
    n, c = len(scores), len(sizes)
    variance = c / (c - 1) * float(((totals - mean * sizes) ** 2).sum()) / n**2
    freedom = float((sizes**2).sum()) ** 2 / float((sizes**4).sum()) - 1
    return variance, max(1.0, freedom), totals / sizes


def _prompts(sampled: Sampled, p: float, answers: int) -> tuple[_Part, _Part]:
    """The variance between the means of the levels, and how much of it the questions' variance does not hold already:
    single questions answered otherwise in another prompt are in both."""
    np = optional("numpy", "stats")

    x: Matrix = np.asarray(sampled.means, dtype=float)
    between, within, freedom = _levels(sampled)
    beyond = _beyond(between, within, freedom)
    own = _Part(_per_answer(between, p, x.ravel(), len(x) * answers), freedom)
    return own, _Part(beyond.per_answer / max(p * (1 - p), 1e-12), beyond.freedom)


def _levels(sampled: Sampled) -> tuple[float, float, int]:
    """Variance of the mean from the means of the levels, the part of it from single questions, degrees of freedom."""
    np = optional("numpy", "stats")

    x: Matrix = np.asarray(sampled.means, dtype=float)
    n, levels = x.shape
    means = x.mean(axis=0)
    rest = x - means - x.mean(axis=1, keepdims=True) + x.mean()
    within = float((rest**2).sum()) / max(1, (n - 1) * (levels - 1)) / x.size
    return float(means.var(ddof=1)) / levels * sampled.missing, within * sampled.missing, levels - 1


def _beyond(between: float, within: float, freedom: int) -> _Part:
    beyond = max(0.0, between - within)
    return _Part(beyond, max(1.0, freedom * (beyond / between) ** 2) if beyond else freedom)


def _per_answer(variance: float, p: float, means: "Matrix", answers: int) -> float:
    """A variance of the mean over ``p (1 - p)``: one over the effective number of answers.

    Where nearly all units (questions, or questions in a template) are wholly right, too few differ to show how alike
    the answers to one question are: k differing units of n pull the value towards units that are wholly right or wrong,
    by ``(1 - k / n) / (1 + k)``, chosen by simulation. Less than one answer cannot be seen, and is never claimed.
    """
    one = p * (1 - p)
    seen = max(variance, answers**-2.0) / one if one > 1e-12 else 0.0
    differing = min(int((means < 1 - 1e-9).sum()), int((means > 1e-9).sum()))
    pull = (1 - differing / means.size) / (1 + differing)
    return seen + max(0.0, 1 / means.size - seen) * pull


def _sum(parts: Sequence[_Part]) -> _Part:
    """The sum of independent variances, its degrees of freedom by Satterthwaite (1946)."""
    whole = sum(part.per_answer for part in parts)
    uncertain = sum(part.per_answer**2 / part.freedom for part in parts)
    return _Part(whole, whole**2 / uncertain) if uncertain else parts[0]
