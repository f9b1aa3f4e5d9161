"""How good predictions are, with intervals by patient: several records of one patient are no independent facts."""

from collections.abc import Callable, Sequence
from typing import Any

from msgspec import Struct

from igaku.errors import IgakuError

ROUNDS = 1000


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
    threshold = np.quantile(score[~truth], specificity, method="higher")
    return float((score[truth] > threshold).mean())


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
    members = [np.flatnonzero(owner == k) for k in range(len(known))]
    dice = np.random.default_rng(seed)
    found = []
    for _ in range(rounds):
        at = np.concatenate([members[k] for k in dice.integers(0, len(known), len(known))])
        value = function(*(np.asarray(a)[at] for a in arrays))
        if value == value:
            found.append(value)
    if len(found) < 0.9 * rounds:
        return None, None
    return float(np.quantile(found, 0.025)), float(np.quantile(found, 0.975))


def classified(truth: Any, chance: Any, patients: Sequence[str], rounds: int = ROUNDS) -> list[Measure]:
    """What is told of a classifier."""
    functions: dict[str, Callable[..., float]] = {
        "AUROC": auroc,
        "AUPRC": average_precision,
        "sensitivity at 90 % specificity": sensitivity_at,
        "Brier": brier,
    }
    return [
        Measure(name, f(truth, chance), *by_patient(f, patients, truth, chance, rounds=rounds))
        for name, f in functions.items()
    ]


def regressed(truth: Any, told: Any, patients: Sequence[str], rounds: int = ROUNDS) -> list[Measure]:
    """What is told of a regression: mean absolute error, R², r, and the error of always telling the mean."""
    import numpy as np

    def mae(a: Any, b: Any) -> float:
        return float(np.abs(a - b).mean())

    def r2(a: Any, b: Any) -> float:
        return float(1 - np.square(a - b).sum() / np.square(a - a.mean()).sum())

    def r(a: Any, b: Any) -> float:
        return float(np.corrcoef(a, b)[0, 1]) if np.std(a) and np.std(b) else float("nan")

    truth, told = np.asarray(truth, float), np.asarray(told, float)
    if not len(truth):
        raise IgakuError("no patient whose age is known; nothing can be measured")
    made = [
        Measure(name, f(truth, told), *by_patient(f, patients, truth, told, rounds=rounds))
        for name, f in (("MAE", mae), ("R2", r2), ("r", r))
    ]
    return [*made, Measure("MAE of the mean", float(np.abs(truth - truth.mean()).mean()))]


def delong(truth: Any, one: Any, other: Any) -> tuple[float, float]:
    """(difference of AUROCs, two-sided p) of two scores of the same patients, one record each (DeLong et al. 1988)."""
    import numpy as np
    from scipy.stats import norm

    truth = np.asarray(truth).astype(bool)
    placed = []
    for score in (np.asarray(one, float), np.asarray(other, float)):
        a, b = score[truth], score[~truth]
        above = (a[:, None] > b[None, :]) + 0.5 * (a[:, None] == b[None, :])
        placed.append((above.mean(1), above.mean(0)))
    difference = float(placed[0][0].mean() - placed[1][0].mean())
    v = (
        np.var(placed[0][0] - placed[1][0], ddof=1) / truth.sum()
        + np.var(placed[0][1] - placed[1][1], ddof=1) / (~truth).sum()
    )
    return difference, float(2 * norm.sf(abs(difference) / np.sqrt(v))) if v > 0 else float(difference == 0)
