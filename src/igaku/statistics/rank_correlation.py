"""Do two yardsticks rank models alike? Kendall's tau between benchmarks, forms or graders, over the models that have both.

tau-b (Kendall 1945) from scipy, its p-value exact for few models without ties, and, from eight models on, a percentile interval
by resampling models.
With n models there are n (n - 1) / 2 pairs: four models say next to nothing, and the row says so.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations

from msgspec import Struct

from igaku.errors import optional

ENOUGH = 8
"""Fewer models than this get no interval: resampling four models that agree gives "1 to 1", which they do not show."""


class Rank(Struct, frozen=True, kw_only=True):
    """Two yardsticks. ``ci95`` is None below ``ENOUGH`` models."""

    a: str
    b: str
    models: int
    tau: float | None
    ci95: tuple[float, float] | None
    p: float | None
    says: str


def rank_agreement(scores: Mapping[str, Mapping[str, float]], seed: int = 0, draws: int = 2000) -> list[Rank]:
    """Every pair of yardsticks.

    Args:
        scores: yardstick -> model -> score.

    Raises:
        IgakuError: the ``stats`` extra is not installed.
    """
    return [_pair(a, b, scores[a], scores[b], seed, draws) for a, b in combinations(scores, 2)]


def _pair(a: str, b: str, one: Mapping[str, float], other: Mapping[str, float], seed: int, draws: int) -> Rank:
    np, kendalltau = optional("numpy", "stats"), optional("scipy.stats", "stats").kendalltau
    both = [m for m in one if m in other]
    n = len(both)
    if n < 3 or len({one[m] for m in both}) < 2 or len({other[m] for m in both}) < 2:
        return Rank(
            a=a, b=b, models=n, tau=None, ci95=None, p=None, says="nothing: fewer than three models, or all alike"
        )
    x, y = np.array([one[m] for m in both]), np.array([other[m] for m in both])
    found = kendalltau(x, y)
    rng = np.random.default_rng(seed)
    taus = [_tau(kendalltau, x[i], y[i]) for i in rng.integers(0, n, (draws if n >= ENOUGH else 0, n))]
    known = [t for t in taus if t is not None]
    ci = (float(np.quantile(known, 0.025)), float(np.quantile(known, 0.975))) if known else None
    says = f"little: {n} models, {n * (n - 1) // 2} pairs" if n < ENOUGH else ""
    return Rank(a=a, b=b, models=n, tau=float(found.statistic), ci95=ci, p=float(found.pvalue), says=says)


def _tau(kendalltau: object, x: object, y: object) -> float | None:
    value = kendalltau(x, y).statistic  # type: ignore[operator]
    return None if value != value else float(value)


class Switch(Struct, frozen=True, kw_only=True):
    """Two respondents that two graders put in another order."""

    a: str
    b: str
    by: str
    says: tuple[float, float]
    but: str
    there: tuple[float, float]


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
                        by=one,
                        says=(scores[one][a], scores[one][b]),
                        but=other,
                        there=(scores[other][a], scores[other][b]),
                    )
                )
    return out
