"""What a reviewer of a prediction model asks for: calibration slope, recalibration, net benefit, likelihood ratios.

After Van Calster et al. 2019 (calibration) and Vickers and Elkin 2006 (decision curves).
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from igaku.cardiology.arrays import Floats

FEWEST = 5
"""Positives and negatives below which no line is fitted."""
_NAN = float("nan")


class Line(NamedTuple):
    """A logistic line: the log-odds of a positive are ``intercept + slope * logit(probability)``."""

    slope: float
    intercept: float


def logit(probability: "ArrayLike") -> "Floats":
    """Log-odds; probabilities of 0 and 1 are moved inside by a millionth."""
    import numpy as np

    p = np.clip(np.asarray(probability, float), 1e-6, 1 - 1e-6)
    out: Floats = np.log(p / (1 - p))
    return out


def calibration_line(truth: "ArrayLike", probability: "ArrayLike") -> Line:
    """Maximum likelihood by Newton's method; NaN with fewer than five of a class, or where there is no maximum."""
    import numpy as np

    y, x = np.asarray(truth, float), logit(probability)
    if not FEWEST <= y.sum() <= len(y) - FEWEST or np.ptp(x) < 1e-9:
        return Line(_NAN, _NAN)
    start, slope = 0.0, 0.0
    for _ in range(40):
        p = 1 / (1 + np.exp(-np.clip(start + slope * x, -30, 30)))
        w, r = p * (1 - p), y - p
        a, b, c = float(w.sum()), float((w * x).sum()), float((w * x * x).sum())
        determinant = a * c - b * b
        if determinant <= 1e-10 * max(a * c, 1e-12):
            return Line(_NAN, _NAN)
        first, second = float(r.sum()), float((r * x).sum())
        steps = (c * first - b * second) / determinant, (a * second - b * first) / determinant
        most = max(abs(steps[0]), abs(steps[1]))
        start, slope = (old + step * min(1.0, 4 / max(1e-12, most)) for old, step in zip((start, slope), steps))
        if most < 1e-8:
            return Line(slope, start)
    return Line(_NAN, _NAN)


def calibration_slope(truth: "ArrayLike", probability: "ArrayLike") -> float:
    """1 where it is right; below 1 predictions are too extreme."""
    return calibration_line(truth, probability).slope


def calibration_in_the_large(truth: "ArrayLike", probability: "ArrayLike") -> float:
    """The intercept at a slope of 1: 0 where it is right, above 0 where probabilities are too low on the whole."""
    import numpy as np

    y, x = np.asarray(truth, float), logit(probability)
    if not 0 < y.sum() < len(y):
        return _NAN
    shift = 0.0
    for _ in range(60):
        p = 1 / (1 + np.exp(-np.clip(x + shift, -30, 30)))
        step = (y - p).sum() / max(float((p * (1 - p)).sum()), 1e-9)
        shift += float(np.clip(step, -2, 2))
        if abs(step) < 1e-9:
            break
    return shift


def observed_expected(truth: "ArrayLike", probability: "ArrayLike") -> float:
    """Positives over the sum of their probabilities; NaN where the latter is 0."""
    import numpy as np

    expected = float(np.sum(np.asarray(probability, float)))
    return float(np.sum(np.asarray(truth, float))) / expected if expected > 0 else _NAN


def recalibrated(probability: "ArrayLike", line: Line) -> "Floats":
    """Probabilities along a line fitted on validation patients (Platt 1999); as they are where it is NaN."""
    import numpy as np

    values = np.asarray(probability, float)
    if line.slope != line.slope:
        return values
    out: Floats = 1 / (1 + np.exp(-(line.intercept + line.slope * logit(values))))
    return out


def net_benefit(truth: "ArrayLike", probability: "ArrayLike", at: float) -> float:
    """True positives less false ones weighed by the odds of the threshold, per patient.

    Args:
        at: the probability from which one would act, between 0 and 1.
    """
    import numpy as np

    y, acted = np.asarray(truth, float).astype(bool), np.asarray(probability, float) >= at
    return float(((acted & y).sum() - (acted & ~y).sum() * at / (1 - at)) / len(y))


def youden_threshold(truth: "ArrayLike", score: "ArrayLike") -> float:
    """The score above which sensitivity + specificity is greatest; NaN with one class only."""
    import numpy as np

    y, scores = np.asarray(truth, float).astype(bool), np.asarray(score, float)
    if y.all() or not y.any():
        return _NAN
    cuts = np.unique(scores)
    above = scores[None, :] > cuts[:, None]
    gains = above[:, y].mean(1) - above[:, ~y].mean(1)
    return float(cuts[int(gains.argmax())])


def sensitivity_threshold(truth: "ArrayLike", score: "ArrayLike", sensitivity: float = 0.9) -> float:
    """The greatest score above which the share ``sensitivity`` of the positives lies; NaN without a positive."""
    import numpy as np

    positives = np.sort(np.asarray(score, float)[np.asarray(truth, float).astype(bool)])
    if not len(positives):
        return _NAN
    missed = int(np.floor((1 - sensitivity) * len(positives) + 1e-9))
    return float(np.nextafter(positives[missed], -np.inf))


def likelihood_ratio(positive: bool, cut: float, truth: "ArrayLike", score: "ArrayLike") -> float:
    """By how much a result above the cut (or not above it) changes the odds; NaN where a share is empty."""
    import numpy as np

    y, above = np.asarray(truth, float).astype(bool), np.asarray(score, float) > cut
    if y.all() or not y.any():
        return _NAN
    sick, well = float((above[y] == positive).mean()), float((above[~y] == positive).mean())
    return sick / well if well else _NAN


def limits_of_agreement(truth: "ArrayLike", predicted: "ArrayLike") -> tuple[float, float, float]:
    """Bland and Altman 1986: mean difference (predicted less true), and the limits that hold 95 % of differences."""
    import numpy as np

    differences = np.asarray(predicted, float) - np.asarray(truth, float)
    bias, spread = float(differences.mean()), float(differences.std(ddof=1)) if len(differences) > 1 else _NAN
    return bias, bias - 1.96 * spread, bias + 1.96 * spread


def difference_slope(truth: "ArrayLike", predicted: "ArrayLike") -> float:
    """Change of predicted less true for one unit of true: below 0 where predictions are pulled to the mean."""
    import numpy as np

    t, differences = np.asarray(truth, float), np.asarray(predicted, float) - np.asarray(truth, float)
    return float(np.polyfit(t, differences, 1)[0]) if len(t) > 2 and np.ptp(t) > 0 else _NAN


def wilson(positives: int, n: int) -> tuple[float, float]:
    """95 % interval of a share (Wilson 1927)."""
    z = 1.959964
    p, size = positives / n, 1 + z * z / n
    middle, half = p + z * z / (2 * n), z * (p * (1 - p) / n + z * z / (4 * n * n)) ** 0.5
    return max(0.0, (middle - half) / size), min(1.0, (middle + half) / size)


def validation_groups(truth: Sequence[float], probability: Sequence[float], n: int = 5) -> list[tuple[float, int, int]]:
    """(greatest probability, records, positives) of equal groups of validation records."""
    pairs = sorted(zip(probability, truth))
    n = min(n, len(pairs) // 8)
    cuts = [round(k * len(pairs) / n) for k in range(n + 1)] if n else []
    groups = [pairs[a:b] for a, b in pairwise(cuts)]
    return [(float(g[-1][0]), len(g), int(sum(t for _, t in g))) for g in groups]
