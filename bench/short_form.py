"""A 100-question short form: its error and the coverage of its interval on respondents that were not used to draw it.

Real respondents: the published replies to the 120th exam (14 models), of local models to the 116th (difficulty from the
other models), and to four years of IgakuQA (difficulty from people). For each set also respondents at chance, whom
nothing predicts, and the same with a stop at a small standard error. A plain random sample stands beside.

    python bench/short_form.py
"""

import random
import tempfile
from collections.abc import Callable, Mapping, Sequence
from statistics import fmean

from common import keep

from igaku import import_run, load_benchmark
from igaku.benchmarks import family
from igaku.io.paths import find_data
from igaku.runs.respondents import Respondent, respondents, shares_right
from igaku.statistics.survey import SampleEstimate, draw, estimate, until

SETS = (
    ("jmle2026", "jmle2026", "jmle2026/results"),
    ("igakuqa-2022", "igakuqa-evaluation", "igakuqa2022_localllm/results"),
    ("igakuqa", "igakuqa", "igakuqa/baseline_results"),
)
DRAWS = 1500
"""Draws a row, spread over the respondents."""
Use = Callable[[Mapping[str, float], Mapping[str, float], int], SampleEstimate]


def form(difficulty: Mapping[str, float], scores: Mapping[str, float], seed: int) -> SampleEstimate:
    return estimate(draw(difficulty, 100, seed), scores)


def plain(difficulty: Mapping[str, float], scores: Mapping[str, float], seed: int) -> SampleEstimate:
    ids = random.Random(seed).sample(sorted(difficulty), 100)
    share = fmean(scores[i] for i in ids)
    return SampleEstimate(n=100, score=share, error=0.0, ci95=(share, share))


def stopped(difficulty: Mapping[str, float], scores: Mapping[str, float], seed: int) -> SampleEstimate:
    return until(draw(difficulty, 200, seed), scores, 0.025)


def row(what: str, cases: Sequence[tuple[Mapping[str, float], Mapping[str, float]]], use: Use) -> dict[str, object]:
    errors, inside, n = [], [], []
    for difficulty, scores in cases:
        full = fmean(scores[i] for i in difficulty)
        for seed in range(DRAWS // len(cases)):
            found = use(difficulty, scores, seed)
            errors.append(found.score - full)
            inside.append(found.ci95[0] - 1e-9 <= full <= found.ci95[1] + 1e-9)
            n.append(found.n)
    out: dict[str, object] = {"what": what, "questions": round(fmean(n)), "of": len(cases[0][0])}
    out["RMSE points"] = round(100 * fmean(e * e for e in errors) ** 0.5, 2)
    return out | {"coverage of 95 %": "" if use is plain else f"{fmean(inside):.3f}"}


def measured(bench: str, importer: str, path: str) -> list[dict[str, object]]:
    replies = find_data(path)
    assert replies, f"{path} was not found"
    questions = {q.id: q for q in load_benchmark(bench).load("ja") if q.text_only and not q.void}
    with tempfile.TemporaryDirectory() as scratch:
        run = import_run(importer, replies, bench=bench, out=scratch).run
        found = respondents([run], family(load_benchmark(bench).label), "ja", "letter", questions)
    found = [r for r in found if len(r.scores) > 0.5 * len(questions) and any(r.scores.values())]
    ids = [i for i in questions if all(i in r.scores for r in found)]
    people = {i: p for i in ids if (p := questions[i].human_accuracy) is not None}
    by_people = bench == "igakuqa"
    cases = [(people if by_people else _from_others(r, found, ids), r.scores) for r in found]
    rng = random.Random(0)
    chance = [(cases[0][0], {i: float(rng.random() < 0.2) for i in ids}) for _ in range(10)]
    name = f"{bench}: {len(found)} respondents, difficulty from {'people' if by_people else 'other models'}"
    return [
        row(f"{name}; a plain random sample", cases, plain),
        row(name, cases, form),
        row(f"{name}; until the error is 2.5 points", cases, stopped),
        row(f"{bench}: 10 respondents at chance", chance, form),
        row(f"{bench}: 10 respondents at chance; until the error is 2.5 points", chance, stopped),
    ]


def _from_others(one: Respondent, found: Sequence[Respondent], ids: Sequence[str]) -> dict[str, float]:
    return shares_right([r for r in found if r.model != one.model], ids)


if __name__ == "__main__":
    keep("short_form", [r for given in SETS for r in measured(*given)], note=f"{DRAWS} draws a row")
