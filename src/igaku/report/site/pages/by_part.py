"""A benchmark's results by section, year and category, as tables: an interval a cell on one axis, which 20 models do
not fill up as they do one picture."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias

from markupsafe import Markup
from msgspec import Struct, field

from igaku.grading import Graded
from igaku.report.site.axes import Axis, axis_of
from igaku.report.site.pages.names import section_name
from igaku.report.site.pages.plot import Plot
from igaku.report.site.pages.shares import Share, share_of

Part = Literal["section", "year", "category"]
PARTS: tuple[tuple[str, Part], ...] = (
    ("bench.sections", "section"),
    ("bench.years", "year"),
    ("bench.categories", "category"),
)
"""Phrase and field of each part; a part is shown where it has 2 to 40 values."""
ACROSS = 8
"""Most parts that stand as columns, a row a model; more of them stand as rows, a column a model."""
FEW = 10
"""Questions below which a part is folded away: one question more or less is 10 points."""
MANY = 40
"""Models above which they stand as rows in any case, without bars."""
ORDERED = ("bench.years", "bench.difficulty")
"""Parts that have an order of their own; others stand largest first."""
ByModel: TypeAlias = Mapping[str, Sequence[Graded]]
"""Respondent -> verdicts."""


class BreakdownRow(Struct, frozen=True):
    """One part: its number of questions, and each respondent's share of right answers (None where it was not asked)."""

    part: str
    n: int
    cells: list[Share | None]
    name: Markup = Markup("")


class Breakdown(Struct, frozen=True, kw_only=True):
    """A plot, or a table where there are ``columns``."""

    key: str
    plot: Plot | None = None
    columns: list[str] = field(default_factory=list)
    rows: list[BreakdownRow] = field(default_factory=list)

    @property
    def across(self) -> bool:
        """Whether the parts are the columns."""
        return len(self.rows) <= ACROSS or len(self.columns) > MANY

    @property
    def drawn(self) -> bool:
        """Whether each cell has its bar: of hundreds of models the bars would be most of the page."""
        return len(self.rows) <= ACROSS and len(self.columns) <= MANY

    @property
    def large(self) -> list[BreakdownRow]:
        """Parts with enough questions to say something, largest first,"""
        return [r for r in self.rows if r.n >= FEW]

    @property
    def small(self) -> list[BreakdownRow]:
        """and the others, which the page folds away."""
        return [r for r in self.rows if r.n < FEW]

    @property
    def axis(self) -> Axis:
        """The axis of all cells."""
        return axis_of(x for r in self.rows for c in r.cells if c is not None for x in (c.accuracy, *(c.ci95 or ())))


def by_part(benchmark: str, by_model: ByModel, models: Sequence[str]) -> list[Breakdown]:
    """A breakdown for each part that has 2 to 40 values."""
    found = [(key, by_value([g for m in models for g in by_model[m]], part), part) for key, part in PARTS]
    return [_breakdown(benchmark, key, part, by_model, models) for key, values, part in found if 2 <= len(values) <= 40]


def by_value(items: Sequence[Graded], part: Part) -> dict[str, list[Graded]]:
    """Verdicts by section, year or category; of questions without one, none."""
    out: dict[str, list[Graded]] = defaultdict(list)
    for g in items:
        if value := getattr(g.question, part):
            out[value].append(g)
    return out


def table(benchmark: str, key: str, shares: Mapping[str, Mapping[str, Share]], models: Sequence[str]) -> Breakdown:
    """A table of part -> respondent -> share."""
    rows = [
        BreakdownRow(
            part, max(share.n for share in of.values()), [of.get(m) for m in models], section_name(benchmark, part)
        )
        for part, of in shares.items()
    ]
    return Breakdown(key=key, columns=list(models), rows=rows if key in ORDERED else sorted(rows, key=lambda r: -r.n))


def _breakdown(benchmark: str, key: str, part: Part, by_model: ByModel, models: Sequence[str]) -> Breakdown:
    shares: dict[str, dict[str, Share]] = defaultdict(dict)
    for model in models:
        for value, items in by_value(by_model[model], part).items():
            shares[value][model] = share_of(items)
    return table(benchmark, key, {v: shares[v] for v in (sorted(shares) if part == "year" else shares)}, models)
