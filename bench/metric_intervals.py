"""Coverage of the intervals of kappa, pooled F1, mean F1 and Pearson, beside a percentile bootstrap of the documents.

python bench/metric_intervals.py [times]    one line a metric, number of documents and level
"""

import math
import random
import sys
from collections.abc import Callable
from statistics import fmean, quantiles

from igaku.grading import Graded
from igaku.question import LETTERS, Choices, Question, Verdict
from igaku.statistics.aggregate import AGGREGATORS, MEASURES
from igaku.statistics.measures import merged
from igaku.statistics.metric_interval import metric_intervals, paired_metric_interval

DRAWS = 200


def item(
    i: int, right: int, read: int, k: int = 4, score: float | None = None, parts: dict[str, float] | None = None
) -> Graded:
    """One graded question."""
    q = Question(id=str(i), lang="ja", stem="s", choices=tuple(LETTERS[:k]), key=Choices(((right,),)))
    score = float(right == read) if score is None else score
    verdict = Verdict(outcome="right" if score == 1 else "wrong", score=score, read=(LETTERS[read],), parts=parts or {})
    return Graded(q, None, "letter", verdict)


def classes(rng: random.Random, n: int, p: float) -> list[Graded]:
    """Choices of four, a share p read rightly."""
    golds = [rng.randrange(4) for _ in range(n)]
    return [item(i, g, g if rng.random() < p else (g + rng.randrange(1, 4)) % 4) for i, g in enumerate(golds)]


def pairs(rng: random.Random, n: int, p: float) -> list[Graded]:
    """Documents with one to five discrepancies, easier and harder ones."""
    out = []
    for i in range(n):
        gold, mine = rng.choice([1, 1, 2, 3, 5]), min(1.0, max(0.0, p + rng.gauss(0, 0.1)))
        hits = sum(rng.random() < mine for _ in range(gold))
        listed = hits + sum(rng.random() > mine for _ in range(gold))
        out.append(item(i, 0, 0, parts={"hits": hits, "said": listed, "gold": gold}))
    return out


def lists(rng: random.Random, n: int, p: float) -> list[Graded]:
    """Lists of which many are wholly right and the others partly."""
    scores = [1.0 if rng.random() < 0.7 * p else rng.betavariate(8 * p, 8 * (1 - p)) for _ in range(n)]
    return [item(i, 0, 0, score=s, parts={"partial_f1": s}) for i, s in enumerate(scores)]


def grades(rng: random.Random, n: int, p: float) -> list[Graded]:
    """Grades from 0 to 5 with a correlation of about p."""
    out = []
    for i in range(n):
        x = rng.gauss(0, 1)
        y = p * x + math.sqrt(1 - p * p) * rng.gauss(0, 1)
        right, read = (min(5, max(0, round(2.5 + 1.3 * v))) for v in (x, y))
        out.append(item(i, right, read, 6))
    return out


MODELS: dict[str, Callable[[random.Random, int, float], list[Graded]]] = {
    "kappa": classes,
    "linear_kappa": classes,
    "pair_f1": pairs,
    "f1": lists,
    "pearson": grades,
}


def percentile(name: str, items: list[Graded], rng: random.Random) -> tuple[float, float]:
    """The plain bootstrap, for comparison."""
    (measure,) = MEASURES[name](items)
    units, values = list(merged(measure).values()), []
    for _ in range(DRAWS):
        total: dict[str, float] = {}
        for sums in rng.choices(units, k=len(units)):
            for k, x in sums.items():
                total[k] = total.get(k, 0.0) + x
        values.append(measure.value(total)[name])
    cut = quantiles(values, n=40, method="inclusive")
    return cut[0], cut[-1]


def main(times: int) -> None:
    """Print the table."""
    print("metric documents level truth | coverage, width | bootstrap coverage | false positives of the paired test")
    for name, model in MODELS.items():
        for p in (0.5, 0.8, 0.9, 0.95, 0.98):
            truth = fmean(AGGREGATORS[name](model(random.Random(f"{name}{p}{k}"), 5000, p))[name] for k in range(40))
            for n in (50, 200, 1000):
                rng = random.Random(f"{name}/{n}/{p}")
                row = [_one(name, model, rng, n, p, truth) for _ in range(times if n < 1000 else times // 4)]
                hits, widths, plain, false = zip(*row)
                known = [x for x in plain if x is not None]
                print(
                    f"{name:13} {n:5} {p:.2f} {truth:.3f} | {fmean(hits):.3f} {fmean(widths):.3f} | "
                    f"{f'{fmean(known):.3f}' if known else '    -'} | {fmean(false):.3f}",
                    flush=True,
                )


def _one(
    name: str,
    model: Callable[[random.Random, int, float], list[Graded]],
    rng: random.Random,
    n: int,
    p: float,
    t: float,
) -> tuple[bool, float, bool | None, bool]:
    a, b = model(rng, n, p), model(rng, n, p)
    low, high = metric_intervals(name, a)[name]
    plain = percentile(name, a, rng) if n <= 200 else None
    paired = paired_metric_interval(name, a, b)
    assert paired is not None
    return low <= t <= high, high - low, None if plain is None else plain[0] <= t <= plain[1], paired.p < 0.05


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 400)
