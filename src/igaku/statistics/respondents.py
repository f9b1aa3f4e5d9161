"""Who a respondent is, and how boards, tables and pages name it.

A respondent is a model asked in one way (one prompt variant of one run), or a model over all its prompt variants.
Names are as short as the company allows: the model, and what distinguishes the rows of its table.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeAlias

from igaku.statistics.tally import CellKey

PromptVariant: TypeAlias = tuple[str, CellKey]
"""A run (its number among those given, as text from ``"0"`` on) and how one model was asked in it."""
FIELDS = ("model", "prompt", "shots", "order", "question_format", "method")
"""Fields of a cell key that may distinguish two respondents of one benchmark and language."""


class RespondentId(NamedTuple):
    """One row of a board: a prompt variant, or (with ``variant`` None) a model over all its prompt variants."""

    model: str
    method: str
    system: str = ""
    """What distinguishes two models of one name: adapter, quantization, revision."""
    variant: PromptVariant | None = None


def differing(keys: Iterable[CellKey], fields: Sequence[str] = FIELDS) -> list[str]:
    """Those of the fields in which the keys are not all equal."""
    keys = list(keys)
    return [f for f in fields if len({getattr(key, f) for key in keys}) > 1]


def variant_names(variants: Sequence[PromptVariant]) -> dict[PromptVariant, str]:
    """Names for the rows of one table: the model, also where all have the same, and the fields in which they differ.

    A table goes into a paper or beside other tables, where nobody knows what was left out. Where two names would be
    equal, every name also gets the number of its run.
    """
    fields = ["model", *differing((key for _, key in variants), FIELDS[1:])]
    names = {variant: _values(variant[1], fields) for variant in variants}
    if len(set(names.values())) < len(names):
        return {variant: f"{name} ({run_name(variant[0])})" for variant, name in names.items()}
    return names


def respondent_names(respondents: Sequence[RespondentId]) -> dict[RespondentId, str]:
    """Names for the rows of one board.

    Prompt variants are named as ``variant_names`` names them. Models are named by their model, with the method where
    the board has several methods, and with the system where two names would be equal.
    """
    variants = {r: r.variant for r in respondents if r.variant}
    if variants:
        of_variants = variant_names(list(variants.values()))
        return {r: of_variants[variant] for r, variant in variants.items()}
    several_methods = len({r.method for r in respondents}) > 1
    names = {r: f"{r.model} {r.method}" if several_methods else r.model for r in respondents}
    count = Counter(names.values())
    return {r: f"{name} ({r.system})" if count[name] > 1 and r.system else name for r, name in names.items()}


def variant_label(variant: PromptVariant, variants: Iterable[PromptVariant]) -> str:
    """What distinguishes a variant from its model's other variants among ``variants``; empty where there is nothing."""
    key = variant[1]
    own = [k for _, k in variants if k.model == key.model]
    fields = differing(own, FIELDS[1:])
    twins = sum(all(getattr(k, f) == getattr(key, f) for f in fields) for k in own)
    return " ".join(x for x in (_values(key, fields), run_name(variant[0]) if twins > 1 else "") if x)


def full_name(variant: PromptVariant, fields: Sequence[str], *, several_runs: bool, original_order: bool = True) -> str:
    """A name that does not depend on the other respondents: the given fields, and the run where there are several.

    Args:
        variant: the respondent.
        fields: fields of the cell key, e.g. ``("model", "prompt", "order")``.
        several_runs: whether the number of the run belongs to the name.
        original_order: whether the order of choices is also named where it is the original one.
    """
    run, key = variant
    shown = [f for f in fields if original_order or f != "order" or key.order != "original"]
    return f"{_values(key, shown)} {run_name(run)}" if several_runs else _values(key, shown)


def run_name(run: str) -> str:
    """``run 1`` for the first run, whose label is ``"0"``."""
    return f"run {int(run) + 1}"


def _values(key: CellKey, fields: Iterable[str]) -> str:
    return " ".join(str(getattr(key, f)) for f in fields)
