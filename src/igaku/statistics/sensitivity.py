"""Sensitivity of a score to the prompt: the fair score over renderings of the same questions, with its intervals.

The questions that have a score in every rendering form a table, questions x renderings, of right (1) and wrong (0);
sources of its variance: ``igaku.statistics.variance``.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import fmean, stdev
from typing import TypeAlias

from msgspec import Struct

from igaku.statistics.interval import clustered, student
from igaku.statistics.variance import FACTORS, Component, Rendering, Scores, variance_components

SAMPLED = ("template", "order")
"""Factors whose levels are a sample of those that could have been chosen."""


class FairScore(Struct, frozen=True, kw_only=True):
    """The fair score of one model on one benchmark: the mean over renderings, with its intervals.

    ``ci95`` is the interval of this mean over other questions of the same kind, for these renderings; ``ci95_prompts``
    also over other templates and orders of the same kind (None with fewer than two templates).
    """

    model: str
    benchmark: str
    method: str
    questions: int
    renderings: int
    left_out: int
    """Questions without a score in some rendering."""
    score: float
    ci95: tuple[float, float]
    ci95_prompts: tuple[float, float] | None
    lowest: tuple[str, float]
    highest: tuple[str, float]
    deviation: float
    """Standard deviation of the renderings' accuracies."""
    components: list[Component]
    means: dict[str, dict[str, float]]
    """Factor -> level -> mean accuracy."""
    consistency: float | None
    """Share of questions with the same choice in every order of choices, averaged over templates and languages."""
    vote: float | None
    """Accuracy of the majority choice over all orders, averaged over templates and languages."""


ReadChoices: TypeAlias = Mapping[Rendering, Mapping[str, tuple[str, ...]]]
"""Rendering -> question -> the letters that were read from the reply; empty where nothing could be read."""


def fair_score(
    table: Scores, groups: Mapping[str, str], read: ReadChoices, golds: Mapping[str, set[tuple[str, ...]]], **names: str
) -> FairScore:
    """Summarise renderings.

    Args:
        table: rendering -> question -> score.
        groups: question -> its linked group (itself where it has none); languages of one question share its id.
        read: rendering -> question -> the choices read, in the question's own letters.
        golds: question -> accepted answers in letters.
        names: ``model``, ``benchmark``, ``method``.
    """
    renderings = list(table)
    shared = [q for q in next(iter(table.values())) if all(q in t for t in table.values())]
    everything = {q for t in table.values() for q in t}
    if not shared:
        raise ValueError("no question has a score in every rendering")
    accuracy = {r: fmean(table[r][q] for q in shared) for r in renderings}
    values = [table[r][q] for r in renderings for q in shared]
    clusters = [groups.get(q, q) for _ in renderings for q in shared]
    ci = clustered(values, clusters)
    by_order = _orders(renderings)
    low, high = min(renderings, key=accuracy.__getitem__), max(renderings, key=accuracy.__getitem__)
    return FairScore(
        **names,
        questions=len(shared),
        renderings=len(renderings),
        left_out=len(everything) - len(shared),
        score=fmean(values),
        ci95=ci,
        ci95_prompts=_with_prompts(accuracy, ci, len(set(clusters))),
        lowest=(str(low), accuracy[low]),
        highest=(str(high), accuracy[high]),
        deviation=stdev(accuracy.values()) if len(renderings) > 1 else 0.0,
        components=variance_components(table, shared),
        means={f: _means(f, accuracy) for f in FACTORS if len({getattr(r, f) for r in renderings}) > 1},
        consistency=fmean(_consistency(rs, read, shared) for rs in by_order) if by_order else None,
        vote=fmean(_vote(rs, read, golds, shared) for rs in by_order) if by_order else None,
    )


def _means(factor: str, accuracy: Mapping[Rendering, float]) -> dict[str, float]:
    levels = dict.fromkeys(getattr(r, factor) for r in accuracy)
    return {level: fmean(a for r, a in accuracy.items() if getattr(r, factor) == level) for level in levels}


def _orders(renderings: Sequence[Rendering]) -> list[list[Rendering]]:
    """Groups of renderings that differ only in the order of choices."""
    groups: dict[tuple[str, str, str], list[Rendering]] = {}
    for r in renderings:
        groups.setdefault((r.template, r.language, r.system), []).append(r)
    return [g for g in groups.values() if len(g) > 1]


def _consistency(same: Sequence[Rendering], read: ReadChoices, questions: Sequence[str]) -> float:
    return fmean(len({read[r].get(q, ()) for r in same}) == 1 and read[same[0]].get(q, ()) != () for q in questions)


def _vote(
    same: Sequence[Rendering], read: ReadChoices, golds: Mapping[str, set[tuple[str, ...]]], questions: Sequence[str]
) -> float:
    """Accuracy of the most frequent choice; unparsed replies have no vote, a tie counts in part."""
    total = 0.0
    for q in questions:
        votes = Counter(choice for r in same if (choice := read[r].get(q, ())))
        top = [choice for choice, n in votes.items() if n == max(votes.values())]
        total += sum(choice in golds[q] for choice in top) / len(top) if top else 0.0
    return total / len(questions)


def _with_prompts(
    accuracy: Mapping[Rendering, float], ci: tuple[float, float], n_clusters: int
) -> tuple[float, float] | None:
    """The interval over questions widened by the variance of the mean between templates and between orders.

    Languages and systems are fixed. The levels of templates and of orders are a sample of those that could have been
    chosen: the variance of the mean over them is the variance between their means divided by their number. Degrees of
    freedom are Satterthwaite's (1946).
    """
    means = {f: list(_means(f, accuracy).values()) for f in SAMPLED}
    if len(means["template"]) < 2:
        return None
    score = fmean(accuracy.values())
    freedom_of_questions = max(1, n_clusters - 1)
    parts = [(((ci[1] - ci[0]) / 2 / student(freedom_of_questions)) ** 2, freedom_of_questions)]
    parts += [(stdev(m) ** 2 / len(m), len(m) - 1) for m in means.values() if len(m) > 1]
    variance = sum(v for v, _ in parts)
    if variance == 0:
        return ci
    freedom = variance**2 / sum(v**2 / df for v, df in parts)
    half = student(freedom) * variance**0.5
    return max(0.0, score - half), min(1.0, score + half)
