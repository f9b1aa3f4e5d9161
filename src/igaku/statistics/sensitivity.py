"""Sensitivity of a score to the prompt: renderings of the same questions, their range, and the sources of variance.

A rendering is one template, one order of choices, one language (and, where runs differ in it, one engine or
quantization). The questions that have a score in every rendering form a table, questions x renderings, of right (1)
and wrong (0). Its variance is split by the analysis of variance of crossed random effects (Henderson's method 1;
Searle, Casella & McCulloch 1992; the same as generalizability theory, Brennan 2001): questions, each factor of the
rendering, every pair of these, and the residual. An estimate below zero is reported as zero, after it was used in the
estimates of the effects it contains.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations, product
from statistics import fmean, stdev
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

from igaku.errors import optional
from igaku.statistics.interval import clustered, student

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

FACTORS = ("template", "order", "language", "system")
SAMPLED = ("template", "order")
"""Factors whose levels are a sample of those that could have been chosen."""


class Rendering(Struct, frozen=True):
    """One form of the prompt; ``system`` is the engine with its quantization."""

    template: str
    order: str = "original"
    language: str = "ja"
    system: str = ""

    def __str__(self) -> str:
        return " ".join(x for x in (self.template, self.order, self.language, self.system) if x)


class Component(Struct, frozen=True):
    """One source of variance: its variance, and its share of the variance of a single answer."""

    source: str
    variance: float
    share: float


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


Scores: TypeAlias = Mapping[Rendering, Mapping[str, float]]
"""Rendering -> question -> score."""
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


def variance_components(table: Scores, questions: Sequence[str]) -> list[Component]:
    """Variance of a single answer by source, from the mean squares of the balanced part of the design.

    Empty where there are fewer than two questions, or the renderings form no complete design of at least two.
    """
    np = optional("numpy", "stats")

    factors, cube = _cube(table, questions)
    if cube.shape[0] < 2 or cube[0].size < 2:
        return []
    names = ["question", *factors]
    sizes = dict(zip(names, cube.shape))
    pairs = [("question", f) for f in factors] + list(combinations(factors, 2))
    effects: list[tuple[str, ...]] = [("question",), *((f,) for f in factors), *pairs]
    squares = {e: _sum_of_squares(cube, [names.index(n) for n in e]) for e in effects}
    freedom = {e: int(np.prod([sizes[n] - 1 for n in e])) for e in effects}
    rest_square = float(((cube - cube.mean()) ** 2).sum()) - sum(squares.values())
    rest_freedom = cube.size - 1 - sum(freedom.values())
    error = max(0.0, rest_square) / rest_freedom if rest_freedom > 0 else 0.0
    found: dict[tuple[str, ...], float] = {}
    for effect in sorted(effects, key=len, reverse=True):  # interactions first: main effects contain them
        mean_square = squares[effect] / freedom[effect]
        inside = sum(_per(o, cube.size, sizes) * found[o] for o in found if set(effect) < set(o))
        found[effect] = (mean_square - error - inside) / _per(effect, cube.size, sizes)
    found = {e: max(0.0, v) for e, v in found.items()}
    if rest_freedom > 0:
        found["rest",] = error
    whole = sum(found.values()) or 1.0
    order = [*effects, ("rest",)] if rest_freedom > 0 else effects
    return [Component(" x ".join(e), found[e], found[e] / whole) for e in order]


def _per(effect: tuple[str, ...], n: int, sizes: Mapping[str, int]) -> float:
    """Number of observations for each level of an effect."""
    per = n
    for name in effect:
        per //= sizes[name]
    return per


def _cube(table: Scores, questions: Sequence[str]) -> tuple[list[str], "NDArray[float64]"]:
    """Factors that vary, and scores as an array: questions first, then one axis a factor.

    Levels of factors with the most missing renderings are dropped until the design is complete.
    """
    np = optional("numpy", "stats")

    levels = {f: list(dict.fromkeys(getattr(r, f) for r in table)) for f in FACTORS}
    by = {tuple(getattr(r, f) for f in FACTORS): r for r in table}
    while any(_absent(levels, by)):
        missing = Counter(
            (f, cell[i]) for cell in _absent(levels, by) for i, f in enumerate(FACTORS) if len(levels[f]) > 1
        )
        (factor, level), _ = missing.most_common(1)[0]
        levels[factor].remove(level)
    varied = [f for f in FACTORS if len(levels[f]) > 1]
    flat = np.array([[table[by[cell]][q] for cell in _cells(levels)] for q in questions], dtype=float)
    return varied, flat.reshape(len(questions), *(len(levels[f]) for f in varied))


def _cells(levels: Mapping[str, list[str]]) -> list[tuple[str, ...]]:
    return list(product(*(levels[f] for f in FACTORS)))


def _absent(levels: Mapping[str, list[str]], by: Mapping[tuple[str, ...], Rendering]) -> list[tuple[str, ...]]:
    return [cell for cell in _cells(levels) if cell not in by]


def _sum_of_squares(cube: "NDArray[float64]", axes: Sequence[int]) -> float:
    """Sum of squares of an effect: of its means, minus the main effects where it is an interaction."""
    others = tuple(i for i in range(cube.ndim) if i not in axes)
    means = cube.mean(axis=others, keepdims=True) if others else cube
    effect = means - cube.mean()
    if len(axes) == 2:
        for axis in axes:
            mine = tuple(i for i in range(cube.ndim) if i != axis)
            effect = effect - (cube.mean(axis=mine, keepdims=True) - cube.mean())
    per = cube.size / means.size
    return float((effect**2).sum() * per)


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
