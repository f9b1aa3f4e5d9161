"""How good predictions are, with intervals over patients: several records of one patient are not independent."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct

from igaku.errors import IgakuError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from igaku.cardiology.arrays import Bools, Floats

ROUNDS = 1000
"""Bootstrap samples."""
FEWEST = 5
"""Positives and negatives below which DeLong's variance is not estimated."""


class Measure(Struct, frozen=True):
    """A number with its 95 % interval (None where there is none)."""

    name: str
    value: float
    low: float | None = None
    high: float | None = None

    def __str__(self) -> str:
        return f"{self.value:.3f}" + (f" ({self.low:.3f} to {self.high:.3f})" if self.low is not None else "")


def _positive(truth: "ArrayLike") -> "Bools":
    import numpy as np

    return np.asarray(truth).astype(bool)


def auroc(truth: "ArrayLike", score: "ArrayLike") -> float:
    """Probability that a positive scores above a negative, ties half; NaN with one class only."""
    from scipy.stats import rankdata

    positive = _positive(truth)
    n, m = int(positive.sum()), int((~positive).sum())
    if not n or not m:
        return float("nan")
    return float((rankdata(score)[positive].sum() - n * (n + 1) / 2) / (n * m))


def average_precision(truth: "ArrayLike", score: "ArrayLike") -> float:
    """Area under the steps of precision over recall; NaN without a positive."""
    import numpy as np

    scores = np.asarray(score)
    order = np.argsort(-scores, kind="stable")
    hits = _positive(truth)[order]
    if not hits.any():
        return float("nan")
    last = np.append(np.diff(scores[order]) != 0, True)
    precision = (np.cumsum(hits) / np.arange(1, len(hits) + 1))[last]
    recall = (np.cumsum(hits) / hits.sum())[last]
    return float((np.diff(np.append(0, recall)) * precision).sum())


def sensitivity_at(truth: "ArrayLike", score: "ArrayLike", specificity: float = 0.9) -> float:
    """Sensitivity at the threshold of the given specificity on the same records; NaN with one class only."""
    import numpy as np

    positive, scores = _positive(truth), np.asarray(score, float)
    if positive.all() or not positive.any():
        return float("nan")
    return float((scores[positive] > threshold(positive, scores, specificity)).mean())


def threshold(truth: "ArrayLike", score: "ArrayLike", specificity: float = 0.9) -> float:
    """The lowest score at or below which the share ``specificity`` of the negatives lies.

    It is set on validation patients and then fixed; NaN without a negative.
    """
    import numpy as np

    negatives = np.asarray(score, float)[~_positive(truth)]
    return float(np.quantile(negatives, specificity, method="inverted_cdf")) if len(negatives) else float("nan")


def brier(truth: "ArrayLike", probability: "ArrayLike") -> float:
    """Mean squared difference of probability and truth."""
    import numpy as np

    return float(np.square(np.asarray(probability) - np.asarray(truth)).mean())


def calibration(truth: "ArrayLike", probability: "ArrayLike", bins: int = 10) -> list[tuple[float, float, int]]:
    """(mean probability, share of positives, records) in equal groups of the records by probability."""
    import numpy as np

    probabilities, positives = np.asarray(probability), np.asarray(truth)
    groups = np.array_split(np.argsort(probabilities), min(bins, len(probabilities)))
    return [(float(probabilities[g].mean()), float(positives[g].mean()), len(g)) for g in groups if len(g)]


def bootstrap_interval(
    function: Callable[..., float], patients: Sequence[str], *arrays: "ArrayLike", rounds: int = ROUNDS, seed: int = 0
) -> tuple[float, float] | tuple[None, None]:
    """95 % interval of ``function(*arrays)``, by a bootstrap over patients.

    It is None where more than a tenth of the samples has no value.

    Args:
        patients: the patient of each record.
        arrays: a value a record each.
    """
    import numpy as np

    if function is auroc:
        return interval_of(resampled_aurocs(arrays[0], arrays[1], resampled(patients, rounds, seed)))
    known, owner = np.unique(np.asarray(patients), return_inverse=True)
    order = np.argsort(owner, kind="stable")
    members = np.split(order, np.flatnonzero(np.diff(owner[order])) + 1)
    one_each = len(known) == len(owner)
    columns, rng = [np.asarray(a) for a in arrays], np.random.default_rng(seed)
    values = []
    for _ in range(rounds):
        sample = rng.integers(0, len(known), len(known))
        at = order[sample] if one_each else np.concatenate([members[k] for k in sample])
        values.append(function(*(c[at] for c in columns)))
    return interval_of(values)


def interval_of(values: "ArrayLike") -> tuple[float, float] | tuple[None, None]:
    """The middle 95 % of bootstrap values; None where more than a tenth of them is NaN."""
    import numpy as np

    given = np.asarray(values, float)
    known = given[~np.isnan(given)]
    if len(known) < 0.9 * len(given):
        return None, None
    return float(np.quantile(known, 0.025)), float(np.quantile(known, 0.975))


