"""Is model A really better than model B? Paired tests on the same questions.

Both answered the same questions, so only the questions that one of the two got right distinguish them: ``only_a`` and
``only_b``. McNemar's test is the binomial test on these (McNemar 1947), exact, and with the mid-p correction
(Lancaster 1961; Fagerland et al. 2013 recommend it), which is less conservative. The interval of the difference is a
paired bootstrap, drawn from the four cell counts (resampling questions is drawing these from a multinomial, so 10,000
draws take milliseconds); where questions are linked, the cluster-robust interval is used instead. Many comparisons:
Holm 1979, or Benjamini & Hochberg 1995.
"""

import math
from collections.abc import Mapping, Sequence

from msgspec import Struct

from igaku.errors import optional
from igaku.statistics.interval import student, wilson

DRAWS = 10_000


class Outcomes(Struct, frozen=True):
    """One respondent on one set of questions.

    ``scores`` is question -> score (0 wrong, 1 right, or a share); ``groups`` is question -> its linked group, empty
    for none.
    """

    name: str
    scores: Mapping[str, float]
    groups: Mapping[str, str] = {}


class Comparison(Struct, frozen=True, kw_only=True):
    """A minus B. ``difference`` and ``ci95`` are shares; ``needed`` is the number of questions for a power of 80 %."""

    a: str
    b: str
    part: str
    n: int
    mean_a: float
    mean_b: float
    """Mean scores on the questions that both were scored on."""
    both: int
    only_a: int
    only_b: int
    neither: int
    difference: float
    ci95: tuple[float, float]
    clustered: bool
    p_exact: float
    p_mid: float
    p: float
    """The p-value to use: cluster-robust where questions are linked (McNemar's test needs independence), else mid-p."""
    p_adjusted: float
    odds_ratio: float | None
    """only_a / only_b, the odds ratio of a right answer for matched pairs; None where only_b is 0."""
    needed: int | None


def compare(a: Outcomes, b: Outcomes, part: str = "all", seed: int = 0) -> Comparison:
    """Compare two respondents over the questions that both were scored on.

    Partial scores (rubrics, F1) are compared by their means, with a t interval; the four cells then count full scores.

    Raises:
        ValueError: they have no question in common.
    """
    shared = [q for q in a.scores if q in b.scores]
    if not shared:
        raise ValueError(f"{a.name} and {b.name} have no question in common")
    cells = {(x, y): 0 for x in (True, False) for y in (True, False)}
    for q in shared:
        cells[a.scores[q] >= 1, b.scores[q] >= 1] += 1
    both, only_a, only_b, neither = cells.values()
    n = len(shared)
    linked = {q: a.groups.get(q) or q for q in shared}
    exact, mid = mcnemar(only_a, only_b)
    partial = any(x.scores[q] not in (0.0, 1.0) for x in (a, b) for q in shared)
    gaps = {q: a.scores[q] - b.scores[q] for q in shared}
    clustered = partial or len(set(linked.values())) < n
    if clustered:
        ci, p = _robust(gaps, linked, mid)
    elif only_a + only_b:
        ci, p = bootstrap(both, only_a, only_b, neither, seed), mid
    else:
        ci, p = _constant(0.0, n), mid
    return Comparison(
        a=a.name,
        b=b.name,
        part=part,
        n=n,
        mean_a=math.fsum(a.scores[q] for q in shared) / n,
        mean_b=math.fsum(b.scores[q] for q in shared) / n,
        both=both,
        only_a=only_a,
        only_b=only_b,
        neither=neither,
        difference=math.fsum(gaps.values()) / n,
        ci95=ci,
        clustered=clustered,
        p_exact=exact,
        p_mid=mid,
        p=p,
        p_adjusted=p,
        odds_ratio=only_a / only_b if only_b else None,
        needed=None if partial else questions_needed(only_a / n, only_b / n),
    )


