"""Do a model's scores prefer a benchmark's own versions? Two tests whose null hypotheses hold, and scores.

``exchangeable``: units each have one canonical version and m other versions, which are equally likely to a model that
has not seen the benchmark. Under this null hypothesis the canonical version is a random one of the m + 1, and the
p-value is the share of random choices, one version in every unit, whose mean is at least as high (a permutation
p-value; Phipson & Smyth 2010 count the observed one). Random orders of an exam (Oren et al. 2024, arXiv 2310.17623) are
no such versions: neighbours are related, and any model likes that. An order and the same order backwards are: they
have the same neighbours at the same distances, and with two versions this is a sign test.

``above_control``: for versions that are not exchangeable (to a good model, the real numbers of a question are likelier
than invented ones, seen or not, and to a better model more so), the same is done with a control that the model cannot
have seen, and the test is whether the canonical version gains more on the benchmark than on the control. A reference
model alone is no null: a better model, or one adapted to clean text of the domain, gains more without having seen it.

``min_k`` and ``min_k_plus``: mean of the lowest k % of a text's token log-probabilities (Shi et al. 2024, arXiv
2310.16789), unchanged and standardised by the model's own distribution at each position (Zhang et al. 2025, arXiv
2404.02936).
"""

import math
from collections.abc import Sequence
from statistics import fmean
from typing import TYPE_CHECKING

from msgspec import Struct

from igaku.errors import optional
from igaku.question import Answer

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

DRAWS = 10_000
K = 0.2


class ExchangeabilityTest(Struct, frozen=True, kw_only=True):
    """Result of one test."""

    units: int
    versions: int
    gain: float
    """Mean of (canonical - mean of all versions), in standard deviations within the unit."""
    p: float
    first: float
    """Share of units in which the canonical version scores highest; 1 / versions by chance."""


def exchangeable(scores: Sequence[Sequence[float]], seed: int = 0, draws: int = DRAWS) -> ExchangeabilityTest:
    """Test scores[unit][version], the canonical version first.

    Units are put on one scale by the standard deviation over their versions; a unit whose versions score the same
    contributes zero.

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
    return ExchangeabilityTest(
        units=len(scores), versions=_versions(scores), gain=observed, p=p, first=first_best(scores)
    )


def gains(scores: Sequence[Sequence[float]], reference: Sequence[Sequence[float]] | None = None) -> list[float]:
    """What the canonical version of each unit gains over the mean of its versions, in standard deviations within the
    unit; less what it gains for a reference model, if one is given."""
    mine = [float(unit[0]) for unit in _scaled(scores)]
    if reference is None:
        return mine
    return [a - float(b[0]) for a, b in zip(mine, _scaled(reference), strict=True)]


def above_control(found: Sequence[float], control: Sequence[float]) -> float:
    """p-value, one-sided, of Welch's t test that the gains of a benchmark's units are no higher than a control's.

    Unlike spreads and numbers of units do not make it reject, as they do a permutation test (a studentised one too: 10
    % at a nominal 5 % for 12 units of five times the spread of 60).

    Raises:
        ValueError: fewer than two units in one of them.
    """
    if min(len(found), len(control)) < 2:
        raise ValueError("two units or more are needed, of the benchmark and of the control")
    if len({*found, *control}) == 1:
        return 1.0
    stats = optional("scipy.stats", "stats")
    return float(stats.ttest_ind(found, control, equal_var=False, alternative="greater").pvalue)


def first_best(scores: Sequence[Sequence[float]]) -> float:
    """Share of units in which the canonical version alone scores highest."""
    return fmean(float(max(u) == u[0] and list(u).count(u[0]) == 1) for u in scores)


def _versions(scores: Sequence[Sequence[float]]) -> int:
    return round(fmean(map(len, scores)))


def _scaled(scores: Sequence[Sequence[float]]) -> list["NDArray[float64]"]:
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
    """Mean of the lowest share k of the log-probabilities of a text's tokens; higher is more familiar to the model."""
    return _lowest(answer.logprobs, k)


def min_k_plus(answer: Answer, k: float = K) -> float:
    """``min_k`` of (log-probability - mean) / standard deviation, both of the model's distribution at the position."""
    return _lowest([(x - m) / max(d, 1e-6) for x, m, d in zip(answer.logprobs, answer.means, answer.deviations)], k)


def _lowest(values: Sequence[float], k: float) -> float:
    n = max(1, math.ceil(k * len(values)))
    return fmean(sorted(values)[:n]) if values else math.nan


def verbatim(completion: str, original: str) -> int:
    """Number of characters at the beginning of a completion that are those of the original (white space ignored)."""
    a, b = "".join(completion.split()), "".join(original.split())
    return next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
