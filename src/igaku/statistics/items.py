"""Item response: how hard and how telling each question is, short forms of a benchmark, and the full score from one.

The two-parameter logistic model (Birnbaum 1968): P(right) = 1 / (1 + exp(-a (ability - b))), fitted by marginal maximum likelihood
(package ``mirt``; girth takes a hundred times as long, py-irt caps packages we need). With few respondents discrimination
cannot be told, and only difficulty is fitted (Rasch 1960). Where no respondents are at hand, people's accuracy gives the
difficulty. A short form is chosen by information (Lord 1980), spread over abilities and over the benchmark's sections.
"""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from igaku.errors import IgakuError, optional

FEW = 50
"""Below so many respondents only difficulty is fitted."""


class Bank(Struct, frozen=True, kw_only=True):
    """Calibrated questions, in the benchmark's order."""

    ids: list[str]
    discrimination: list[float]
    difficulty: list[float]
    source: str


class Estimate(Struct, frozen=True, kw_only=True):
    """The full score (share right of all questions of the bank) as a short form tells it."""

    score: float
    error: float
    """Standard error."""
    ability: float


def fit(responses: Sequence[Mapping[str, float]], ids: Sequence[str]) -> Bank:
    """Fit questions to respondents (question -> right or not; absent: not asked).

    Questions that all got right, or all wrong, carry no information of their own and get the nearest extreme.

    Raises:
        IgakuError: the ``stats`` extra is not installed, or no question tells the respondents apart.
        ValueError: fewer than three respondents.
    """
    if len(responses) < 3:
        raise ValueError(f"{len(responses)} respondents are too few to calibrate questions; give runs of three or more")
    mirt = optional("mirt", "stats")
    np = optional("numpy", "stats")

    table = np.array([[int(r[i] >= 1) if i in r else -1 for i in ids] for r in responses])
    asked = np.maximum((table >= 0).sum(0), 1)
    right = (table == 1).sum(0) / asked
    usable = (right > 0) & (right < 1)
    if not usable.any():
        raise IgakuError(
            "the respondents answer every question alike, so that nothing can be told of the questions; give others"
        )
    model = "2PL" if len(responses) >= FEW else "1PL"
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
    """Difficulty from the share of people who were right (of one exam's examinees, ability 0), discrimination 1."""
    import math

    clipped = {i: min(0.995, max(0.005, p)) for i, p in accuracy.items()}
    return Bank(
        ids=list(clipped),
        discrimination=[1.0] * len(clipped),
        difficulty=[-math.log(p / (1 - p)) for p in clipped.values()],
        source="people's accuracy",
    )


def curves(bank: Bank, abilities: Any) -> Any:
    """(abilities, questions) probabilities of a right answer."""
    np = optional("numpy", "stats")

    a, b = np.array(bank.discrimination), np.array(bank.difficulty)
    return 1 / (1 + np.exp(-np.clip(a * (np.asarray(abilities, dtype=float)[:, None] - b), -30, 30)))


def short_form(bank: Bank, n: int, strata: Mapping[str, Hashable] | None = None) -> list[str]:
    """The n questions that tell most, spread over abilities (from the questions' own difficulties) and over strata.

    Greedy: next comes the question that adds most to the sum over abilities of the logarithm of information, out of a stratum
    that has not yet had its share.
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
    """How many of n each group gets: its share, remainders to the largest fractions."""
    sizes = {g: groups.count(g) for g in dict.fromkeys(groups)}
    exact = {g: n * size / len(groups) for g, size in sizes.items()}
    out = {g: int(x) for g, x in exact.items()}
    for g in sorted(exact, key=lambda g: out[g] - exact[g])[: n - sum(out.values())]:
        out[g] += 1
    return out


def estimate(bank: Bank, responses: Mapping[str, float]) -> Estimate:
    """The full score from some answers: what was answered counts as it is, the rest by its probability at the ability.

    Ability is the posterior mean over a wide normal prior (EAP; Bock & Mislevy 1982); the error holds the posterior's
    spread and the chance of each unanswered question.
    """
    np = optional("numpy", "stats")

    grid = np.linspace(-6, 6, 121)
    p = curves(bank, grid)
    asked = np.array([i in responses for i in bank.ids])
    right = np.array([float(responses.get(i, 0) >= 1) for i in bank.ids])
    fits = np.log(np.clip(np.where(right[asked], p[:, asked], 1 - p[:, asked]), 1e-12, 1)).sum(1) - grid**2 / (
        2 * 2.0**2
    )
    weight = np.exp(fits - fits.max())
    weight /= weight.sum()
    rest = p[:, ~asked]
    full = (right[asked].sum() + rest.sum(1)) / len(bank.ids)
    mean = float(weight @ full)
    spread = float(weight @ (full - mean) ** 2) + float(weight @ (rest * (1 - rest)).sum(1)) / len(bank.ids) ** 2
    return Estimate(score=mean, error=spread**0.5, ability=float(weight @ grid))


class ItemStatistic(Struct, frozen=True, kw_only=True):
    """Classical statistics of one question over respondents."""

    id: str
    n: int
    share_right: float
    point_biserial: float | None
    """Correlation of right or not with the score on the other questions; None where everybody is the same."""


def classical(responses: Sequence[Mapping[str, float]], ids: Sequence[str]) -> list[ItemStatistic]:
    """Share right and corrected point-biserial correlation of each question."""
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
