"""How a benchmark's verdicts become its score: accuracy, agreement beyond chance, or the mean F1 of lists.

Each aggregator gives one or more named numbers; the one with the aggregator's own name is the score.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from statistics import fmean

from igaku.grading import Graded, terms
from igaku.question import LETTERS, Choices

Aggregator = Callable[[Sequence[Graded]], dict[str, float]]


def accuracy(items: Sequence[Graded]) -> dict[str, float]:
    """Share of right answers."""
    return {"accuracy": fmean(i.verdict.right for i in items)}


def kappa(items: Sequence[Graded]) -> dict[str, float]:
    """Cohen's kappa (Cohen 1960) of the choice read and the key; what could not be read is a choice of its own."""
    return {"kappa": _kappa(items, lambda i, j, n: float(i != j))} | accuracy(items)


def linear_kappa(items: Sequence[Graded]) -> dict[str, float]:
    """Kappa with linear weights (Cohen 1968) for ordered choices; what could not be read is farthest from everything."""
    return {"linear_kappa": _kappa(items, lambda i, j, n: float(abs(i - j) if j < n else n - 1))} | accuracy(items)


def f1(items: Sequence[Graded]) -> dict[str, float]:
    """Mean over questions of the F1 of each list, exact and partial, as JMED-LLM averages them."""
    return {
        "f1": fmean(i.verdict.score for i in items),
        "partial_f1": fmean(i.verdict.parts.get("partial_f1", 0.0) for i in items),
    }


def pair_f1(items: Sequence[Graded]) -> dict[str, float]:
    """F1, precision and recall over all discrepancies of all documents together; recall for each kind of them."""
    total: Counter[str] = Counter()
    for i in items:
        total.update(i.verdict.parts if i.verdict.parts else {"gold": len(set(getattr(i.question.key, "pairs", ())))})
    hits, said, gold = (int(total[n]) for n in ("hits", "said", "gold"))
    out = {"recall": hits / gold if gold else 0.0}
    if said or not hits:  # the published grader counts hits, but not how many pairs were said
        out = {"pair_f1": terms.f1(hits, hits, said, gold), "precision": hits / said if said else 0.0} | out
    kinds = [name.removeprefix("gold:") for name in total if name.startswith("gold:")]
    return out | {f"recall:{k}": total[f"hits:{k}"] / total[f"gold:{k}"] for k in sorted(kinds) if total[f"gold:{k}"]}


def _kappa(items: Sequence[Graded], weight: Callable[[int, int, int], float]) -> float:
    """1 - observed / expected disagreement; 0 where neither side ever varies and they agree (it is undefined there)."""
    n = max(len(i.question.choices) for i in items)
    pairs = [(_key(i), _read(i, n)) for i in items]
    golds, reads = [g for g, _ in pairs], [r for _, r in pairs]
    observed = fmean(weight(g, r, n) for g, r in pairs)
    share = {(g, r): golds.count(g) * reads.count(r) / len(items) ** 2 for g in set(golds) for r in set(reads)}
    expected = sum(p * weight(g, r, n) for (g, r), p in share.items())
    return 1 - observed / expected if expected else 0.0


def _key(item: Graded) -> int:
    key = item.question.key
    return key.accepted[0][0] if isinstance(key, Choices) and key.accepted else 0


def _read(item: Graded, n: int) -> int:
    read = item.verdict.read
    return LETTERS.index(read[0]) if len(read) == 1 and read[0] in LETTERS[:n] else n


AGGREGATORS: dict[str, Aggregator] = {
    "accuracy": accuracy,
    "kappa": kappa,
    "linear_kappa": linear_kappa,
    "f1": f1,
    "pair_f1": pair_f1,
}
"""By the name in ``Benchmark.aggregate``."""