def resampled(patients: Sequence[str], rounds: int = ROUNDS, seed: int = 0) -> "Iterator[Floats]":
    """How often each record is in a bootstrap sample of the patients: [some rounds, records], a part at a time."""
    import numpy as np

    known, owner = np.unique(np.asarray(patients), return_inverse=True)
    rng, size = np.random.default_rng(seed), max(1, 2_000_000 // max(1, len(owner)))
    for start in range(0, rounds, size):
        samples = [rng.integers(0, len(known), len(known)) for _ in range(min(size, rounds - start))]
        yield np.stack([np.bincount(s, minlength=len(known)) for s in samples]).astype(float)[:, owner]


def resampled_aurocs(truth: "ArrayLike", score: "ArrayLike", weights: "Iterable[Floats]") -> "Floats":
    """AUROC of each bootstrap sample, NaN where it has one class only; ties count half.

    Args:
        weights: of ``resampled``.
    """
    import numpy as np

    positive, scores = _positive(truth), np.asarray(score, float)
    order = np.argsort(scores, kind="stable")
    starts = np.flatnonzero(np.append(True, np.diff(scores[order]) != 0))
    hits = positive[order]
    areas = [np.zeros(0)]
    for some in weights:
        ordered = some[:, order]
        plus = np.add.reduceat(ordered * hits, starts, axis=1)
        minus = np.add.reduceat(ordered * ~hits, starts, axis=1)
        pairs = plus.sum(1) * minus.sum(1)
        won = (plus * (np.cumsum(minus, axis=1) - minus / 2)).sum(1)
        areas.append(np.where(pairs > 0, won / np.maximum(pairs, 1e-300), np.nan))
    out: Floats = np.concatenate(areas)
    return out


def first_measure(
    truth: "ArrayLike", predicted: "ArrayLike", patients: Sequence[str], binary: bool, rounds: int = ROUNDS
) -> Measure:
    """The measure by which groups are compared: AUROC, or the mean absolute error of numbers."""
    name, function = ("AUROC", auroc) if binary else ("MAE", mean_error)
    return Measure(
        name, function(truth, predicted), *bootstrap_interval(function, patients, truth, predicted, rounds=rounds)
    )


def classification_measures(
    truth: "ArrayLike",
    probability: "ArrayLike",
    patients: Sequence[str],
    cut: float | None = None,
    rounds: int = ROUNDS,
) -> list[Measure]:
    """AUROC, AUPRC, sensitivity at 90 % specificity, Brier, and what a fixed threshold gives.

    Args:
        cut: a threshold that was set on other patients.
    """
    functions: dict[str, Callable[..., float]] = {
        "AUROC": auroc,
        "AUPRC": average_precision,
        "sensitivity at 90 % specificity": sensitivity_at,
        "Brier": brier,
    }
    if cut is not None and cut == cut:
        functions |= {f"{name} at the threshold set before": partial(share_at, cut, name) for name in _SHARES}
    return [
        Measure(name, f(truth, probability), *bootstrap_interval(f, patients, truth, probability, rounds=rounds))
        for name, f in functions.items()
    ]


_SHARES = {"sensitivity": (0, True), "specificity": (0, False), "PPV": (1, True), "NPV": (1, False)}
"""Name -> (the denominator: 0 by truth, 1 by prediction; positives or negatives of it)."""


def share_at(cut: float, name: str, truth: "ArrayLike", probability: "ArrayLike") -> float:
    """One of the four shares at a threshold; NaN where the denominator is empty."""
    import numpy as np

    sides = _positive(truth), np.asarray(probability) > cut
    given, positive = _SHARES[name]
    group = sides[given] == positive
    return float((sides[1 - given][group] == positive).mean()) if group.any() else float("nan")


def mean_auroc(truth: "ArrayLike", probability: "ArrayLike") -> float:
    """Mean AUROC of several labels; labels with one class only are left out.

    Args:
        truth: [n, labels], NaN where a label of a record is not known.
        probability: [n, labels].
    """
    import numpy as np

    truths, probabilities = np.asarray(truth, float), np.asarray(probability)
    areas = [auroc(t[k], p[k]) for t, p in zip(truths.T, probabilities.T) if (k := ~np.isnan(t)).any()]
    known = [v for v in areas if v == v]
    return float(np.mean(known)) if known else float("nan")


def mean_error(truth: "ArrayLike", predicted: "ArrayLike") -> float:
    """Mean absolute error."""
    import numpy as np

    return float(np.abs(np.asarray(truth) - np.asarray(predicted)).mean())


def r_squared(truth: "ArrayLike", predicted: "ArrayLike") -> float:
    """Share of the variance that is explained; NaN where all truths are equal."""
    import numpy as np

    true = np.asarray(truth)
    spread = np.square(true - np.mean(true)).sum()
    return float(1 - np.square(true - np.asarray(predicted)).sum() / spread) if spread else float("nan")


def correlation(truth: "ArrayLike", predicted: "ArrayLike") -> float:
    """Pearson's r; NaN where one side does not vary."""
    import numpy as np

    a, b = np.asarray(truth, float), np.asarray(predicted, float)
    return float(np.corrcoef(a, b)[0, 1]) if a.std() and b.std() else float("nan")


def regression_measures(
    truth: "ArrayLike",
    predicted: "ArrayLike",
    patients: Sequence[str],
    train_mean: float | None = None,
    rounds: int = ROUNDS,
) -> list[Measure]:
    """Mean absolute error, R², r, and the error of always predicting the training mean.

    Args:
        train_mean: the mean in training; the records' own mean if None, which no model can know beforehand.

    Raises:
        IgakuError: there is no record.
    """
    import numpy as np

    true, values = np.asarray(truth, float), np.asarray(predicted, float)
    if not len(true):
        raise IgakuError("no patient whose age is known; nothing can be measured")
    functions: tuple[tuple[str, Callable[..., float]], ...] = (
        ("MAE", mean_error),
        ("R2", r_squared),
        ("r", correlation),
    )
    measures = [
        Measure(name, f(true, values), *bootstrap_interval(f, patients, true, values, rounds=rounds))
        for name, f in functions
    ]
    constant = np.full_like(true, true.mean() if train_mean is None else train_mean)
    return [*measures, Measure("MAE of the mean", mean_error(true, constant))]


class PairedDifference(Struct, frozen=True):
    """Two models on the same records: the first model's measure minus the second's."""

    name: str
    one: float
    other: float
    low: float | None
    high: float | None
    p: float | None
    """DeLong's test of two AUROCs; None where a patient has several records, which the test takes for independent, or
    a class has fewer than five."""

    @property
    def difference(self) -> float:
        """First minus second."""
        return self.one - self.other

    @property
    def interval(self) -> str:
        """The 95 % interval, each end with its sign; empty where there is none."""
        return f"{self.low:+.3f} to {self.high:+.3f}" if self.low is not None and self.high is not None else ""

    @property
    def text(self) -> str:
        """The difference with its interval."""
        return f"{self.difference:+.3f}" + (f" ({self.interval})" if self.interval else "")


def paired_difference(
    truth: "ArrayLike",
    one: "ArrayLike",
    other: "ArrayLike",
    patients: Sequence[str],
    binary: bool,
    rounds: int = ROUNDS,
) -> PairedDifference:
    """The difference of two AUROCs (or mean absolute errors), with one bootstrap over patients for both."""
    import numpy as np

    function: Callable[..., float] = auroc if binary else mean_error
    low, high = bootstrap_interval(
        lambda t, a, b: function(t, a) - function(t, b), patients, truth, one, other, rounds=rounds
    )
    n = np.size(truth)
    positives = int(np.sum(np.asarray(truth))) if binary else 0
    testable = binary and len(set(patients)) == len(patients) and min(positives, n - positives) >= FEWEST
    p = delong(truth, one, other)[1] if testable else None
    return PairedDifference("AUROC" if binary else "MAE", function(truth, one), function(truth, other), low, high, p)


def delong(truth: "ArrayLike", one: "ArrayLike", other: "ArrayLike") -> tuple[float, float]:
    """(difference of AUROCs, two-sided p) of two scores of the same patients, one record each (DeLong et al. 1988).

    By midranks (Sun and Xu 2014), so that no table of all pairs is needed.
    """
    import numpy as np
    from scipy.stats import norm

    (a1, b1), (a2, b2) = _placements(truth, one), _placements(truth, other)
    difference = float(a1.mean() - a2.mean())
    v = _variance(a1 - a2, b1 - b2)
    return difference, float(2 * norm.sf(abs(difference) / np.sqrt(v))) if v > 0 else float(difference == 0)


def delong_variance(truth: "ArrayLike", score: "ArrayLike") -> tuple[float, float]:
    """AUROC of independent patients and its variance (DeLong et al. 1988)."""
    above, below = _placements(truth, score)
    return float(above.mean()), _variance(above, below)


def _placements(truth: "ArrayLike", score: "ArrayLike") -> "tuple[Floats, Floats]":
    """Of each positive the share of negatives below it, of each negative that of positives above it; ties half."""
    import numpy as np
    from scipy.stats import rankdata

    positive, scores = _positive(truth), np.asarray(score, float)
    a, b, ranks = scores[positive], scores[~positive], rankdata(scores)
    return (ranks[positive] - rankdata(a)) / len(b), 1 - (ranks[~positive] - rankdata(b)) / len(a)


def _variance(positives: "Floats", negatives: "Floats") -> float:
    import numpy as np

    return float(np.var(positives, ddof=1) / len(positives) + np.var(negatives, ddof=1) / len(negatives))
