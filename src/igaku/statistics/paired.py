"""Is model A really better than model B? Paired tests on the same questions.

Both answered the same questions, so only the questions that one of the two got right distinguish them: ``only_a`` and
``only_b``. McNemar's test is the binomial test on these (McNemar 1947), exact, and with the mid-p correction
(Lancaster 1961; Fagerland et al. 2013 recommend it), which is less conservative. The interval of the difference is
Tango's score interval. Where discordant questions are linked, whole groups change sign (``sign_flip``) and the score
test is that of an effective number of questions (``clusters``), with Student's t; the larger p counts. Interval and p
agree: 0 is outside the interval where p < 0.05, and only there. Many comparisons: Holm 1979, or Benjamini & Hochberg
1995.
"""

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache

from msgspec import Struct
from msgspec.structs import replace

from igaku.statistics.evidence import Evidence, Test, evidence
from igaku.statistics.margin import MarginTest
from igaku.statistics.power import POWER, questions_for_margin, questions_needed

LEVEL = 0.05


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
    """Whether linked questions or partial scores were taken into account."""
    test: Test
    design_effect: float
    """Variance of the difference over that of as many unlinked questions."""
    p_exact: float
    p_mid: float
    p: float
    """The p-value to use, by ``test``."""
    p_adjusted: float
    odds_ratio: float | None
    """only_a / only_b, the odds ratio of a right answer for matched pairs; None where only_b is 0."""
    needed: int | None
    margin: MarginTest | None = None
    """Against the margin that was asked for."""


