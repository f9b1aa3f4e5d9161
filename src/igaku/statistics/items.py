"""Item response: difficulty and discrimination of questions, short forms of a benchmark, and the full score from one.

The two-parameter logistic model (Birnbaum 1968): P(right) = 1 / (1 + exp(-a (ability - b))), fitted by marginal
maximum likelihood (package ``mirt``; girth takes a hundred times as long, py-irt limits the versions of packages we
need). With few respondents discrimination cannot be estimated, and only difficulty is fitted (Rasch 1960). Without
respondents, the accuracy of people gives the difficulty. A short form is chosen by information (Lord 1980), over a
range of abilities and over the benchmark's sections.
"""

import math
from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from igaku.errors import IgakuError, optional

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import ArrayLike, NDArray

MIN_FOR_2PL = 50
"""Fewest respondents for which discrimination is fitted."""


class Bank(Struct, frozen=True, kw_only=True):
    """Calibrated questions, in the benchmark's order."""

    ids: list[str]
    discrimination: list[float]
    difficulty: list[float]
    source: str


class Estimate(Struct, frozen=True, kw_only=True):
    """Estimate, from a short form, of the full score (share of all questions of the bank that are answered right)."""

    score: float
    error: float
    """Standard error."""
    ability: float


def fit(responses: Sequence[Mapping[str, float]], ids: Sequence[str]) -> Bank:
    """Fit questions to respondents (question -> score, right from 1; a question without a score was not answered).

    Questions that all respondents got right, or all got wrong, carry no information and get a fixed extreme difficulty.

    Raises:
        IgakuError: the ``stats`` extra is not installed, or no question distinguishes the respondents.
        ValueError: fewer than three respondents.
    """
    if len(responses) < 3:
        raise ValueError(f"{len(responses)} respondents are too few to calibrate questions; give runs of three or more")
    mirt = optional("mirt", "stats")
    np = optional("numpy", "stats")

    table = np.array([[int(r[i] >= 1) if i in r else -1 for i in ids] for r in responses])
    right = (table == 1).sum(0) / np.maximum((table >= 0).sum(0), 1)
    usable = (right > 0) & (right < 1)
    if not usable.any():
        raise IgakuError("all respondents have the same score on every question; give runs of other models")
    model = "2PL" if len(responses) >= MIN_FOR_2PL else "1PL"
    fitted = mirt.fit_mirt(table[:, usable], model, compute_standard_errors=False).model.parameters
    a, b = np.ones(len(ids)), np.zeros(len(ids))
    slopes = np.asarray(fitted["discrimination"], dtype=float).ravel()
    a[usable] = np.clip(slopes if len(slopes) > 1 else slopes[0], 0.2, 4.0)
    b[usable] = np.clip(fitted["difficulty"], -5, 5)
    a[~usable] = np.median(a[usable])
    b[~usable] = np.where(right[~usable] >= 1, -4.0, 4.0)
    return Bank(
        ids=list(ids), discrimination=a.tolist(), difficulty=b.tolist(), source=f"{model}, {len(responses)} respondents"
    )


def from_people(accuracy: Mapping[str, float]) -> Bank:
    """Difficulty from the share of people who were right (examinees of one exam, at ability 0); discrimination 1."""
    clipped = {i: min(0.995, max(0.005, p)) for i, p in accuracy.items()}
    return Bank(
        ids=list(clipped),
        discrimination=[1.0] * len(clipped),
        difficulty=[-math.log(p / (1 - p)) for p in clipped.values()],
        source="people's accuracy",
    )


def curves(bank: Bank, abilities: "ArrayLike") -> "NDArray[float64]":
    """[abilities, questions] probabilities of a right answer."""
    np = optional("numpy", "stats")

    a, b = np.array(bank.discrimination), np.array(bank.difficulty)
    logits = a * (np.asarray(abilities, dtype=float)[:, None] - b)
    p: NDArray[float64] = 1 / (1 + np.exp(-np.clip(logits, -30, 30)))
    return p


