"""Questions over respondents: how hard, how well they tell the better from the worse, and whether two groups differ.

Difficulty is the share of respondents that were right, and discrimination the correlation of right or not with the
score on the other questions (corrected point-biserial; Lord & Novick 1968): with the one or two dozen models that are
published for an exam, a two-parameter response model cannot be fitted. Differential functioning is tested by the
Mantel-Haenszel procedure (Holland & Thayer 1988): among respondents with a like score on the other questions, is one
group more often right? Own lines, since ``statsmodels`` has the test (the tests compare the two) in an extra that takes
a second to import.
"""

import math
from collections.abc import Collection, Hashable, Mapping, Sequence
from statistics import StatisticsError, correlation, fmean

from msgspec import Struct

BANDS = 4
"""Bands of score within which respondents count as alike."""
Scores = Mapping[str, float]


class ItemStatistic(Struct, frozen=True, kw_only=True):
    """Classical statistics of one question over respondents."""

    id: str
    n: int
    share_right: float
    point_biserial: float | None
    """Correlation of right (1) or not (0) with the score on the other questions; None where one is constant."""
    p: float | None = None
    """One-sided, of a correlation this low if the better were as often right as the worse (Fisher's z)."""


class DifferentialItem(Struct, frozen=True, kw_only=True):
    """One question in two groups of respondents, matched by their score on the other questions."""

    id: str
    n: tuple[int, int]
    share_right: tuple[float, float]
    odds_ratio: float | None
    """Odds of the first group to be right against those of the second at a like score; None where undefined."""
    p: float
    """Two-sided, Mantel-Haenszel chi-squared with continuity correction."""


def shares(groups: Sequence[Hashable], n: int) -> dict[Hashable, int]:
    """Allocation of n to groups in proportion to their sizes, by largest remainders."""
    sizes = {g: groups.count(g) for g in dict.fromkeys(groups)}
    exact = {g: n * size / len(groups) for g, size in sizes.items()}
    out = {g: int(x) for g, x in exact.items()}
    for g in sorted(exact, key=lambda g: out[g] - exact[g])[: n - sum(out.values())]:
        out[g] += 1
    return out


def classical(responses: Sequence[Scores], ids: Sequence[str]) -> list[ItemStatistic]:
    """Share of right answers and corrected point-biserial correlation of each question."""
    sums = [(r, sum(r.values()), len(r)) for r in responses]
    return [_statistic(i, [(float(r[i] >= 1), _rest(r, i, total, n)) for r, total, n in sums if i in r]) for i in ids]


def _rest(scores: Scores, id: str, total: float, n: int) -> float:
    """Score on the other questions."""
    return (total - scores.get(id, 0.0)) / (n - (id in scores)) if n > (id in scores) else 0.0


def _statistic(id: str, pairs: Sequence[tuple[float, float]]) -> ItemStatistic:
    n, share = len(pairs), fmean(right for right, _ in pairs) if pairs else 0.0
    try:
        r = correlation(*zip(*pairs)) if n > 2 else None
    except StatisticsError:
        r = None
    p = None if r is None or n < 4 else _lower(math.atanh(max(-0.999999, min(0.999999, r))) * math.sqrt(n - 3))
    return ItemStatistic(id=id, n=n, share_right=share, point_biserial=r, p=p)


def _lower(z: float) -> float:
    return math.erfc(-z / math.sqrt(2)) / 2


def differential(
    first: Sequence[Scores], second: Sequence[Scores], ids: Sequence[str], match: Collection[str] = ()
) -> list[DifferentialItem]:
    """Each question in two groups of respondents, in bands of like score.

    Args:
        match: the questions whose score makes respondents alike (the question itself left out); all if empty.
    """
    wanted = set(match) or set(ids)
    groups = [[{i: v for i, v in r.items() if i in wanted} for r in rs] for rs in (first, second)]
    totals = [[(sum(r.values()), len(r)) for r in rs] for rs in groups]
    out = []
    for i in ids:
        found = [
            (k, float(r[i] >= 1), _rest(rest, i, *total))
            for k, rs in enumerate((first, second))
            for r, rest, total in zip(rs, groups[k], totals[k])
            if i in r
        ]
        out.append(_differential(i, found))
    return out


def _differential(id: str, found: Sequence[tuple[int, float, float]]) -> DifferentialItem:
    right = [[r for k, r, _ in found if k == group] for group in (0, 1)]
    order = sorted(rest for _, _, rest in found)
    cuts = [order[len(order) * b // BANDS] for b in range(1, BANDS)] if order else []
    tables = [[0, 0, 0, 0] for _ in range(BANDS)]
    for group, r, rest in found:
        tables[sum(rest >= c for c in cuts)][2 * group + (r < 1)] += 1
    ratio, p = mantel_haenszel([(a, b, c, d) for a, b, c, d in tables])
    n, share = (len(right[0]), len(right[1])), tuple(fmean(r) if r else 0.0 for r in right)
    return DifferentialItem(id=id, n=n, share_right=(share[0], share[1]), odds_ratio=ratio, p=p)


def mantel_haenszel(tables: Sequence[tuple[int, int, int, int]]) -> tuple[float | None, float]:
    """Common odds ratio and two-sided p of tables (first right, first wrong, second right, second wrong).

    The ratio is None where it is 0 / 0 or infinite; without a table that can differ, p is 1.
    """
    top = bottom = excess = spread = 0.0
    for a, b, c, d in tables:
        n = a + b + c + d
        if n < 2:
            continue
        top, bottom = top + a * d / n, bottom + b * c / n
        excess += a - (a + b) * (a + c) / n
        spread += (a + b) * (c + d) * (a + c) * (b + d) / (n * n * (n - 1))
    if spread == 0:
        return None, 1.0
    chi2 = max(0.0, abs(excess) - 0.5) ** 2 / spread
    return top / bottom if bottom else None, math.erfc(math.sqrt(chi2 / 2))
