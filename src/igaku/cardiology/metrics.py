"""How good predictions are, with intervals by patient: several records of one patient are no independent facts."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from msgspec import Struct

from igaku.errors import IgakuError

ROUNDS = 1000
FEWEST = 5
"""Positives and negatives below which DeLong's variance says nothing."""


class Measure(Struct, frozen=True):
    """A number with its 95 % interval (None where it cannot be had)."""

    name: str
    value: float
    low: float | None = None
    high: float | None = None

    def __str__(self) -> str:
        return f"{self.value:.3f}" + (f" ({self.low:.3f} to {self.high:.3f})" if self.low is not None else "")


def auroc(truth: Any, score: Any) -> float:
    """Chance that a positive scores above a negative, ties half."""
    import numpy as np
    from scipy.stats import rankdata

    truth = np.asarray(truth).astype(bool)
    n, m = int(truth.sum()), int((~truth).sum())
    if not n or not m:
        return float("nan")
    return float((rankdata(score)[truth].sum() - n * (n + 1) / 2) / (n * m))


def average_precision(truth: Any, score: Any) -> float:
    """Area under precision and recall, as steps."""
    import numpy as np

    truth = np.asarray(truth).astype(bool)
    order = np.argsort(-np.asarray(score), kind="stable")
    hits = truth[order]
    if not hits.any():
        return float("nan")
    last = np.append(np.diff(np.asarray(score)[order]) != 0, True)
    precision = np.cumsum(hits) / np.arange(1, len(hits) + 1)
    recall = np.cumsum(hits) / hits.sum()
    precision, recall = precision[last], recall[last]
    return float((np.diff(np.append(0, recall)) * precision).sum())


def sensitivity_at(truth: Any, score: Any, specificity: float = 0.9) -> float:
    """Sensitivity at the threshold that so many negatives stay below."""
    import numpy as np

    truth = np.asarray(truth).astype(bool)
    score = np.asarray(score, float)
    if truth.all() or not truth.any():
        return float("nan")
    return float((score[truth] > threshold(truth, score, specificity)).mean())


def threshold(truth: Any, score: Any, specificity: float = 0.9) -> float:
    """What a score must be above so that at least so many negatives stay at or below it; set on validation patients, then fixed."""
    import numpy as np

    negatives = np.asarray(score, float)[~np.asarray(truth).astype(bool)]
    return float(np.quantile(negatives, specificity, method="inverted_cdf")) if len(negatives) else float("nan")


def brier(truth: Any, chance: Any) -> float:
    """Mean squared difference of chance and truth."""
    import numpy as np

    return float(np.square(np.asarray(chance) - np.asarray(truth)).mean())


def calibration(truth: Any, chance: Any, bins: int = 10) -> list[tuple[float, float, int]]:
    """(mean chance, share of positives, n) in tenths of the records."""
    import numpy as np

    order = np.argsort(chance)
    return [
        (float(np.asarray(chance)[p].mean()), float(np.asarray(truth)[p].mean()), len(p))
        for p in np.array_split(order, min(bins, len(order)))
        if len(p)
    ]


def by_patient(
    function: Callable[..., float], patients: Sequence[str], *arrays: Any, rounds: int = ROUNDS, seed: int = 0
) -> tuple[float, float] | tuple[None, None]:
    """95 % interval of ``function(*arrays)`` over patients drawn again."""
    import numpy as np

    known, owner = np.unique(np.asarray(patients), return_inverse=True)
    order = np.argsort(owner, kind="stable")
    members = np.split(order, np.flatnonzero(np.diff(owner[order])) + 1)
    alone = len(known) == len(owner)
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(rounds):
        drawn = rng.integers(0, len(known), len(known))
        at = order[drawn] if alone else np.concatenate([members[k] for k in drawn])
        value = function(*(np.asarray(a)[at] for a in arrays))
        if value == value:
            found.append(value)
    if len(found) < 0.9 * rounds:
        return None, None
    return float(np.quantile(found, 0.025)), float(np.quantile(found, 0.975))


def classified(
    truth: Any, chance: Any, patients: Sequence[str], above: float | None = None, rounds: int = ROUNDS
) -> list[Measure]:
    """What is told of a classifier.

    Args:
        above: a threshold set beforehand on other patients; what it does here is told too.
    """
    functions: dict[str, Callable[..., float]] = {
        "AUROC": auroc,
        "AUPRC": average_precision,
        "sensitivity at 90 % specificity": sensitivity_at,
        "Brier": brier,
    }
    if above is not None and above == above:
        functions |= {f"{name} at the threshold set before": partial(_share, above, name) for name in _SHARES}
    return [
        Measure(name, f(truth, chance), *by_patient(f, patients, truth, chance, rounds=rounds))
        for name, f in functions.items()
    ]


_SHARES = {"sensitivity": (0, True), "specificity": (0, False), "PPV": (1, True), "NPV": (1, False)}
"""Name -> (of whom: 0 the truth, 1 the answer; which of them)."""


