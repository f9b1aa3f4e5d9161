"""`igaku inflation` on simulated models: how often a clean one is accused, and how often memorised questions show.

Every model answers every question of two exams (400 each, difficulty and discrimination of their own, a guess of 10 %);
references have abilities around one accuracy. Beside it stands the plain way, a line through the references' scores in
logits with Student's t for a new point.

    nice python bench/inflation.py
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from common import keep
from scipy import stats

from igaku.statistics.inflation import against_references, effects

REPEATS = 300
REFERENCES = (5, 8, 14)
TOPICS = 20
Answers = tuple[np.ndarray, np.ndarray]
CLEAN: dict[str, dict[str, Any]] = {
    "as good as the references (80 %)": {},
    "better, 95 %": {"better": 2.0},
    "weaker, 60 %": {"better": -1.5},
    "all near 50 %": {"accuracy": 0.5},
    "all near 97 %": {"accuracy": 0.97},
    "the exam is easier than the like one": {"easier": 1.0},
    "easier, and the model better": {"easier": 1.0, "better": 2.0},
    "harder, and the model better": {"easier": -1.0, "better": 2.0},
    "models differ between exams (0.2 logits)": {"differ": 0.2},
    "models differ, and this one is better": {"differ": 0.2, "better": 2.0},
    "adapted to half of the subjects": {"adapted": 1.0},
    "references are two families": {"families": 1.0},
    "two families that differ between exams": {"families": 1.0, "differ": 0.2},
    "5 % wrong keys in the like exam, the model better": {"wrong_keys": 0.05, "better": 2.0},
    "questions linked in fours": {"linked": 4},
    "150 questions against 800": {"n": (150, 800)},
    "50 questions each": {"n": (50, 50)},
    "reworded": {"reworded": True},
    "reworded, the model better": {"reworded": True, "better": 2.0},
    "reworded, models differ": {"reworded": True, "differ": 0.2},
}
"""What is true of a model that has seen nothing."""
READ: dict[str, dict[str, Any]] = {
    **{f"{round(100 * k)} % of the exam memorised": {"memory": k} for k in (0.2, 0.3, 0.5)},
    "50 % memorised, all near 95 %": {"memory": 0.5, "accuracy": 0.95},
    "50 % memorised, models differ": {"memory": 0.5, "differ": 0.2},
    **{f"reworded, {round(100 * k)} % memorised": {"memory": k, "reworded": True} for k in (0.2, 0.3, 0.5)},
}


def respond(
    rng: np.random.Generator,
    models: int,
    *,
    accuracy: float = 0.8,
    n: tuple[int, int] = (400, 400),
    easier: float = 0.0,
    better: float = 0.0,
    differ: float = 0.0,
    adapted: float = 0.0,
    families: float = 0.0,
    wrong_keys: float = 0.0,
    linked: int = 1,
    memory: float = 0.0,
    reworded: bool = False,
) -> tuple[Answers, list[str]]:
    """Right or not, references first and the model last, on the exam and on the like one; and the linked groups."""
    middle = 1.25 * math.log(accuracy / (1 - accuracy))
    ability = middle + np.append(rng.normal(0, 0.6, models), better)
    gain = np.zeros((models + 1, TOPICS))
    gain[-1] = np.where(rng.random(TOPICS) < 0.5, rng.normal(adapted, 0.3, TOPICS), 0.0) if adapted else 0.0
    family = [*(i * 2 // models for i in range(models)), 2]
    hard = [rng.normal(0, 1.3, k) for k in n]
    slope = [rng.lognormal(0, 0.3, k) for k in n]
    shared = [rng.normal(0, families, (3, k)) for k in n]
    if reworded:
        hard[1], slope[1], shared[1] = hard[0] + rng.normal(0.3, 0.3, n[0]), slope[0], shared[0]
    out = []
    for exam, k in enumerate(n):
        group = rng.normal(0, 1.0, (models + 1, k))[:, np.arange(k) // linked] if linked > 1 else 0.0
        own = rng.normal(0, differ, (models + 1, 1)) + gain[:, rng.integers(0, TOPICS, k)] + group
        logit = slope[exam] * (ability[:, None] + own - hard[exam] + (exam == 0) * easier + shared[exam][family])
        right = 0.1 + 0.9 / (1 + np.exp(-logit))
        if exam == 1:
            right[:, : round(wrong_keys * k)] = 0.1
        else:
            right[-1] = np.where(rng.random(k) < memory, np.maximum(right[-1], 0.98), right[-1])
        out.append((rng.random(right.shape) < right).astype(float))
    return (out[0], out[1]), [f"{exam} {i // linked}" for exam, k in enumerate(n) for i in range(k)]


def ours(answers: Answers, groups: list[str], reworded: bool) -> float:
    each = [(a.tolist(), b.tolist()) for a, b in zip(*answers)]
    model, references = effects(each[-1], each[:-1], groups, reworded)
    return against_references(model, references).p


def line(answers: Answers, groups: list[str], reworded: bool) -> float:
    y, x = (np.log((a.sum(1) + 0.5) / (a.shape[1] - a.sum(1) + 0.5)) for a in answers)
    m, found = len(x) - 1, stats.linregress(x[:-1], y[:-1])
    rest = y - found.intercept - found.slope * x
    off = (x[-1] - x[:-1].mean()) ** 2 / ((x[:-1] - x[:-1].mean()) ** 2).sum()
    error = math.sqrt((rest[:-1] ** 2).sum() / (m - 2) * (1 + 1 / m + off))
    return float(stats.t.sf(rest[-1] / error, m - 2))


def share(test: Callable[[Answers, list[str], bool], float], drawn: list[tuple[Answers, list[str]]], same: bool) -> str:
    return f"{100 * np.mean([test(a, g, same) < 0.05 for a, g in drawn]):.1f} %"


def main() -> None:
    rows = []
    for truth, cases in (("clean", CLEAN), ("read", READ)):
        for name, settings in cases.items():
            row: dict[str, object] = {"truth": truth, "model": name}
            for m in REFERENCES:
                rng, same = np.random.default_rng(m), bool(settings.get("reworded"))
                drawn = [respond(rng, m, **settings) for _ in range(REPEATS)]
                row[f"{m} references"] = share(ours, drawn, same)
                row[f"{m}, a line"] = share(line, drawn, same)
            rows.append(row)
            print(row, flush=True)
    note = (
        f"share of {REPEATS} draws with p < 5 %; simulation error of a true 5 % up to 7.5 %. A line: through the "
        "references' scores in logits"
    )
    keep("inflation", rows, note=note)


if __name__ == "__main__":
    main()
