"""Every pair of many respondents compared, with arrays: what ``paired.compare`` gives, at a tenth of its time.

A board of 300 models has 44,850 pairs. The numbers are those of ``compare`` but for the order of addition (tests hold
both against each other). It needs numpy; without it, or for few pairs, ``compare`` is called.
"""

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec import Struct

from igaku.statistics.clusters import INDEPENDENT, Design, satterthwaite
from igaku.statistics.evidence import Counts, Mean, Test
from igaku.statistics.paired import Comparison, Outcomes, compare, comparison
from igaku.statistics.sign_flip import STATES, flips_of
from igaku.statistics.sign_lattice import on_lattice

if TYPE_CHECKING:
    from numpy import bool_, float64, int64
    from numpy.typing import NDArray

MANY = 1_000
"""Pairs from which arrays pay."""


def compare_all(outcomes: Sequence[Outcomes], pairs: Sequence[tuple[int, int]]) -> list[Comparison]:
    """Comparisons of pairs of respondents (their numbers) that have questions in common, in order."""
    if len(pairs) < MANY or not _numpy():
        return [compare(outcomes[a], outcomes[b]) for a, b in pairs]
    table = _table(outcomes)
    return [_pair(table, a, b) for a, b in pairs]


def _numpy() -> bool:
    try:
        import numpy  # noqa: F401
    except ImportError:
        return False
    return True


class _Groups(Struct, frozen=True):
    """Linked groups of some questions: the group of each, the groups' sizes, and degrees of freedom."""

    of: "NDArray[int64]"
    sizes: "NDArray[float64]"
    freedom: float


class _Table(Struct, frozen=True):
    """Scores of respondents (rows) on questions (columns), NaN where there is none."""

    names: Sequence[str]
    scores: "NDArray[float64]"
    has: "NDArray[bool_]"
    whole: Sequence[bool]
    """Whether a respondent has all questions."""
    groups: _Groups


def _table(outcomes: Sequence[Outcomes]) -> _Table:
    import numpy as np

    questions = list(dict.fromkeys(q for o in outcomes for q in o.scores))
    linked: dict[str, str] = {}
    for o in outcomes:
        for q in o.scores:
            linked.setdefault(q, o.groups.get(q) or q)
    scores = np.array([[o.scores.get(q, math.nan) for q in questions] for o in outcomes])
    has = ~np.isnan(scores)
    return _Table(
        [o.name for o in outcomes], scores, has, has.all(axis=1).tolist(), _groups([*map(linked.get, questions)])
    )


def _groups(names: Sequence[object]) -> _Groups:
    import numpy as np

    number = {name: i for i, name in enumerate(dict.fromkeys(names))}
    of = np.array([number[name] for name in names])
    sizes = np.bincount(of).astype(float)
    return _Groups(of, sizes, satterthwaite(sizes.tolist()) if 1 < len(sizes) < len(of) else math.inf)


def _pair(t: _Table, i: int, j: int) -> Comparison:
    import numpy as np

    x, y, groups = t.scores[i], t.scores[j], t.groups
    if not (t.whole[i] and t.whole[j]):
        both = t.has[i] & t.has[j]
        x, y, groups = x[both], y[both], _groups(groups.of[both].tolist())
    n = len(x)
    one, other = x >= 1, y >= 1
    only_a, only_b, right = (int(np.count_nonzero(v)) for v in (one & ~other, other & ~one, one & other))
    partial = any(bool(((v != 0) & (v != 1)).any()) for v in (x, y))
    gaps = x - y
    return comparison(
        (t.names[i], t.names[j], "all"),
        (right, only_a, only_b, n - right - only_a - only_b),
        (math.fsum(x.tolist()) / n, math.fsum(y.tolist()) / n),
        math.fsum(gaps.tolist()) / n,
        _evidence(gaps, groups, partial),
        partial,
    )


def _evidence(gaps: "NDArray[float64]", groups: _Groups, partial: bool) -> tuple[Counts | Mean, float, Test, float]:
    """As ``evidence``."""
    import numpy as np

    n = len(gaps)
    mean = math.fsum(gaps.tolist()) / n
    off = gaps - mean
    spread = math.fsum((off * off).tolist())
    discordant = np.bincount(groups.of, gaps != 0)
    together = partial or bool((discordant > 1).any())
    design = _design(off, groups, spread) if together else INDEPENDENT
    flips = _flips(np.bincount(groups.of, gaps).astype(float))
    if partial:
        error = math.sqrt(design.effect * spread / (n * max(1, n - 1))) if spread > 1e-12 else 0.0
        freedom = n - 1.0 if math.isinf(design.freedom) else design.freedom
        found = Mean(mean, error, freedom, n / design.effect)
        return found, max(flips or 0.0, found.p()), "means", design.effect
    only_a, only_b = (int(np.count_nonzero(gaps == side)) / design.effect for side in (1, -1))
    counts = Counts(only_a, only_b, n / design.effect, design.freedom)
    if together:
        return counts, max(flips or 0.0, counts.p()), "groups", design.effect
    return counts, counts.p() if flips is None else flips, "mid-p", 1.0


def _flips(sums: "NDArray[float64]") -> float | None:
    import numpy as np

    rounded = np.round(sums, 9)
    sizes, times = np.unique(np.abs(rounded[rounded != 0]), return_counts=True)
    return _chance(tuple(zip(sizes.tolist(), times.tolist())), round(abs(math.fsum(rounded.tolist())), 9))


@lru_cache(maxsize=1 << 16)
def _chance(sizes: tuple[tuple[float, int], ...], found: float) -> float | None:
    """Of the sums' sizes and their total: pairs that differ alike (most, on a short exam) are counted once, and on a
    lattice also where they are few."""
    counted = on_lattice(dict(sizes), found, 20 * STATES)
    return counted.p if counted and counted.p is not None else flips_of(dict(sizes), found)


def _design(off: "NDArray[float64]", groups: _Groups, spread: float) -> Design:
    """As ``design``, from the deviations."""
    import numpy as np

    n, sizes = len(off), groups.sizes
    c = len(sizes)
    if c == n:
        return INDEPENDENT
    if c == 1:
        return Design(float(n), 0.0)
    if spread < 1e-12:
        return Design(float(np.sum(sizes * sizes)) / n, groups.freedom)
    sums = np.bincount(groups.of, off)
    between = math.fsum((sums * sums / sizes).tolist())
    above, within = between / (c - 1), max(0.0, spread - between) / (n - c)
    typical = (n - float(np.sum(sizes * sizes)) / n) / (c - 1)
    total = above + (typical - 1) * within
    rho = min(1.0, max(0.0, (above - within) / total)) if total > 0 else 0.0
    robust = math.fsum((sums * sums / (1 - sizes / n)).tolist())
    modelled = float(np.sum(sizes * (1 + (sizes - 1) * rho))) / n
    return Design(max(1.0, robust / spread, modelled), groups.freedom)
