"""Where the variance of an answer comes from: renderings of the same questions, and variance components.

A rendering is one template, one order of choices, one language (and, where runs differ in it, one engine or
quantization). The variance of the table questions x renderings is split by the analysis of variance of crossed random
effects (Henderson's method 1; Searle, Casella & McCulloch 1992; the same as generalizability theory, Brennan 2001):
questions, each factor of the rendering, every pair of these, and the residual. An estimate below zero is reported as
zero, after it was used in the estimates of the effects it contains.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations, product
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

from igaku.errors import optional

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

FACTORS = ("template", "order", "language", "system")


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


Scores: TypeAlias = Mapping[Rendering, Mapping[str, float]]
"""Rendering -> question -> score."""


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