def mcnemar(only_a: int, only_b: int) -> tuple[float, float]:
    """Two-sided exact and mid-p value of the discordant pairs; 1 where there are none."""
    n, k = only_a + only_b, min(only_a, only_b)
    if n == 0:
        return 1.0, 1.0
    logs = [math.lgamma(n + 1) - math.lgamma(i + 1) - math.lgamma(n - i + 1) - n * math.log(2) for i in range(k + 1)]
    tail, point = math.fsum(map(math.exp, logs)), math.exp(logs[-1])
    exact = min(1.0, 2 * tail)
    return exact, (1.0 - point / 2 if 2 * k == n else min(1.0, 2 * tail - point))


def bootstrap(both: int, only_a: int, only_b: int, neither: int, seed: int = 0) -> tuple[float, float]:
    """95 % percentile interval of the difference of two paired accuracies."""
    np = optional("numpy", "stats")

    n = both + only_a + only_b + neither
    draws = np.random.default_rng(seed).multinomial(n, np.array([both, only_a, only_b, neither]) / n, DRAWS)
    low, high = np.quantile((draws[:, 1] - draws[:, 2]) / n, [0.025, 0.975])
    return float(low), float(high)


def _robust(gaps: Mapping[str, float], linked: Mapping[str, str], mid: float) -> tuple[tuple[float, float], float]:
    """Interval of the mean gap (t times its cluster-robust standard error), and the p-value of a mean gap of zero.

    Where every group has the same gap, the variance cannot be estimated: the p-value is the mid-p value, and the
    interval is Wilson's for that number of agreeing groups.
    """
    mean = math.fsum(gaps.values()) / len(gaps)
    sums: dict[str, float] = {}
    for q, group in linked.items():
        sums[group] = sums.get(group, 0.0) + gaps[q] - mean
    c = len(sums)
    if c < 2:
        return (-1.0, 1.0), 1.0
    error = math.sqrt(c / (c - 1) * math.fsum(s * s for s in sums.values())) / len(gaps)
    if error < 1e-12:
        return _constant(mean, c), mid
    half = student(c - 1) * error
    return (max(-1.0, mean - half), min(1.0, mean + half)), two_sided(mean / error, c - 1)


def _constant(mean: float, n: int) -> tuple[float, float]:
    """Interval of a difference that is the same on all n questions, as wide as Wilson's for n out of n leaves open."""
    half = 1 - wilson(n, n)[0]
    return max(-1.0, mean - half), min(1.0, mean + half)


def two_sided(t: float, df: float) -> float:
    """P-value of Student's t by Wallace's normal approximation (1959), within 1 % from 5 degrees of freedom on."""
    z = (8 * df + 1) / (8 * df + 3) * math.sqrt(df * math.log1p(t * t / df))
    return math.erfc(z / math.sqrt(2))


def questions_needed(share_a: float, share_b: float, power: float = 0.8) -> int | None:
    """Number of questions at which McNemar's test shows this difference (two-sided 5 %; Connor 1987).

    ``share_a`` and ``share_b`` are the shares of questions that only A, and only B, gets right; None where they are
    equal.
    """
    gap, disagreement = abs(share_a - share_b), share_a + share_b
    if gap == 0:
        return None
    z_power = {0.8: 0.8416212, 0.9: 1.2815516}[power]
    spread = math.sqrt(max(0.0, disagreement - gap * gap))
    return math.ceil(((1.959964 * math.sqrt(disagreement) + z_power * spread) / gap) ** 2)


def adjusted(p_values: Sequence[float], procedure: str = "holm") -> list[float]:
    """P-values adjusted for many comparisons.

    ``holm`` controls the family-wise error rate (Holm 1979), ``bh`` the false discovery rate (Benjamini & Hochberg
    1995).

    Raises:
        ValueError: another procedure.
    """
    n = len(p_values)
    order = sorted(range(n), key=lambda i: p_values[i])
    out = [1.0] * n
    if procedure == "holm":
        worst = 0.0
        for rank, i in enumerate(order):
            worst = max(worst, min(1.0, (n - rank) * p_values[i]))
            out[i] = worst
    elif procedure == "bh":
        best = 1.0
        for rank, i in reversed(list(enumerate(order, 1))):
            best = min(best, p_values[i] * n / rank)
            out[i] = best
    else:
        raise ValueError(f"unknown adjustment {procedure!r}; use holm or bh")
    return out
