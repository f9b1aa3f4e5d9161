"""Lengths of replies beside efforts: the table of ``igaku usage`` on models that were asked at some."""

from collections.abc import Sequence

from igaku.engines.effort import LEVELS
from igaku.studies.compare_efforts import NONE_GIVEN, model_and_effort
from igaku.studies.usage_rows import UsageRow
from igaku.tables import Kind, Table, Value

NOTE = (
    "by effort: all: median of what was written; right, wrong: the same of right and of wrong replies; where wrong "
    "ones are longer, the questions may be the harder ones: that does not say what more thinking does (igaku compare "
    "--efforts tests two efforts of one model)"
)
ORDER = ("thinking off", *LEVELS, NONE_GIVEN, "thinking on")
"""From short to long, as far as it is known; what a maker set where none is given stands near the end."""


def effort_table(rows: Sequence[UsageRow]) -> Table:
    """A row an effort, the models in alphabetical order; empty where no model's name says one."""
    named = {model for model, effort in map(_which, rows) if effort != NONE_GIVEN}
    mine = sorted((r for r in rows if _which(r)[0] in named), key=_by_model)
    columns: dict[str, Kind] = {
        **dict.fromkeys(("respondent", "effort"), "text"),
        "n": "count",
        "accuracy": "share",
        "95 %": "interval",
        "unit": "text",
        **{f"written, {what}": "count" for what in ("all", "p95", "right", "wrong")},
        "cut": "count",
    }
    return Table(name="efforts", columns=columns, rows=[_row(r) for r in mine], title="lengths by effort")


def _which(r: UsageRow) -> tuple[str, str]:
    return model_and_effort(r.model)


def _by_model(r: UsageRow) -> tuple[str, int, str]:
    model, effort = _which(r)
    return model, ORDER.index(effort) if effort in ORDER else len(ORDER), effort


def _row(r: UsageRow) -> list[Value]:
    lengths = r.lengths
    median: list[Value] = [None] * 4
    if lengths:
        right, wrong = (None if s is None else round(s.median) for s in (lengths.right, lengths.wrong))
        median = [round(lengths.whole.median), round(lengths.whole.p95), right, wrong]
    return [r.respondent, _which(r)[1], r.n, r.accuracy, r.ci95, r.unit, *median, r.cut]
