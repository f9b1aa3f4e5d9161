"""A short form as a probability sample: the full score from some questions, with an error that its design alone gives.

The questions are sorted by how hard they were for others (people, or other models) and cut into strata; a few are drawn
at random from each, and a stratum's questions without an answer count like those drawn from it (the model-assisted
estimate with one mean a stratum; Särndal, Swensson & Wretman 1992, chapter 7). Strata are cut so that each holds as
much expected variance of an answer as the next (Neyman 1934), so that uncertain questions are drawn more often than
those that everybody answers. Nothing is assumed of the respondent: the draw is what is random, so the error also holds
for one at chance, whom a response model does not fit. Regressing on every other respondent's replies (ridge,
cross-fitted over the draws) was tried on the published replies and explained nothing beyond the strata.

The interval is Wilson's at the effective number of questions (variance of the design against that of a plain sample;
Korn & Graubard 1998), with Student's t of draws - strata degrees of freedom.
"""

import math
import random
from collections.abc import Mapping, Sequence
from statistics import fmean

from msgspec import Struct

from igaku.statistics.interval import Z95, student, wilson

DRAWS = 4
"""Questions drawn from a stratum; with as few as two a stratum's variance can be estimated."""
LEAST_SPREAD = 0.2
"""A question's expected standard deviation is at least this, however alike the others answered it."""
LEAST_EFFECT = 0.3
"""The design's variance counts as at least this share of a plain sample's: an estimate of zero is no zero."""


class Stratum(Struct, frozen=True, kw_only=True):
    """``size`` questions of like difficulty, of which ``drawn`` were drawn, in the order in which they are asked."""

    size: int
    drawn: list[str]


class Sample(Struct, frozen=True, kw_only=True):
    """A stratified random sample of questions."""

    strata: list[Stratum]

    @property
    def ids(self) -> list[str]:
        """The questions, by turns from every stratum: each turn ended, those so far are a sample of their own."""
        return [id for k in range(self.turns) for s in self.strata for id in s.drawn[k : k + 1]]

    @property
    def turns(self) -> int:
        """Questions drawn from the stratum that has most."""
        return max(len(s.drawn) for s in self.strata)

    @property
    def size(self) -> int:
        """Questions that the sample stands for."""
        return sum(s.size for s in self.strata)

    def first(self, turns: int) -> "Sample":
        """The sample after some turns."""
        return Sample(strata=[Stratum(size=s.size, drawn=s.drawn[:turns]) for s in self.strata])


class SampleEstimate(Struct, frozen=True, kw_only=True):
    """The score on all questions (0 to 1), from ``n`` of them."""

    n: int
    score: float
    error: float
    """Half the 95 % interval over 1.96; above zero while a question is left out."""
    ci95: tuple[float, float]


def draw(difficulty: Mapping[str, float], n: int, seed: int = 0) -> Sample:
    """Draw n questions (all, where there are fewer).

    Args:
        difficulty: question -> share of others that were right, 0 to 1; 0.5 where nobody is known to have answered.

    Raises:
        ValueError: fewer than two questions.
    """
    n = min(n, len(difficulty))
    if n < 2:
        raise ValueError("a sample needs two questions or more")
    rng = random.Random(seed)
    ids = rng.sample(sorted(difficulty), len(difficulty))
    ids.sort(key=difficulty.__getitem__)
    spreads = [max(LEAST_SPREAD, math.sqrt(p * (1 - p))) for p in (difficulty[i] for i in ids)]
    strata = max(1, n // DRAWS)
    more = n - strata * (n // strata)
    draws = [n // strata + (h < more) for h in range(strata)]
    cuts = _cuts(spreads, draws)
    return Sample(
        strata=[
            Stratum(size=end - start, drawn=rng.sample(ids[start:end], k))
            for start, end, k in zip([0, *cuts], cuts, draws)
        ]
    )


def _cuts(spreads: Sequence[float], draws: Sequence[int]) -> list[int]:
    """The end of each stratum: shares of the total spread in proportion to draws, and room for the draws."""
    cuts, start, reached, aim = [], 0, 0.0, 0.0
    for h, k in enumerate(draws):
        aim += k * sum(spreads) / sum(draws)
        end, most = start, len(spreads) - sum(draws[h + 1 :])
        while end < most and (end < start + k or reached + spreads[end] / 2 < aim or h == len(draws) - 1):
            reached += spreads[end]
            end += 1
        cuts.append(end)
        start = end
    return cuts


def estimate(sample: Sample, scores: Mapping[str, float]) -> SampleEstimate:
    """The score on all questions from a respondent's scores (0 to 1) on those drawn.

    Raises:
        ValueError: a stratum with fewer than two draws, or a drawn question without a score.
    """
    if any(len(s.drawn) < min(2, s.size) or any(i not in scores for i in s.drawn) for s in sample.strata):
        raise ValueError("two scored questions of every stratum are needed")
    n, size = len(sample.ids), sample.size
    score = sum(s.size / size * fmean(scores[i] for i in s.drawn) for s in sample.strata)
    if n == size:
        return SampleEstimate(n=n, score=score, error=0.0, ci95=(score, score))
    spread = sum(_variance(s, scores) * (s.size / size) ** 2 for s in sample.strata)
    plain = score * (1 - score) / n * (1 - n / size)
    effect = max(LEAST_EFFECT, spread / plain) if plain > 0 else 1.0
    effective = n / (1 - n / size) / effect
    low, high = wilson(score * effective, effective, student(n - len(sample.strata)))
    return SampleEstimate(n=n, score=score, error=(high - low) / 2 / Z95, ci95=(low, high))


def _variance(stratum: Stratum, scores: Mapping[str, float]) -> float:
    values = [scores[i] for i in stratum.drawn]
    n, mean = len(values), fmean(values)
    if n == stratum.size:
        return 0.0
    return (1 - n / stratum.size) * sum((v - mean) ** 2 for v in values) / (n - 1) / n


def until(sample: Sample, scores: Mapping[str, float], error: float) -> SampleEstimate:
    """The estimate after the first turn (from the second on) whose error is at most the given one, or the last."""
    found = estimate(sample, scores) if sample.turns < 2 else None
    for turns in range(2, sample.turns + 1):
        found = estimate(sample.first(turns), scores)
        if found.error <= error:
            break
    assert found is not None
    return found
