"""Sensitivity of a score to the prompt: the fair score over renderings of the same questions, with its intervals.

The questions that have a score in every rendering form a table, questions x renderings, of right (1) and wrong (0);
sources of its variance: ``igaku.statistics.variance``.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean, stdev
from typing import TypeAlias

from msgspec import Struct

from igaku.errors import optional
from igaku.statistics.crossed import Sampled, crossed
from igaku.statistics.variance import FACTORS, Component, Rendering, Scores, balanced, variance_components

SPREAD_DRAWS = 2_000


class FairScore(Struct, frozen=True, kw_only=True):
    """The fair score of one model on one benchmark: the mean over renderings, with its intervals.

    ``ci95`` is the interval of this mean over other questions of the same kind, for these renderings;
    ``ci95_same_questions`` over other templates of the same kind, for these questions; ``ci95_prompts`` over both, and
    contains the two. The last two are None with fewer than two templates. Orders count as sampled only where not all
    rotations were asked: all of them are a complete set, in which no order is left to chance.
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
    ci95_same_questions: tuple[float, float] | None
    complete_orders: bool
    """Whether every template and language was asked in all rotations of the choices."""
    unbalanced: list[str]
    """Levels of factors that are not in the components, since some of their renderings are missing."""
    lowest: tuple[str, float]
    highest: tuple[str, float]
    deviation: float
    """Standard deviation of the renderings' accuracies."""
    spread_by_chance: float
    """Highest minus lowest accuracy to be expected of these renderings if they were all the same."""
    spread_p: float
    """How often renderings that are all the same spread as far as these."""
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
    table: Scores,
    groups: Mapping[str, str],
    read: ReadChoices,
    golds: Mapping[str, set[tuple[str, ...]]],
    choices: int = 0,
    **names: str,
) -> FairScore:
    """Summarise renderings.

    Args:
        table: rendering -> question -> score.
        groups: question -> its linked group (itself where it has none); languages of one question share its id.
        read: rendering -> question -> the choices read, in the question's own letters.
        golds: question -> accepted answers in letters.
        choices: the largest number of choices of a question, which is that of its rotations; 0: not known, so that
            orders count as sampled.
        names: ``model``, ``benchmark``, ``method``.
    """
    renderings = list(table)
    shared = [q for q in next(iter(table.values())) if all(q in t for t in table.values())]
    everything = {q for t in table.values() for q in t}
    if not shared:
        raise ValueError("no question has a score in every rendering")
    accuracy = {r: fmean(table[r][q] for q in shared) for r in renderings}
    scores = [fmean(table[r][q] for r in renderings) for q in shared]
    complete, sampled = _sampled(table, shared, choices)
    ci = crossed(scores, [groups.get(q, q) for q in shared], sampled, len(renderings))
    spread, spread_p = _spread(table, shared)
    by_order = _orders(renderings)
    low, high = min(renderings, key=accuracy.__getitem__), max(renderings, key=accuracy.__getitem__)
    return FairScore(
        **names,
        questions=len(shared),
        renderings=len(renderings),
        left_out=len(everything) - len(shared),
        score=fmean(scores),
        ci95=ci.other_questions,
        ci95_prompts=ci.both,
        ci95_same_questions=ci.other_prompts,
        complete_orders=complete,
        unbalanced=balanced(renderings)[1],
        lowest=(str(low), accuracy[low]),
        highest=(str(high), accuracy[high]),
        deviation=stdev(accuracy.values()) if len(renderings) > 1 else 0.0,
        spread_by_chance=spread,
        spread_p=spread_p,
        components=variance_components(table, shared),
        means={f: _means(f, accuracy) for f in FACTORS if len({getattr(r, f) for r in renderings}) > 1},
        consistency=fmean(_consistency(rs, read, shared) for rs in by_order) if by_order else None,
        vote=fmean(_vote(rs, read, golds, shared) for rs in by_order) if by_order else None,
    )


def _means(factor: str, accuracy: Mapping[Rendering, float]) -> dict[str, float]:
    levels = dict.fromkeys(getattr(r, factor) for r in accuracy)
    return {level: fmean(a for r, a in accuracy.items() if getattr(r, factor) == level) for level in levels}


def _orders(renderings: Sequence[Rendering]) -> list[list[Rendering]]:
    """Groups of renderings that differ only in the order of choices, where there is more than one."""
    return [g for g in _by_template(renderings) if len(g) > 1]


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


def _sampled(table: Scores, questions: Sequence[str], choices: int) -> tuple[bool, list[Sampled]]:
    """Whether the orders are complete, and the factors that are a sample: templates, and orders where they are not.

    Nothing is said about other prompts from one template.
    """
    missing = max(_missing_orders([r.order for r in g], choices) for g in _by_template(table))
    found = [_levels("template", table, questions, 1.0)]
    if len(found[0].means[0]) < 2:
        return missing == 0.0, []
    if missing:
        orders = _levels("order", table, questions, missing)
        found += [orders] if len(orders.means[0]) > 1 else []
    return missing == 0.0, found


def _by_template(renderings: Iterable[Rendering]) -> list[list[Rendering]]:
    """Groups of renderings that differ only in the order of choices."""
    groups: dict[tuple[str, ...], list[Rendering]] = {}
    for r in renderings:
        groups.setdefault((r.template, r.language, r.system, r.sample), []).append(r)
    return list(groups.values())


def _missing_orders(orders: Sequence[str], choices: int) -> float:
    """Share of all orders that was not asked: of the rotations where there is nothing else, else 1."""
    if choices < 2 or not all(o == "original" or o.startswith("rotate-") for o in orders):
        return 1.0
    there = {int(o.partition("-")[2] or 0) % choices for o in orders}
    return 1 - len(there) / choices


def _levels(factor: str, table: Scores, questions: Sequence[str], missing: float) -> Sampled:
    """Each question's mean score at each level of a factor."""
    levels: dict[str, list[Rendering]] = {}
    for r in table:
        levels.setdefault(getattr(r, factor), []).append(r)
    return Sampled([[fmean(table[r][q] for r in rs) for rs in levels.values()] for q in questions], missing)


def _spread(table: Scores, questions: Sequence[str]) -> tuple[float, float]:
    """Range of the renderings' accuracies if each question's answers could be exchanged among renderings, and how often
    it is at least the range found.

    The accuracies are then nearly normal, with the variance of a mean of draws without replacement.
    """
    np = optional("numpy", "stats")

    x = np.array([[t[q] for q in questions] for t in table.values()])
    k, n = x.shape
    if k < 2:
        return 0.0, 1.0
    error = (x.var(axis=0, ddof=1).sum()) ** 0.5 / n
    ranges = np.ptp(np.random.default_rng(0).normal(0.0, error, (SPREAD_DRAWS, k)), axis=1)
    found = np.ptp(x.mean(axis=1))
    return float(ranges.mean()), float((1 + (ranges >= found - 1e-12).sum()) / (1 + SPREAD_DRAWS))
