"""A benchmark's results by section, year and category: a picture and a table for each."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Literal, TypeAlias

from msgspec import Struct, field

from igaku.grading import Graded
from igaku.report.site import charts
from igaku.report.site.chart_rows import PartRow
from igaku.report.site.pages.base import Picture, picture
from igaku.tables import percent

Part = Literal["section", "year", "category"]
PARTS: tuple[tuple[str, Part], ...] = (
    ("bench.sections", "section"),
    ("bench.years", "year"),
    ("bench.categories", "category"),
)
"""Phrase and field of each part; a part is shown where it has 2 to 40 values."""
ByModel: TypeAlias = Mapping[str, Sequence[Graded]]
"""Respondent -> verdicts."""


class BreakdownRow(Struct, frozen=True):
    """One part: its number of questions, and the accuracy of each respondent (None where it was not asked)."""

    part: str
    n: int
    cells: list[float | None]


class Breakdown(Struct, frozen=True, kw_only=True):
    """A picture, and a table where there are ``columns``."""

    key: str
    picture: Picture
    columns: list[str] = field(default_factory=list)
    rows: list[BreakdownRow] = field(default_factory=list)
    limited_to: int = 0
    """Number of models in the picture, where it does not contain all of them."""


def by_part(by_model: ByModel, models: Sequence[str]) -> list[Breakdown]:
    """A breakdown for each part that has 2 to 40 values."""
    return [
        _breakdown(key, part, by_model, models)
        for key, part in PARTS
        if 2 <= len({getattr(g.question, part) for items in by_model.values() for g in items} - {""}) <= 40
    ]


def _breakdown(key: str, part: Part, by_model: ByModel, models: Sequence[str]) -> Breakdown:
    shares: dict[str, dict[str, tuple[float, int]]] = defaultdict(dict)
    for model in models:
        for value, items in _groups(by_model[model], part).items():
            shares[value][model] = fmean(g.verdict.right for g in items), len({g.question.id for g in items})
    values = sorted(shares) if part == "year" else list(shares)
    top = models[: charts.SERIES]
    dots = [
        PartRow(part=value, model=m, accuracy=accuracy, label=f"{value}, {m}: {percent(accuracy)}")
        for value in values
        for m in top
        if m in shares[value]
        for accuracy in [shares[value][m][0]]
    ]
    rows = [
        BreakdownRow(v, max(n for _, n in shares[v].values()), [shares[v].get(m, (None, 0))[0] for m in models])
        for v in values
    ]
    limited_to = len(top) if len(models) > len(top) else 0
    return Breakdown(
        key=key, picture=picture(charts.parts, dots), columns=list(models), rows=rows, limited_to=limited_to
    )


def _groups(items: Sequence[Graded], part: Part) -> dict[str, list[Graded]]:
    out: dict[str, list[Graded]] = defaultdict(list)
    for g in items:
        if value := getattr(g.question, part):
            out[value].append(g)
    return out
