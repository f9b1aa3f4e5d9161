"""Where the variance of an answer comes from: renderings of the same questions, and variance components.

A rendering is one template, one order of choices, one language (and, where runs differ in it, one engine or
quantization). The variance of the table questions x renderings is split by the analysis of variance of crossed random
effects (Henderson's method 1; Searle, Casella & McCulloch 1992; the same as generalizability theory, Brennan 2001):
questions, each factor of the rendering, every pair of these, and the residual. An estimate below zero is reported as
zero, after it was used in the estimates of the effects it contains.

Every estimate is a sum of mean squares, each times a known number; its standard error is the one of that sum for normal
effects, with ``2 MS^2 / (df + 2)``, unbiased, as the variance of a mean square (Searle, Casella & McCulloch 1992, 5.2).
With four templates it is as large as the component: few templates say little about templates.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations, product
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

from igaku.errors import optional

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

FACTORS = ("template", "order", "language", "system", "sample")


class Rendering(Struct, frozen=True):
    """One form of the prompt; ``system`` is the engine with its quantization, ``sample`` a repetition."""

    template: str
    order: str = "original"
    language: str = "ja"
    system: str = ""
    sample: str = ""

    def __str__(self) -> str:
        return " ".join(x for x in (self.template, self.order, self.language, self.system, self.sample) if x)


class Component(Struct, frozen=True):
    """One source of variance: its variance with its standard error, and its share of the variance of one answer."""

    source: str
    variance: float
    share: float
    error: float = 0.0


Scores: TypeAlias = Mapping[Rendering, Mapping[str, float]]
"""Rendering -> question -> score."""
_Effect: TypeAlias = tuple[str, ...]
_REST: _Effect = ("rest",)


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
    effects: list[_Effect] = [("question",), *((f,) for f in factors), *pairs]
    sums = {e: _sum_of_squares(cube, [names.index(n) for n in e]) for e in effects}
    freedom = {e: int(np.prod([sizes[n] - 1 for n in e])) for e in effects}
    rest_square = float(((cube - cube.mean()) ** 2).sum()) - sum(sums.values())
    mean_squares = {e: square / freedom[e] for e, square in sums.items()}
    rest_freedom = cube.size - 1 - sum(freedom.values())
    order = list(effects)
    if rest_freedom > 0:
        order.append(_REST)
        freedom[_REST] = rest_freedom
        mean_squares[_REST] = max(0.0, rest_square) / rest_freedom
    estimates = _estimates(effects, {e: _per(e, cube.size, sizes) for e in effects}, rest_freedom > 0)
    raw = {e: math.fsum(k * mean_squares[m] for m, k in estimates[e].items()) for e in order}
    errors = {
        e: math.sqrt(sum(2 * (k * mean_squares[m]) ** 2 / (freedom[m] + 2) for m, k in estimates[e].items()))
        for e in order
    }
    found = {e: max(0.0, v) for e, v in raw.items()}
    whole = sum(found.values()) or 1.0
    return [Component(" x ".join(e), found[e], found[e] / whole, errors[e]) for e in order]


def _estimates(
    effects: Sequence[_Effect], per: Mapping[_Effect, float], rest: bool
) -> dict[_Effect, dict[_Effect, float]]:
    """Each component as mean squares and the number each is multiplied by."""
    out: dict[_Effect, dict[_Effect, float]] = {_REST: {_REST: 1.0}} if rest else {}
    for effect in sorted(effects, key=len, reverse=True):  # interactions first: main effects contain them
        mine: dict[_Effect, float] = defaultdict(float)
        mine[effect] = 1.0
        if rest:
            mine[_REST] -= 1.0
        for other in [o for o in out if set(effect) < set(o)]:
            for square, k in out[other].items():
                mine[square] -= per[other] * k
        out[effect] = {square: k / per[effect] for square, k in mine.items()}
    return out


def _per(effect: _Effect, n: int, sizes: Mapping[str, int]) -> float:
    """Number of observations for each level of an effect."""
    per = n
    for name in effect:
        per //= sizes[name]
    return per


def _cube(table: Scores, questions: Sequence[str]) -> tuple[list[str], "NDArray[float64]"]:
    """Factors that vary, and the balanced scores as an array: questions first, then one axis a factor."""
    np = optional("numpy", "stats")

    levels, _ = balanced(table)
    by = {tuple(getattr(r, f) for f in FACTORS): r for r in table}
    varied = [f for f in FACTORS if len(levels[f]) > 1]
    flat = np.array([[table[by[cell]][q] for cell in _cells(levels)] for q in questions], dtype=float)
    return varied, flat.reshape(len(questions), *(len(levels[f]) for f in varied))


def balanced(renderings: Iterable[Rendering]) -> tuple[dict[str, list[str]], list[str]]:
    """Levels of each factor of which all combinations are there, and the levels ("template closing") that had to go
    for that: those with the most missing renderings."""
    there = {tuple(getattr(r, f) for f in FACTORS): r for r in renderings}
    levels = {f: list(dict.fromkeys(getattr(r, f) for r in there.values())) for f in FACTORS}
    gone: list[str] = []
    while absent := [cell for cell in _cells(levels) if cell not in there]:
        missing = Counter((f, cell[i]) for cell in absent for i, f in enumerate(FACTORS) if len(levels[f]) > 1)
        (factor, level), _ = missing.most_common(1)[0]
        levels[factor].remove(level)
        gone.append(f"{factor} {level}")
    return levels, gone


def _cells(levels: Mapping[str, list[str]]) -> list[tuple[str, ...]]:
    return list(product(*(levels[f] for f in FACTORS)))


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