def short_form(bank: Bank, n: int, strata: Mapping[str, Hashable] | None = None) -> list[str]:
    """The n most informative questions over a range of abilities (quantiles of difficulty), evenly from the strata.

    Greedy: the next question is the one that adds most to the sum over abilities of the logarithm of information, among
    the strata that have not reached their share.
    """
    np = optional("numpy", "stats")

    n = min(n, len(bank.ids))
    grid = np.quantile(bank.difficulty, [0.05, 0.2, 0.35, 0.5, 0.65, 0.8, 0.95])
    p = curves(bank, grid)
    information = np.array(bank.discrimination) ** 2 * p * (1 - p)
    groups = [(strata or {}).get(i, "") for i in bank.ids]
    room = shares(groups, n)
    total, chosen = np.full(len(grid), 1e-3), []
    free = np.ones(len(bank.ids), dtype=bool)
    for _ in range(n):
        gain = np.log(total[:, None] + information).sum(0)
        gain[~free | np.array([room[g] <= 0 for g in groups])] = -np.inf
        best = int(gain.argmax())
        chosen.append(best)
        free[best], total = False, total + information[:, best]
        room[groups[best]] -= 1
    return [bank.ids[i] for i in sorted(chosen)]


def shares(groups: Sequence[Hashable], n: int) -> dict[Hashable, int]:
    """Allocation of n to groups in proportion to their sizes, by largest remainders."""
    sizes = {g: groups.count(g) for g in dict.fromkeys(groups)}
    exact = {g: n * size / len(groups) for g, size in sizes.items()}
    out = {g: int(x) for g, x in exact.items()}
    for g in sorted(exact, key=lambda g: out[g] - exact[g])[: n - sum(out.values())]:
        out[g] += 1
    return out


def estimate(bank: Bank, responses: Mapping[str, float]) -> Estimate:
    """The full score from some answers: a question without an answer counts with its probability at the ability.

    Ability is the posterior mean over a wide normal prior (EAP; Bock & Mislevy 1982); the error contains the
    posterior's variance and the binomial variance of each question without an answer.
    """
    np = optional("numpy", "stats")

    grid = np.linspace(-6, 6, 121)
    p = curves(bank, grid)
    answered = np.array([i in responses for i in bank.ids])
    right = np.array([float(responses.get(i, 0) >= 1) for i in bank.ids])
    likelihoods = np.where(right[answered], p[:, answered], 1 - p[:, answered])
    log_posterior = np.log(np.clip(likelihoods, 1e-12, 1)).sum(1) - grid**2 / (2 * 2.0**2)
    weight = np.exp(log_posterior - log_posterior.max())
    weight /= weight.sum()
    rest = p[:, ~answered]
    full = (right[answered].sum() + rest.sum(1)) / len(bank.ids)
    mean = float(weight @ full)
    spread = float(weight @ (full - mean) ** 2) + float(weight @ (rest * (1 - rest)).sum(1)) / len(bank.ids) ** 2
    return Estimate(score=mean, error=spread**0.5, ability=float(weight @ grid))


class ItemStatistic(Struct, frozen=True, kw_only=True):
    """Classical statistics of one question over respondents."""

    id: str
    n: int
    share_right: float
    point_biserial: float | None
    """Correlation of right (1) or not (0) with the score on the other questions; None where one is constant."""


def classical(responses: Sequence[Mapping[str, float]], ids: Sequence[str]) -> list[ItemStatistic]:
    """Share of right answers and corrected point-biserial correlation of each question."""
    from statistics import StatisticsError, correlation, fmean

    out = []
    for i in ids:
        mine = [r for r in responses if i in r]
        right = [float(r[i] >= 1) for r in mine]
        others = [fmean(v for k, v in r.items() if k != i) if len(r) > 1 else 0.0 for r in mine]
        try:
            biserial = correlation(right, others) if len(mine) > 2 else None
        except StatisticsError:
            biserial = None
        out.append(ItemStatistic(id=i, n=len(mine), share_right=fmean(right) if mine else 0.0, point_biserial=biserial))
    return out
