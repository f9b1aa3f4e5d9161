"""Has the model seen the test? Tests whose null hypothesis holds by construction, and scores without one.

``exchangeable``: units (a question, a run of questions) each come in one canonical version and m others that a model which has
not seen the benchmark finds just as likely. If so, the canonical one is like a random one of the m + 1, and the p-value is
how often a random choice in every unit gives a mean at least as high (a permutation p-value; Phipson & Smyth 2010 count
the observed one). This is the test of Oren et al. 2024 (arXiv 2310.17623) for orders of a benchmark, here within strata, and
the same for copies of a question with other numbers.

``min_k`` and ``min_k_plus``: mean of the lowest k % of a text's token log-probabilities (Shi et al. 2024, arXiv 2310.16789), as they
are and standardised by the model's own distribution at each position (Zhang et al. 2025, arXiv 2404.02936).
"""

import math
from collections.abc import Sequence
from statistics import fmean
from typing import Any

from msgspec import Struct

from igaku.question import Answer

DRAWS = 10_000
K = 0.2


class Exchange(Struct, frozen=True, kw_only=True):
    """One test. ``gain`` is the mean of (canonical - mean of the others) in units of the within-unit standard deviation."""

    units: int
    versions: int
    gain: float
    p: float
    first: float
    """Share of units in which the canonical version scores highest; 1 / versions by chance."""


def exchangeable(scores: Sequence[Sequence[float]], seed: int = 0, draws: int = DRAWS) -> Exchange:
    """Test scores[unit][version], the canonical version first.

    Units are put on one scale by the standard deviation over their versions; a unit whose versions score the same says nothing.

    Raises:
        ValueError: no unit, or units with fewer than two versions.
    """
    import numpy as np

    if not scores or any(len(u) < 2 for u in scores):
        raise ValueError("every unit needs a canonical version and at least one other")
    sizes = [len(u) for u in scores]
    scaled: list[Any] = []
    for unit in scores:
        values = np.array(unit, dtype=float)
        spread = values.std()
        scaled.append((values - values.mean()) / spread if spread > 0 else np.zeros(len(values)))
    observed = fmean(float(u[0]) for u in scaled)
    dice = np.random.default_rng(seed)
    drawn = np.zeros(draws)
    for unit in scaled:
        drawn += unit[dice.integers(0, len(unit), draws)]
    p = (1 + int((drawn / len(scaled) >= observed - 1e-12).sum())) / (1 + draws)
    first = fmean(float(max(u) == u[0] and u.count(u[0]) == 1) for u in map(list, scores))
    return Exchange(units=len(scores), versions=round(fmean(sizes)), gain=observed, p=p, first=first)


def min_k(answer: Answer, k: float = K) -> float:
    """Mean of the lowest k of the log-probabilities of a text's tokens; higher looks more familiar."""
    return _lowest(answer.logprobs, k)


def min_k_plus(answer: Answer, k: float = K) -> float:
    """As ``min_k``, of (log-probability - mean) / standard deviation at each position."""
    return _lowest([(x - m) / max(d, 1e-6) for x, m, d in zip(answer.logprobs, answer.means, answer.deviations)], k)


def _lowest(values: Sequence[float], k: float) -> float:
    n = max(1, math.ceil(k * len(values)))
    return fmean(sorted(values)[:n]) if values else math.nan


def verbatim(said: str, truth: str) -> int:
    """Characters that a completion has in common with the truth from its beginning (blanks apart)."""
    a, b = "".join(said.split()), "".join(truth.split())
    return next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
