"""Efforts of the same models against each other: one row a pair of efforts of a model, and one over all the models
that were asked at both."""

import re
from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from igaku.grading import Graded
from igaku.statistics.paired import corrected
from igaku.statistics.tally import CellKey
from igaku.studies.compare_models import ModelDifference, over_ways

NONE_GIVEN = "none given"
"""The effort of a model whose name says none: whatever its maker set."""
_LEVEL = r"none|minimal|low|medium|high|xhigh|max"
_OFF = re.compile(r"no-?think(?:ing)?|non-?thinking|thinking off", re.I)
_ON = re.compile(r"think(?:ing)?|thinking on", re.I)
_NAMED = re.compile(rf"(.*\S)\s*\(({_LEVEL}|{_OFF.pattern}|{_ON.pattern}|\d+ thinking tokens)\)", re.I | re.S)


def model_and_effort(name: str) -> tuple[str, str]:
    """``gpt-oss-120b (high)`` as its model and its effort; another word in brackets is part of the model's name."""
    found = _NAMED.fullmatch(name)
    if not found:
        return name, NONE_GIVEN
    effort = found[2].lower()
    switch = "thinking off" if _OFF.fullmatch(effort) else "thinking on" if _ON.fullmatch(effort) else ""
    return found[1], switch or effort


def is_effort_pair(one: CellKey, other: CellKey) -> bool:
    """Whether two rows are one model at two efforts, asked in one way else."""
    a, b = model_and_effort(one.model), model_and_effort(other.model)
    return a[0] == b[0] and a[1] != b[1] and replace(one, model="") == replace(other, model="")


def over_models(
    sets: Mapping[tuple[str, str], Mapping[tuple[str, CellKey], Sequence[Graded]]], adjust: str = "holm"
) -> list[ModelDifference]:
    """Every pair of efforts on each benchmark and language at which two models or more were asked, each question's
    score averaged over these models: the marginal difference of two efforts.

    Its ``ways`` are the models in their ways, its ``templates`` the models; ``other_templates`` is for other models of
    their kind.
    """
    turned = {board: {_turned(who): items for who, items in found.items()} for board, found in sets.items()}
    rows = [row for row in over_ways(turned, adjust) if row.templates > 1]
    comparisons = corrected([row.found for row in rows], adjust) if rows else []
    return [replace(row, found=c) for row, c in zip(rows, comparisons)]


def _turned(who: tuple[str, CellKey]) -> tuple[str, CellKey]:
    """The effort in the model's stead, and the model in the prompt's: what is averaged over is then the models."""
    run, key = who
    model, effort = model_and_effort(key.model)
    order = f"{key.order} {key.prompt} {key.shots}"
    return run, replace(key, model=effort, prompt=model, shots=0, order=order)
