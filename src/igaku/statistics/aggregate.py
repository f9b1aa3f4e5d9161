"""How a benchmark's verdicts become its score: accuracy, agreement beyond chance, or the mean F1 of lists.

Each aggregator gives one or more named numbers; the one with the aggregator's own name is the score.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from statistics import correlation, fmean

from igaku.grading import Graded, terms
from igaku.grading.rubric import votes_of
from igaku.keys import LETTERS, rubric_of
from igaku.prompts.formats import complete, parent
from igaku.statistics import clinical

Aggregator = Callable[[Sequence[Graded]], dict[str, float]]


def accuracy(items: Sequence[Graded]) -> dict[str, float]:
    """Share of right answers."""
    return {"accuracy": fmean(i.verdict.right for i in items)}


def kappa(items: Sequence[Graded]) -> dict[str, float]:
    """Cohen's kappa (Cohen 1960) of the choice read and the key; what could not be read is a choice of its own."""
    return {"kappa": _kappa(items, lambda i, j, n: float(i != j))} | accuracy(items)


def linear_kappa(items: Sequence[Graded]) -> dict[str, float]:
    """Kappa with linear weights (Cohen 1968) for ordered choices; an unreadable reply is farthest from every choice."""
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
    hits, listed, gold = (int(total[n]) for n in ("hits", "said", "gold"))
    out = {"recall": hits / gold if gold else 0.0}
    if listed or not hits:  # the published grader counts hits, but not how many pairs were listed
        out = {"pair_f1": terms.f1(hits, hits, listed, gold), "precision": hits / listed if listed else 0.0} | out
    kinds = [name.removeprefix("gold:") for name in total if name.startswith("gold:")]
    known = [k for k in sorted(kinds) if total[f"gold:{k}"]]
    out |= {f"recall:{k}": total[f"hits:{k}"] / total[f"gold:{k}"] for k in known}
    return out | {f"gold:{k}": float(total[f"gold:{k}"]) for k in known}


def bleu(items: Sequence[Graded]) -> dict[str, float]:
    """Mean sentence BLEU, as JMedBench averages it."""
    return {"bleu": fmean(i.verdict.score for i in items)}


def pearson(items: Sequence[Graded]) -> dict[str, float]:
    """Pearson's correlation of the grade read and the key, for graded similarity; accuracy beside it.

    What could not be read stands at the mean of what was, which speaks neither for nor against.
    """
    n = max(len(i.question.choices) for i in items)
    reads = [_read(i, n) for i in items]
    known = [r for r in reads if r < n]
    middle = fmean(known) if known else 0.0
    predicted = [float(r) if r < n else middle for r in reads]
    golds = [float(_key(i)) for i in items]
    varied = len(set(predicted)) > 1 and len(set(golds)) > 1
    return {"pearson": correlation(predicted, golds) if varied else 0.0} | accuracy(items)


def rubric(items: Sequence[Graded]) -> dict[str, float]:
    """Mean share of the rubric's weights; agreement of the judge's votes with each other; share of unreadable votes.

    ``agreement`` is Fleiss' kappa (1971) of the decisions on single points; each vote of a question saw the points in
    another order than the one before.
    """
    votes = [
        [v for v in votes_of(i.reply, len(rubric_of(i.question).points)) if v is not None] if i.reply else []
        for i in items
    ]
    cast = sum(len(i.reply.votes) for i in items if i.reply)
    out = {"rubric": fmean(i.verdict.score for i in items), "full_marks": fmean(i.verdict.right for i in items)}
    if cast:
        out["unread_votes"] = 1 - sum(map(len, votes)) / cast
    decisions = [[v[p] for v in mine] for mine in votes if len(mine) > 1 for p in range(len(mine[0]))]
    return out | ({"agreement": fleiss(decisions)} if decisions else {})


def fleiss(decisions: Sequence[Sequence[bool]]) -> float:
    """Fleiss' kappa of yes-no decisions, each by two or more raters; 1 where nobody ever differs."""
    n = sum(map(len, decisions))
    yes = sum(map(sum, decisions)) / n
    same = fmean(
        (sum(d) * (sum(d) - 1) + (len(d) - sum(d)) * (len(d) - sum(d) - 1)) / (len(d) * (len(d) - 1)) for d in decisions
    )
    by_chance = yes**2 + (1 - yes) ** 2
    return 1.0 if same == 1 else (same - by_chance) / (1 - by_chance)


def statements(items: Sequence[Graded]) -> dict[str, float]:
    """Share of questions with all their statements right, of statements, and kappa (most statements are "no").

    Questions of which some statements are not answered yet are left out. ``ranked``: share of questions whose right
    choices got the highest log-odds of "yes" among their statements.
    """
    groups: dict[str, list[Graded]] = {}
    for i in items:
        groups.setdefault(parent(i.question.id), []).append(i)
    groups = {q: g for q, g in groups.items() if complete([i.question.id for i in g])}
    if not groups:
        return kappa(items)
    out = {"statements": fmean(all(i.verdict.right for i in g) for g in groups.values())}
    if all(i.reply is not None and len(i.reply.answer.logprobs) == 2 for i in items):
        out["ranked"] = fmean(_ranked(g) for g in groups.values())
    return out | kappa(items)


def _ranked(group: Sequence[Graded]) -> bool:
    golds = {i.question.id for i in group if _key(i) == 0}
    order = sorted(group, key=_log_odds, reverse=True)
    return {i.question.id for i in order[: len(golds)]} == golds


def _log_odds(item: Graded) -> float:
    assert item.reply is not None
    yes, no = item.reply.answer.logprobs
    return no - yes if item.reply.permutation == (1, 0) else yes - no


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
    return item.question.right[0] if item.question.right else 0


def _read(item: Graded, n: int) -> int:
    read = item.verdict.read
    return LETTERS.index(read[0]) if len(read) == 1 and read[0] in LETTERS[:n] else n


AGGREGATORS: dict[str, Aggregator] = {
    "accuracy": accuracy,
    "kappa": kappa,
    "linear_kappa": linear_kappa,
    "f1": f1,
    "pair_f1": pair_f1,
    "bleu": bleu,
    "pearson": pearson,
    "rubric": rubric,
    "statements": statements,
    "list_f1": clinical.list_f1,
    "positive_f1": clinical.positive_f1,
    "macro_f1": clinical.macro_f1,
    "fields": clinical.fields,
    "span_f1": clinical.span_f1,
    "rouge": clinical.rouge,
}
"""By the name in ``Benchmark.aggregate``."""
