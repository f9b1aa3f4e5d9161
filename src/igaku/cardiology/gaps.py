"""Does a model do better in one group of patients than in the others? The difference, and a test of interaction."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from igaku.cardiology.metrics import (
    FEWEST,
    auroc,
    delong_variance,
    interval_of,
    mean_error,
    resampled,
    resampled_aurocs,
)

if TYPE_CHECKING:
    from igaku.cardiology.arrays import Bools, Floats

ROUNDS = 1000
"""Bootstrap samples."""


class Gap(NamedTuple):
    """A group's AUROC (or mean absolute error) less that of the other patients."""

    value: float
    low: float | None
    high: float | None
    p: float | None
    """Of no difference; None where a side is too small, or a patient has several records."""


def gap(truth: "Floats", predicted: "Floats", patients: Sequence[str], inside: "Bools", binary: bool) -> Gap:
    """The group against the rest of the same records, with one bootstrap over patients for both.

    The p is that of two independent AUROCs by DeLong's variance, or of two means by Welch's test on absolute errors.

    Args:
        inside: which records are in the group.
    """
    import numpy as np

    sides = [inside, ~inside]
    function = auroc if binary else mean_error
    value = function(truth[inside], predicted[inside]) - function(truth[~inside], predicted[~inside])
    drawn = []
    for some in resampled(patients, ROUNDS):
        if binary:
            one, other = (resampled_aurocs(truth[s], predicted[s], [some[:, s]]) for s in sides)
        else:
            errors = np.abs(truth - predicted)
            one, other = (_means(errors[s], some[:, s]) for s in sides)
        drawn.append(one - other)
    low, high = interval_of(np.concatenate(drawn))
    single = len(set(patients)) == len(patients)
    return Gap(value, low, high, _p(truth, predicted, sides, binary) if single else None)


def _means(values: "Floats", weights: "Floats") -> "Floats":
    import numpy as np

    total = weights.sum(1)
    out: Floats = np.where(total > 0, weights @ values / np.maximum(total, 1e-12), np.nan)
    return out


def _p(truth: "Floats", predicted: "Floats", sides: "Sequence[Bools]", binary: bool) -> float | None:
    import numpy as np
    from scipy.stats import norm, ttest_ind

    if not binary:
        errors = [np.abs(truth[s] - predicted[s]) for s in sides]
        return float(ttest_ind(*errors, equal_var=False).pvalue) if min(map(len, errors)) >= FEWEST else None
    counts = [int(c) for s in sides for c in (truth[s].sum(), (1 - truth[s]).sum())]
    if min(counts) < FEWEST:
        return None
    (a, va), (b, vb) = (delong_variance(truth[s], predicted[s]) for s in sides)
    return float(2 * norm.sf(abs(a - b) / np.sqrt(va + vb))) if va + vb > 0 else None


def holm(values: Sequence[float | None]) -> list[float | None]:
    """P values corrected for their number (Holm 1979); None stays."""
    order = sorted((p, i) for i, p in enumerate(values) if p is not None)
    out: list[float | None] = [None] * len(values)
    largest = 0.0
    for rank, (p, i) in enumerate(order):
        largest = max(largest, min(1.0, (len(order) - rank) * p))
        out[i] = largest
    return out
