"""Do two yardsticks rank models in the same order? Kendall's tau between benchmarks, question formats or graders.

A yardstick is anything that gives each model a score; tau is over the models that have both scores. It is tau-b
(Kendall 1945) from scipy, its p-value exact for few models without ties, with a percentile interval by resampling
models from eight models on. With n models there are n (n - 1) / 2 pairs: four models show very little, and the row
states it.
"""

import math
from collections.abc import Mapping, Sequence
from itertools import combinations

from msgspec import Struct, field

from igaku.errors import optional

ENOUGH = 8
"""Fewest models for an interval: resampling four models that agree gives "1 to 1", which is too narrow."""


class RankAgreement(Struct, frozen=True, kw_only=True):
    """Two yardsticks. ``ci95`` is None below ``ENOUGH`` models."""

    a: str
    b: str
    models: int
    tau: float | None
    ci95: tuple[float, float] | None
    p: float | None
    remark: str = field(name="says")
    """What limits the comparison; empty from ``ENOUGH`` models on."""


def rank_agreement(scores: Mapping[str, Mapping[str, float]], seed: int = 0, draws: int = 2000) -> list[RankAgreement]:
    """Compare every pair of yardsticks.

    Args:
        scores: yardstick -> model -> score.

    Raises:
        IgakuError: the ``stats`` extra is not installed.
    """
    return [_pair(a, b, scores[a], scores[b], seed, draws) for a, b in combinations(scores, 2)]


def _pair(a: str, b: str, one: Mapping[str, float], other: Mapping[str, float], seed: int, draws: int) -> RankAgreement:
    np, kendalltau = optional("numpy", "stats"), optional("scipy.stats", "stats").kendalltau
    both = [m for m in one if m in other]
    n = len(both)
    if n < 3 or len({one[m] for m in both}) < 2 or len({other[m] for m in both}) < 2:
        reason = "nothing: fewer than three models, or all alike"
        return RankAgreement(a=a, b=b, models=n, tau=None, ci95=None, p=None, remark=reason)
    x, y = np.array([one[m] for m in both]), np.array([other[m] for m in both])
    found = kendalltau(x, y)
    rng = np.random.default_rng(seed)
    taus = [float(kendalltau(x[i], y[i]).statistic) for i in rng.integers(0, n, (draws if n >= ENOUGH else 0, n))]
    known = [t for t in taus if not math.isnan(t)]
    ci = (float(np.quantile(known, 0.025)), float(np.quantile(known, 0.975))) if known else None
    remark = f"little: {n} models, {n * (n - 1) // 2} pairs" if n < ENOUGH else ""
    return RankAgreement(a=a, b=b, models=n, tau=float(found.statistic), ci95=ci, p=float(found.pvalue), remark=remark)


class Switch(Struct, frozen=True, kw_only=True):
    """Two respondents, ``a`` and ``b``, whose order depends on the grader; the accuracies are those of (a, b)."""

    a: str
    b: str
    grader: str = field(name="by")
    accuracies: tuple[float, float] = field(name="says")
    other_grader: str = field(name="but")
    other_accuracies: tuple[float, float] = field(name="there")


def switches(scores: Mapping[str, Mapping[str, float]]) -> list[Switch]:
    """Pairs of respondents whose order depends on the grader (scores: grader -> respondent -> accuracy)."""
    out = []
    for one, other in combinations(scores, 2):
        names: Sequence[str] = [r for r in scores[one] if r in scores[other]]
        for a, b in combinations(names, 2):
            if (scores[one][a] - scores[one][b]) * (scores[other][a] - scores[other][b]) < 0:
                out.append(
                    Switch(
                        a=a,
                        b=b,
                        grader=one,
                        accuracies=(scores[one][a], scores[one][b]),
                        other_grader=other,
                        other_accuracies=(scores[other][a], scores[other][b]),
                    )
                )
    return out
