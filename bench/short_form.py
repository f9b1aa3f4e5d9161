"""A 100-item short form of IgakuQA: how well it estimates the full score of respondents not used to choose it.

Real: the published replies (difficulty from people's accuracy, which needs no respondent). Simulated: 400 items and
200 respondents from a model with guessing and a second trait, fitted by a two-parameter logistic model on the first
half. Both are compared with random samples of 100 items.

    python bench/short_form.py
"""

import random
import tempfile
from collections.abc import Sequence
from statistics import fmean

import numpy as np
from common import keep

from igaku import import_run, load_benchmark
from igaku.io.paths import find_data
from igaku.statistics.items import estimate, fit
from igaku.statistics.items import short_form as choose
from igaku.studies.short_form import respondents, short_form


def rmse(errors: Sequence[float]) -> float:
    return round(100 * float(np.sqrt(np.mean(np.square(errors)))), 2)


def real() -> list[dict[str, object]]:
    replies = find_data("igakuqa/baseline_results")
    assert replies, "the published replies of IgakuQA were not found"
    with tempfile.TemporaryDirectory() as scratch:
        run = import_run("igakuqa", replies, bench="igakuqa", out=scratch).run
        errors: list[float] = []
        for lang in ("ja", "en"):
            short = short_form("igakuqa", run, limit=100, lang=lang, method="letter")
            errors += [t.estimated - t.full for t in short.tried]
        questions = {q.id: q for q in load_benchmark("igakuqa").load("ja") if q.text_only and not q.void}
        random_errors: list[float] = []
        for r in respondents([run], "igakuqa", "ja", "letter", questions):
            ids = list(r.scores)
            full = fmean(r.scores.values())
            samples = [random.Random(k).sample(ids, 100) for k in range(500)]
            random_errors += [fmean(r.scores[i] for i in sample) - full for sample in samples]
    return [
        {
            "what": f"real: {len(errors)} published respondents, difficulty from people",
            "RMSE points": rmse(errors),
            "target": 2.5,
        },
        {"what": "real: the same, random samples of 100 questions", "RMSE points": rmse(random_errors)},
    ]


def simulated() -> list[dict[str, object]]:
    rng = np.random.default_rng(0)
    n, items = 200, 400
    one, two = rng.normal(0, 1, (n, 1)), rng.normal(0, 1, (n, 1))
    b, a = rng.normal(-0.5, 1.2, items), np.exp(rng.normal(0.2, 0.4, items))
    mixed = np.where(np.arange(items) % 3 == 0, 0.6 * one + 0.8 * two, one)
    right = rng.random((n, items)) < 0.15 + 0.85 / (1 + np.exp(-a * (mixed - b)))
    ids = [f"q{i}" for i in range(items)]
    answers = [{i: float(x) for i, x in zip(ids, row)} for row in right]
    bank = fit(answers[:100], ids)
    form = choose(bank, 100)
    full = [fmean(r.values()) for r in answers[100:]]
    estimates = [estimate(bank, {i: r[i] for i in form}) for r in answers[100:]]
    random_errors = [
        fmean(r[i] for i in random.Random(k).sample(ids, 100)) - f
        for r, f in zip(answers[100:], full)
        for k in range(20)
    ]
    return [
        {
            "what": "simulated: 100 new respondents, 100 of 400 items, 2PL on 100 others",
            "RMSE points": rmse([e.score - f for e, f in zip(estimates, full)]),
            "target": 2.5,
        },
        {"what": "simulated: the same, random samples of 100 items", "RMSE points": rmse(random_errors)},
        {
            "what": "simulated: correlation of fitted and true difficulty",
            "r": round(float(np.corrcoef(bank.difficulty, b)[0, 1]), 3),
        },
    ]


if __name__ == "__main__":
    keep("short_form", [*real(), *simulated()])
