"""A benchmark's results by section, year and category, as tables: a mark a cell on one axis, which 20 models do not
fill up as they do one picture."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Literal, TypeAlias

from markupsafe import Markup
from msgspec import Struct, field

from igaku.grading import Graded
from igaku.report.site.axes import Axis, axis_of
from igaku.report.site.pages.base import Picture
from igaku.report.site.pages.names import section_name

Part = Literal["section", "year", "category"]
PARTS: tuple[tuple[str, Part], ...] = (
    ("bench.sections", "section"),
    ("bench.years", "year"),
    ("bench.categories", "category"),
)
"""Phrase and field of each part; a part is shown where it has 2 to 40 values."""
ACROSS = 8
"""Most parts that stand as columns, a row a model; more of them stand as rows, a column a model."""
ByModel: TypeAlias = Mapping[str, Sequence[Graded]]
"""Respondent -> verdicts."""


class BreakdownRow(Struct, frozen=True):
    """One part: its number of questions, and the accuracy of each respondent (None where it was not asked)."""

    part: str
    n: int
    cells: list[float | None]
    name: Markup = Markup("")


class Breakdown(Struct, frozen=True, kw_only=True):
    """A picture, or a table where there are ``columns``."""

    key: str
    picture: Picture = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    rows: list[BreakdownRow] = field(default_factory=list)

    @property
    def across(self) -> bool:
        """Whether the parts are the columns."""
        return len(self.rows) <= ACROSS

    @property
    def axis(self) -> Axis:
        """The axis of all cells."""
        return axis_of(v for r in self.rows for v in r.cells if v is not None)


def by_part(benchmark: str, by_model: ByModel, models: Sequence[str]) -> list[Breakdown]:
    """A breakdown for each part that has 2 to 40 values."""
    return [
        _breakdown(benchmark, key, part, by_model, models)
        for key, part in PARTS
        if 2 <= len({getattr(g.question, part) for items in by_model.values() for g in items} - {""}) <= 40
    ]


def table(
    benchmark: str, key: str, shares: Mapping[str, Mapping[str, tuple[float, int]]], models: Sequence[str]
) -> Breakdown:
    """A table of part -> respondent -> accuracy and number of questions."""
    rows = [
        BreakdownRow(
            part,
            max(n for _, n in of.values()),
            [of.get(m, (None, 0))[0] for m in models],
            section_name(benchmark, part),
        )
        for part, of in shares.items()
    ]
    return Breakdown(key=key, columns=list(models), rows=rows)


def _breakdown(benchmark: str, key: str, part: Part, by_model: ByModel, models: Sequence[str]) -> Breakdown:
    shares: dict[str, dict[str, tuple[float, int]]] = defaultdict(dict)
    for model in models:
        for value, items in _groups(by_model[model], part).items():
            shares[value][model] = fmean(g.verdict.right for g in items), len({g.question.id for g in items})
    return table(benchmark, key, {v: shares[v] for v in (sorted(shares) if part == "year" else shares)}, models)


def _groups(items: Sequence[Graded], part: Part) -> dict[str, list[Graded]]:
    out: dict[str, list[Graded]] = defaultdict(list)
    for g in items:
        if value := getattr(g.question, part):
            out[value].append(g)
    return out
