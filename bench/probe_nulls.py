"""The order probe on models that have seen no exam: random orders accuse them, the same order backwards does not.

Two scores that know nothing of an exam, on the runs of five of every exam at hand: how much of each stem stands in the
one before, and a trigram model that has read IgakuQA 2018 and remembers what stood before, less the longer ago.

    python bench/probe_nulls.py
"""

import math
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from itertools import pairwise

from common import keep

from igaku import load_benchmark
from igaku.statistics.exchangeability import exchangeable
from igaku.studies.contamination_items import runs_of_five

EXAMS = (
    *(("ja", name) for name in ("igakuqa119", "jmle2026", "igakuqa", "yakugakuqa", "jmmlu")),
    *(("en", name) for name in ("igakuqa", "medqa")),
)
MOST = 150
"""Runs of an exam, at most."""
Score = Callable[[Sequence[str]], float]


def parts(text: str, n: int) -> Counter[str]:
    return Counter(text[i : i + n] for i in range(len(text) - n + 1))


def repeated(stems: Sequence[str]) -> float:
    found = [parts(s, 2) for s in stems]
    return sum((a & b).total() / max(1, b.total()) for a, b in pairwise(found))


def trigrams(decay: float = 0.998, weight: float = 2.0) -> Score:
    read = "\n".join(q.stem for q in load_benchmark("igakuqa-2018").load("ja"))
    threes, twos = parts(read, 3), parts(read, 2)

    def score(stems: Sequence[str]) -> float:
        near: dict[str, float] = defaultdict(float)
        total, gain, text = 0.0, 1.0, "\n\n" + "\n\n".join(stems)
        for i in range(2, len(text)):
            three, two = text[i - 2 : i + 1], text[i - 2 : i]
            seen = threes[three] + weight * near[three] / gain + 0.01
            total += math.log(seen / (twos[two] + weight * near[two] / gain + 30))
            gain /= decay
            near[three] += gain
            near[two] += gain
        return total

    return score


def main() -> None:
    scores: dict[str, Score] = {"parts of the stem before": repeated, "trigrams with a memory": trigrams()}
    rows = []
    for lang, name in EXAMS:
        pool = [q for q in load_benchmark(name).load(lang) if q.text_only and not q.void and q.stem.strip()]
        found = [[q.stem for q in run] for run in runs_of_five(pool)][:MOST]
        for label, score in scores.items():
            rng = random.Random(0)
            drawn = [[score(r), *(score(rng.sample(r, 5)) for _ in range(9))] for r in found]
            back = [[score(r), score(r[::-1])] for r in found]
            p = {"random orders": exchangeable(drawn).p, "backwards": exchangeable(back).p}
            rows.append(
                {
                    "exam": name,
                    "lang": lang,
                    "runs": len(found),
                    "score": label,
                    **{k: f"{v:.4f}" for k, v in p.items()},
                }
            )
    keep("probe_nulls", rows, note="p of the order probe for scores that have seen no exam")


if __name__ == "__main__":
    main()
