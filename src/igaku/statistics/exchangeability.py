"""Has the model seen the test? One test whose null hypothesis holds by construction, one against a reference model, and scores.

``exchangeable``: units (a question, a run of questions) each come in one canonical version and m others that a model which has
not seen the benchmark finds just as likely. If so, the canonical one is like a random one of the m + 1, and the p-value is
how often a random choice in every unit gives a mean at least as high (a permutation p-value; Phipson & Smyth 2010 count
the observed one). This is the test of Oren et al. 2024 (arXiv 2310.17623) for orders of a benchmark, here within strata.

``against``: for versions that are not exchangeable (a good model finds real numbers likelier than made-up ones, seen or not), a
reference model is asked the same, and the test is whether the model prefers the canonical version more than the reference does
(signs of the differences flipped at random).

``min_k`` and ``min_k_plus``: mean of the lowest k % of a text's token log-probabilities (Shi et al. 2024, arXiv 2310.16789), as they
are and standardised by the model's own distribution at each position (Zhang et al. 2025, arXiv 2404.02936).
"""

import math
from collections.abc import Sequence
from statistics import fmean
from typing import Any

from msgspec import Struct

from igaku.errors import optional
from igaku.question import Answer

DRAWS = 10_000
K = 0.2


class Exchange(Struct, frozen=True, kw_only=True):
    """One test. ``gain`` is the mean of (canonical - mean of all versions) in units of the within-unit standard deviation."""

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
    np = optional("numpy", "stats")

    scaled = _scaled(scores)
    observed = fmean(float(u[0]) for u in scaled)
    rng = np.random.default_rng(seed)
    drawn = np.zeros(draws)
    for unit in scaled:
        drawn += unit[rng.integers(0, len(unit), draws)]
    p = (1 + int((drawn / len(scaled) >= observed - 1e-12).sum())) / (1 + draws)
    return Exchange(units=len(scores), versions=_versions(scores), gain=observed, p=p, first=first_best(scores))


def against(
    scores: Sequence[Sequence[float]], reference: Sequence[Sequence[float]], seed: int = 0, draws: int = DRAWS
) -> Exchange:
    """Test whether the canonical versions stand out more in scores[unit][version] than in those of a reference model.

    ``gain`` is the mean difference of the two; the null hypothesis is that it is as often positive as negative.
    """
    np = optional("numpy", "stats")

    gaps = np.array([float(a[0]) - float(b[0]) for a, b in zip(_scaled(scores), _scaled(reference), strict=True)])
    signs = np.random.default_rng(seed).choice([-1.0, 1.0], (draws, len(gaps)))
    p = (1 + int(((signs * gaps).mean(1) >= gaps.mean() - 1e-12).sum())) / (1 + draws)
    return Exchange(
        units=len(scores), versions=_versions(scores), gain=float(gaps.mean()), p=p, first=first_best(scores)
    )


def first_best(scores: Sequence[Sequence[float]]) -> float:
    """Share of units in which the canonical version alone scores highest."""
    return fmean(float(max(u) == u[0] and list(u).count(u[0]) == 1) for u in scores)


def _versions(scores: Sequence[Sequence[float]]) -> int:
    return round(fmean(map(len, scores)))


def _scaled(scores: Sequence[Sequence[float]]) -> list[Any]:
    """Each unit's versions as distances from their mean in standard deviations."""
    np = optional("numpy", "stats")

    if not scores or any(len(u) < 2 for u in scores):
        raise ValueError("every unit needs a canonical version and at least one other")
    out = []
    for unit in scores:
        values = np.array(unit, dtype=float)
        spread = values.std()
        out.append((values - values.mean()) / spread if spread > 0 else np.zeros(len(values)))
    return out


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
