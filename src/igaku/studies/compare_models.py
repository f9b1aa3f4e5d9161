"""Two models that were both asked in several ways (templates, shots, orders of choices, samples): which is better over
these ways, and would it be in other templates?"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import combinations
from statistics import fmean
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from igaku.grading import Graded
from igaku.statistics.crossed import Sampled, crossed_difference
from igaku.statistics.paired import Comparison, Outcomes, corrected
from igaku.statistics.paired import compare as compare_pair
from igaku.statistics.tally import CellKey

PromptKey: TypeAlias = CellKey
"""A cell key without its model."""
Scores: TypeAlias = Mapping[str, float]


class ModelDifference(Struct, frozen=True, kw_only=True):
    """Two models, each question's score averaged over the ways in which both were asked.

    ``found`` is for these ways and other questions; ``other_templates`` is the 95 % interval for other templates of
    the same kind as well, None where both were asked in fewer than two.
    """

    ways: int
    templates: int
    found: Comparison
    other_templates: tuple[float, float] | None


def over_ways(
    sets: Mapping[tuple[str, str], Mapping[tuple[str, CellKey], Sequence[Graded]]], adjust: str = "holm"
) -> list[ModelDifference]:
    """Every pair of models on each benchmark and language (the keys of ``sets``) with two ways or more in common.

    A model is the same in several runs only where no run repeats one of its ways; such a second set of answers counts
    as a model of its own.
    """
    rows = [row for (bench, lang), found in sets.items() for row in _pairs(f"{bench} {lang}", found)]
    comparisons = corrected([r.found for r in rows], adjust) if rows else []
    return [replace(row, found=c) for row, c in zip(rows, comparisons)]


def _pairs(part: str, found: Mapping[tuple[str, CellKey], Sequence[Graded]]) -> list[ModelDifference]:
    groups = {g.question.id: g.question.group for items in found.values() for g in items}
    models: dict[str, dict[PromptKey, Scores]] = defaultdict(dict)
    for (run, key), items in found.items():
        way, name = replace(key, model=""), key.model
        name = f"{name} (run {int(run) + 1})" if way in models[name] else name
        models[name][way] = {g.question.id: g.verdict.score for g in items}
    pairs = (_pair(part, a, b, groups) for a, b in combinations(models.items(), 2))
    return [row for row in pairs if row]


def _pair(
    part: str,
    a: tuple[str, Mapping[PromptKey, Scores]],
    b: tuple[str, Mapping[PromptKey, Scores]],
    groups: Mapping[str, str],
) -> ModelDifference | None:
    ways = [way for way in a[1] if way in b[1]]
    shared = _shared([side[1][way] for side in (a, b) for way in ways]) if len(ways) > 1 else []
    if not shared:
        return None
    means = [Outcomes(name, {q: fmean(own[way][q] for way in ways) for q in shared}, groups) for name, own in (a, b)]
    found = compare_pair(means[0], means[1], part)
    templates = list(dict.fromkeys((way.prompt, way.shots) for way in ways))
    return ModelDifference(
        ways=len(ways),
        templates=len(templates),
        found=found,
        other_templates=_other_templates(found, a[1], b[1], ways, templates, shared, groups),
    )


def _shared(tables: Sequence[Scores]) -> list[str]:
    return [q for q in tables[0] if all(q in t for t in tables)]


def _other_templates(
    found: Comparison,
    a: Mapping[PromptKey, Scores],
    b: Mapping[PromptKey, Scores],
    ways: Sequence[PromptKey],
    templates: Sequence[tuple[str, int]],
    shared: Sequence[str],
    groups: Mapping[str, str],
) -> tuple[float, float] | None:
    """Contains the interval for these templates, which another method may make the longer one."""
    if len(templates) < 2:
        return None
    own = [[way for way in ways if (way.prompt, way.shots) == t] for t in templates]
    rows = [[fmean(a[w][q] - b[w][q] for w in mine) for mine in own] for q in shared]
    low, high = crossed_difference(Sampled(rows), [groups.get(q) or q for q in shared])
    return min(low, found.ci95[0]), max(high, found.ci95[1])
