"""A 100-item short form of IgakuQA: how well it tells the full score of respondents that were not used to choose it.

Real: the published replies (difficulty from people's accuracy, which needs no respondent). Simulated: 400 items and 200
respondents from a model with guessing and a second trait, fitted by a two-parameter logistic model on the first half. Random
samples of 100 stand beside.

    python bench/short_form.py
"""

import random
import tempfile

import numpy as np
from common import keep

from igaku import import_run
from igaku.io.paths import find_data
from igaku.statistics.items import estimate, fit, short_form
from igaku.studies.short_form import respondents, short_form


def rmse(errors: list[float]) -> float:
    return round(100 * float(np.sqrt(np.mean(np.square(errors)))), 2)


def real() -> list[dict]:
    from igaku import load_benchmark

    with tempfile.TemporaryDirectory() as scratch:
        run = import_run("igakuqa", find_data("igakuqa") / "baseline_results", bench="igakuqa", out=scratch).run
        out = []
        for lang in ("ja", "en"):
            short = short_form("igakuqa", run, limit=100, lang=lang, method="letter")
            out += [(t.name, t.estimated - t.full) for t in short.tried]
        questions = {q.id: q for q in load_benchmark("igakuqa").load("ja") if q.text_only and not q.void}
        plain = []
        for r in respondents([run], "igakuqa", "ja", "letter", questions):
            ids = list(r.scores)
            full = np.mean(list(r.scores.values()))
            plain += [np.mean([r.scores[i] for i in random.Random(k).sample(ids, 100)]) - full for k in range(500)]
    errors = [e for _, e in out]
    return [
        {
            "what": f"real: {len(out)} published respondents, difficulty from people",
            "RMSE points": rmse(errors),
            "target": 2.5,
        },
        {"what": "real: the same, random samples of 100 questions", "RMSE points": rmse(plain)},
    ]


def simulated() -> list[dict]:
    rng = np.random.default_rng(0)
    n, items = 200, 400
    one, two = rng.normal(0, 1, (n, 1)), rng.normal(0, 1, (n, 1))
    b, a = rng.normal(-0.5, 1.2, items), np.exp(rng.normal(0.2, 0.4, items))
    mixed = np.where(np.arange(items) % 3 == 0, 0.6 * one + 0.8 * two, one)
    right = rng.random((n, items)) < 0.15 + 0.85 / (1 + np.exp(-a * (mixed - b)))
    ids = [f"q{i}" for i in range(items)]
    answers = [{i: float(x) for i, x in zip(ids, row)} for row in right]
    bank = fit(answers[:100], ids)
    form = short_form(bank, 100)
    full = [np.mean(list(r.values())) for r in answers[100:]]
    said = [estimate(bank, {i: r[i] for i in form}) for r in answers[100:]]
    plain = [
        np.mean([r[i] for i in random.Random(k).sample(ids, 100)]) - f
        for r, f in zip(answers[100:], full)
        for k in range(20)
    ]
    return [
        {
            "what": "simulated: 100 new respondents, 100 of 400 items, 2PL on 100 others",
            "RMSE points": rmse([e.score - f for e, f in zip(said, full)]),
            "target": 2.5,
        },
        {"what": "simulated: the same, random samples of 100 items", "RMSE points": rmse(plain)},
        {
            "what": "simulated: correlation of fitted and true difficulty",
            "r": round(float(np.corrcoef(bank.difficulty, b)[0, 1]), 3),
        },
    ]


if __name__ == "__main__":
    keep("short_form", [*real(), *simulated()])
