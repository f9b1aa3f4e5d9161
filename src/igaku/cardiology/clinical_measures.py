"""Measures of ``clinical`` with their intervals over patients, as rows of a table."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from igaku.cardiology.clinical import (
    calibration_in_the_large,
    calibration_slope,
    difference_slope,
    likelihood_ratio,
    limits_of_agreement,
    observed_expected,
)
from igaku.cardiology.metrics import Measure, auroc, bootstrap_interval, share_at

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

ROUNDS = 300
"""Bootstrap samples of measures that are fitted anew in each."""


def clinical_measures(
    truth: "ArrayLike", probability: "ArrayLike", patients: Sequence[str], cuts: Mapping[str, float]
) -> list[Measure]:
    """Calibration slope, intercept and O:E; and at each threshold set before what it gives.

    Args:
        cuts: name -> threshold; the first has the name "".
    """
    functions: dict[str, Callable[..., float]] = {
        "calibration slope": calibration_slope,
        "calibration in the large": calibration_in_the_large,
        "observed : expected": observed_expected,
    }
    for name, cut in cuts.items():
        at = f"at the {f'{name} ' if name else ''}threshold set before"
        if name:
            functions |= {f"{share} {at}": partial(share_at, cut, share) for share in ("sensitivity", "specificity")}
        functions |= {
            f"LR+ {at}": partial(likelihood_ratio, True, cut),
            f"LR- {at}": partial(likelihood_ratio, False, cut),
        }
    return _measured(functions, truth, probability, patients)


def agreement_measures(
    truth: "ArrayLike", predicted: "ArrayLike", patients: Sequence[str], ef: bool = False
) -> list[Measure]:
    """Bias, limits of agreement, the slope of the difference; of an EF also its AUROC at 40 and 50."""
    import numpy as np

    functions: dict[str, Callable[..., float]] = {
        name: partial(_limit, k)
        for k, name in enumerate(("bias", "lower limit of agreement", "upper limit of agreement"))
    }
    functions["slope of the difference on the truth"] = difference_slope
    if ef and np.max(np.asarray(truth, float)) > 1:
        functions |= {f"AUROC of EF < {cut}": partial(_below, cut) for cut in (40, 50)}
    return _measured(functions, truth, predicted, patients)


def _limit(k: int, truth: "ArrayLike", predicted: "ArrayLike") -> float:
    return limits_of_agreement(truth, predicted)[k]


def _below(cut: float, truth: "ArrayLike", predicted: "ArrayLike") -> float:
    import numpy as np

    return auroc(np.asarray(truth) < cut, -np.asarray(predicted, float))


def _measured(
    functions: Mapping[str, Callable[..., float]], truth: "ArrayLike", predicted: "ArrayLike", patients: Sequence[str]
) -> list[Measure]:
    return [
        Measure(name, f(truth, predicted), *bootstrap_interval(f, patients, truth, predicted, rounds=ROUNDS))
        for name, f in functions.items()
    ]