def _share(above: float, name: str, truth: Any, chance: Any) -> float:
    """One of the four numbers that a threshold gives; NaN where nobody is in its denominator."""
    import numpy as np

    said = np.asarray(truth).astype(bool), np.asarray(chance) > above
    of, which = _SHARES[name]
    asked = said[of] == which
    return float((said[1 - of][asked] == which).mean()) if asked.any() else float("nan")


def macro(truth: Any, chance: Any) -> float:
    """Mean AUROC of several labels [n, labels], NaN where a record does not know one; labels with one kind only are left out."""
    import numpy as np

    truth, chance = np.asarray(truth, float), np.asarray(chance)
    found = [auroc(t[k], c[k]) for t, c in zip(truth.T, chance.T) if (k := ~np.isnan(t)).any()]
    known = [v for v in found if v == v]
    return float(np.mean(known)) if known else float("nan")


def mean_error(truth: Any, told: Any) -> float:
    """Mean absolute error."""
    import numpy as np

    return float(np.abs(np.asarray(truth) - np.asarray(told)).mean())


def r_squared(truth: Any, told: Any) -> float:
    """Share of the variance that is told."""
    import numpy as np

    spread = np.square(truth - np.mean(truth)).sum()
    return float(1 - np.square(truth - told).sum() / spread) if spread else float("nan")


def correlation(truth: Any, told: Any) -> float:
    """Pearson's r."""
    import numpy as np

    return float(np.corrcoef(truth, told)[0, 1]) if np.std(truth) and np.std(told) else float("nan")


def regressed(
    truth: Any, told: Any, patients: Sequence[str], usual: float | None = None, rounds: int = ROUNDS
) -> list[Measure]:
    """What is told of a regression: mean absolute error, R², r, and the error of always telling the training mean.

    Args:
        usual: that mean; the records' own if it is not known, which no model could tell beforehand.
    """
    import numpy as np

    truth, told = np.asarray(truth, float), np.asarray(told, float)
    if not len(truth):
        raise IgakuError("no patient whose age is known; nothing can be measured")
    made = [
        Measure(name, f(truth, told), *by_patient(f, patients, truth, told, rounds=rounds))
        for name, f in (("MAE", mean_error), ("R2", r_squared), ("r", correlation))
    ]
    constant = np.full_like(truth, truth.mean() if usual is None else usual)
    return [*made, Measure("MAE of the mean", mean_error(truth, constant))]


class Paired(Struct, frozen=True):
    """Two models on the same records: the first's measure less the second's."""

    name: str
    one: float
    other: float
    low: float | None
    high: float | None
    p: float | None
    """DeLong's, of AUROCs where each patient has one record and both kinds are there five times; else None, since it takes records for independent."""

    @property
    def difference(self) -> float:
        """First less second."""
        return self.one - self.other

    @property
    def text(self) -> str:
        """The difference with its interval, each with its sign."""
        told = f" ({self.low:+.3f} to {self.high:+.3f})" if self.low is not None and self.high is not None else ""
        return f"{self.difference:+.3f}{told}"


def paired(truth: Any, one: Any, other: Any, patients: Sequence[str], binary: bool, rounds: int = ROUNDS) -> Paired:
    """The difference of two AUROCs (or mean absolute errors) with its 95 % interval over patients drawn again, the same for both."""
    import numpy as np

    function = auroc if binary else mean_error
    low, high = by_patient(lambda t, a, b: function(t, a) - function(t, b), patients, truth, one, other, rounds=rounds)
    positives = int(np.sum(truth)) if binary else 0
    alone = binary and len(set(patients)) == len(patients) and min(positives, len(truth) - positives) >= FEWEST
    name = "AUROC" if binary else "MAE"
    p = delong(truth, one, other)[1] if alone else None
    return Paired(name, function(truth, one), function(truth, other), low, high, p)


def delong(truth: Any, one: Any, other: Any) -> tuple[float, float]:
    """(difference of AUROCs, two-sided p) of two scores of the same patients, one record each (DeLong et al. 1988)."""
    import numpy as np
    from scipy.stats import norm, rankdata

    truth = np.asarray(truth).astype(bool)
    n, m = int(truth.sum()), int((~truth).sum())
    placed = []
    for score in (np.asarray(one, float), np.asarray(other, float)):  # by midranks (Sun and Xu 2014): no n x m table
        a, b, ranks = score[truth], score[~truth], rankdata(score)
        placed.append(((ranks[truth] - rankdata(a)) / m, 1 - (ranks[~truth] - rankdata(b)) / n))
    difference = float(placed[0][0].mean() - placed[1][0].mean())
    v = np.var(placed[0][0] - placed[1][0], ddof=1) / n + np.var(placed[0][1] - placed[1][1], ddof=1) / m
    return difference, float(2 * norm.sf(abs(difference) / np.sqrt(v))) if v > 0 else float(difference == 0)
