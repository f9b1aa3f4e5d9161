"""Coverage and width of the fair score's intervals, by simulation, for models right half the time to always.

Answers to n questions x 4 templates x 5 rotations come from a logit model with crossed effects: questions (deviation
3), templates, questions x templates (0.7), questions x orders (1). The truth of each interval is the expectation over
what it is about. Last, a model that prefers one position, and one that always says A, whose scores hardly vary.

python bench/fair_intervals.py [simulations]
"""

import math
import sys

import numpy as np
from common import keep
from numpy.typing import NDArray

from igaku.statistics.crossed import Crossed, Sampled, crossed

TEMPLATES, ORDERS = 4, 5
QUESTION, BOTH, ORDER = 3.0, 0.7, 1.0
POINTS, WEIGHTS = np.polynomial.hermite_e.hermegauss(40)
Array = NDArray[np.float64]


def share(middle: float, *deviations: float) -> float:
    """Expected share of right answers over normal effects."""
    spread = math.sqrt(sum(d * d for d in deviations))
    return float((WEIGHTS / (1 + np.exp(-middle - spread * POINTS))).sum() / WEIGHTS.sum())


def middle_of(accuracy: float, template: float) -> float:
    low, high = -40.0, 40.0
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if share(middle, QUESTION, template, BOTH, ORDER) < accuracy else (low, middle)
    return low


def intervals(x: Array) -> Crossed:
    return crossed(x.mean(axis=(1, 2)).tolist(), range(len(x)), [Sampled(x.mean(axis=2).tolist())], x[0].size)


def once(accuracy: float, n: int, template: float, rng: np.random.Generator) -> tuple[Crossed, list[float]]:
    """The intervals of one exam, and the truth of each."""
    middle = middle_of(accuracy, template)
    questions, orders = rng.normal(0, QUESTION, (n, 1, 1)), rng.normal(0, ORDER, (n, 1, ORDERS))
    templates = rng.normal(0, template, (1, TEMPLATES, 1))
    logit = middle + questions + orders + templates + rng.normal(0, BOTH, (n, TEMPLATES, 1))
    x = (rng.random(logit.shape) < 1 / (1 + np.exp(-logit))).astype(float)
    mine = middle + questions + orders
    elsewhere = WEIGHTS / (1 + np.exp(-mine[..., None] - math.hypot(template, BOTH) * POINTS))
    truths = [
        float(np.mean([share(middle + t, QUESTION, BOTH, ORDER) for t in templates.ravel()])),
        float((elsewhere.sum(axis=-1) / WEIGHTS.sum()).mean()),
        accuracy,
    ]
    return intervals(x), truths


def coverage(accuracy: float, n: int, template: float, simulations: int) -> dict[str, object]:
    rng = np.random.default_rng(int(1000 * accuracy) + n + int(10 * template))
    held, widths = np.zeros(3), np.zeros(3)
    for _ in range(simulations):
        ci, truths = once(accuracy, n, template, rng)
        for k, (limits, truth) in enumerate(zip((ci.other_questions, ci.other_prompts, ci.both), truths)):
            assert limits is not None
            held[k] += limits[0] <= truth <= limits[1]
            widths[k] += limits[1] - limits[0]
    row: dict[str, object] = {"accuracy": accuracy, "questions": n, "template sd (logit)": template}
    for k, name in enumerate(("these prompts, other questions", "other prompts, these questions", "both other")):
        row[name] = f"{100 * held[k] / simulations:.1f} ({100 * widths[k] / simulations:.1f})"
    return row


def place_biased(n: int, preferred: float, simulations: int) -> dict[str, object]:
    """Right with ``preferred`` where the key is in the first position, and with the rest spread over the others."""
    rng = np.random.default_rng(n)
    shares = np.array([preferred, *[(1 - preferred) / 4] * 4])
    found = [(rng.random((n, TEMPLATES, ORDERS)) < shares).astype(float) for _ in range(simulations)]
    limits = [intervals(x) for x in found]
    truth = float(shares.mean())
    row: dict[str, object] = {
        "accuracy": f"{truth:.2f}; says A {100 * preferred:.0f} % of the time",
        "questions": n,
        "template sd (logit)": f"0; ideal width {392 * np.std([x.mean() for x in found]):.1f}",
    }
    names = ("these prompts, other questions", "other prompts, these questions", "both other")
    for name, one in zip(names, zip(*((c.other_questions, c.other_prompts, c.both) for c in limits))):
        held = np.mean([low <= truth <= high for low, high in one])
        row[name] = f"{100 * held:.1f} ({100 * np.mean([high - low for low, high in one]):.1f})"
    return row


if __name__ == "__main__":
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    rows = [
        coverage(p, n, sd, times) for p in (0.5, 0.9, 0.95, 0.98, 0.998) for n in (50, 200, 1000) for sd in (0.0, 0.5)
    ]
    rows += [place_biased(n, preferred, times) for n in (60, 200) for preferred in (0.99, 1.0)]
    keep("fair_intervals", rows, note=f"{times} simulations a row: % of intervals that hold the truth (width, points)")