def compare(
    a: Outcomes,
    b: Outcomes,
    part: str = "all",
    *,
    margin: float | None = None,
    looks: bool = False,
    planned: int | None = None,
    power: float = POWER,
) -> Comparison:
    """Compare two respondents over the questions that both were scored on.

    Partial scores (rubrics, F1) are compared by their means; the four cells then count full scores.

    Args:
        a: one respondent.
        b: the other.
        part: what they are compared on, for the row's name.
        margin: also test whether one is not worse than the other by this difference (a share).
        looks: interval and p hold however often one looks, for runs that are still going on.
        planned: how many questions there will be, for ``looks``.
        power: for ``needed``.

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
    gaps = {q: a.scores[q] - b.scores[q] for q in shared}
    partial = any(x.scores[q] not in (0.0, 1.0) for x in (a, b) for q in shared)
    found, p, test, effect = evidence(
        gaps, {q: a.groups.get(q) or q for q in shared}, looks=looks, planned=planned, partial=partial
    )
    return comparison(
        (a.name, b.name, part),
        (both, only_a, only_b, neither),
        (math.fsum(a.scores[q] for q in shared) / n, math.fsum(b.scores[q] for q in shared) / n),
        math.fsum(gaps.values()) / n,
        (found, p, test, effect),
        partial,
        power=power,
        margin=margin,
    )


def comparison(
    names: tuple[str, str, str],
    cells: tuple[int, int, int, int],
    means: tuple[float, float],
    difference: float,
    tested: tuple[Evidence, float, Test, float],
    partial: bool,
    *,
    power: float = POWER,
    margin: float | None = None,
) -> Comparison:
    """A comparison from its counts and its evidence.

    Args:
        names: of a, of b, and of what they are compared on.
        cells: questions that both, only a, only b and neither got right.
        means: of a and of b.
        difference: mean of a less b over the questions.
        tested: as of ``igaku.statistics.evidence``.
        partial: whether there are scores between 0 and 1.
        power: as of ``compare``.
        margin: as of ``compare``.
    """
    both, only_a, only_b, neither = cells
    found, p, test, effect = tested
    n = sum(cells)
    exact, mid = mcnemar(only_a, only_b)
    return Comparison(
        a=names[0],
        b=names[1],
        part=names[2],
        n=n,
        mean_a=means[0],
        mean_b=means[1],
        both=both,
        only_a=only_a,
        only_b=only_b,
        neither=neither,
        difference=difference,
        ci95=agreeing(found.interval(), p),
        clustered=test in ("groups", "means"),
        test=test,
        design_effect=effect,
        p_exact=exact,
        p_mid=mid,
        p=p,
        p_adjusted=p,
        odds_ratio=only_a / only_b if only_b else None,
        needed=None if partial else questions_needed(only_a / n, only_b / n, power, design_effect=effect),
        margin=None if margin is None else _margin(found, margin, (only_a + only_b) / n, effect, power),
    )


def agreeing(ci: tuple[float, float], p: float) -> tuple[float, float]:
    """An interval that reaches 0 where p does not exclude it (exact tests are a little stricter than score tests)."""
    return (min(ci[0], 0.0), max(ci[1], 0.0)) if p >= LEVEL else ci


def _margin(found: Evidence, margin: float, disagreement: float, effect: float, power: float) -> MarginTest:
    b, a = found.p(margin, -1), found.p(-margin, 1)
    needed = questions_for_margin(disagreement, margin, power, design_effect=effect)
    return MarginTest(margin=margin, p_b=b, p_a=a, p_b_adjusted=b, p_a_adjusted=a, needed=needed)


def corrected(found: Sequence[Comparison], procedure: str = "holm", power: float = POWER) -> list[Comparison]:
    """Comparisons of one table, adjusted for their number: p values, margins, and the questions needed.

    ``needed`` is for the strictest step of the correction, 5 % over the number of comparisons.
    """
    ps = adjusted([c.p for c in found], procedure)
    margins = iter(adjusted_margins([(c.margin.p_b, c.margin.p_a) for c in found if c.margin], procedure))
    out = []
    for c, p in zip(found, ps):
        needed = c.needed and questions_needed(
            c.only_a / c.n, c.only_b / c.n, power, alpha=LEVEL / len(found), design_effect=c.design_effect
        )
        test = c.margin and _margin_corrected(c, c.margin, next(margins), power, len(found))
        out.append(replace(c, p_adjusted=p, needed=needed, margin=test))
    return out


def _margin_corrected(c: Comparison, test: MarginTest, ps: tuple[float, float], power: float, n: int) -> MarginTest:
    disagreement = (c.only_a + c.only_b) / c.n
    needed = questions_for_margin(disagreement, test.margin, power, alpha=LEVEL / 2 / n, design_effect=c.design_effect)
    return replace(test, p_b_adjusted=ps[0], p_a_adjusted=ps[1], needed=needed)


def mcnemar(only_a: int, only_b: int) -> tuple[float, float]:
    """Two-sided exact and mid-p value of the discordant pairs; 1 where there are none."""
    n, k = only_a + only_b, min(only_a, only_b)
    if n == 0:
        return 1.0, 1.0
    whole, each = math.lgamma(n + 1), n * math.log(2)
    logs = [whole - _log_factorial(i) - _log_factorial(n - i) - each for i in range(k + 1)]
    tail, point = math.fsum(map(math.exp, logs)), math.exp(logs[-1])
    exact = min(1.0, 2 * tail)
    return exact, (1.0 - point / 2 if 2 * k == n else min(1.0, 2 * tail - point))


@lru_cache(maxsize=100_000)
def _log_factorial(n: int) -> float:
    return math.lgamma(n + 1)


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


def adjusted_margins(sides: Sequence[tuple[float, float]], procedure: str = "holm") -> list[tuple[float, float]]:
    """Both one-sided p-values of each pair against a margin, adjusted for the number of pairs.

    B worse by the margin and A worse by it cannot both be true, so that a pair counts once (Holm's procedure with that
    taken into account: Shaffer 1986); ``bh`` takes all as they are.
    """
    flat = [p for both in sides for p in both]
    if procedure != "holm":
        out = adjusted(flat, procedure)
        return list(zip(out[::2], out[1::2]))
    result, worst, open_sides, pairs = [1.0] * len(flat), 0.0, [2] * len(sides), len(sides)
    for i in sorted(range(len(flat)), key=flat.__getitem__):
        worst = max(worst, min(1.0, pairs * flat[i]))
        result[i] = worst
        open_sides[i // 2] -= 1
        pairs -= open_sides[i // 2] == 0
    return list(zip(result[::2], result[1::2]))
