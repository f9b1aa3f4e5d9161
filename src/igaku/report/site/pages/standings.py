"""Rows of a leaderboard, on the first page and on each benchmark's page."""

from collections.abc import Sequence
from typing import Literal

from markupsafe import Markup
from msgspec import UNSET, Struct

from igaku.catalog import Model
from igaku.report.site.axes import Axis, Band
from igaku.report.site.collect import SiteData, display
from igaku.report.site.pages.base import exposure, viewer_query
from igaku.report.site.pages.margins import Margin, margins
from igaku.report.site.pages.names import catalog_text, model_name
from igaku.report.site.slugs import Slugs
from igaku.runs.counted import system_of
from igaku.studies.boards import Standing
from igaku.studies.points import ExamPoints

SizeClass = Literal["small", "medium", "large", "huge", "unknown"]
SIZE_CLASSES: tuple[SizeClass, ...] = ("small", "medium", "large", "huge", "unknown")
BELOW: tuple[tuple[float, SizeClass], ...] = ((1, "small"), (15, "medium"), (100, "large"))
"""Billions of parameters below which a model is of a class."""

CLOSED = ("api only", "proprietary")
"""Licences (of the catalog, and as people write them into a ``models.toml``) of models whose weights are not to be had.
"""
UNRANKED = 1e6
"""Sorts those without a rank last."""


class StandingRow(Struct, frozen=True, kw_only=True):
    """A standing, with what the catalog knows of its model and where its links go."""

    standing: Standing
    slug: str
    model_slug: str
    maker: Markup
    size: float | None
    """Billions of parameters."""
    licence: Markup
    year: int | None
    """When the model came out."""
    weights: str
    """``open``, ``api``, or empty where nothing is known."""
    japanese: bool
    """Whether it was made for Japanese rather than for many languages."""
    exposure: str
    """How the model met the benchmark in training; empty where nothing is known."""
    query: str
    """The viewer's state for this respondent's wrong answers."""
    band: Band
    points: list[ExamPoints]
    """Of the whole exam, one a way of asking; empty where there is no exam with marks, or several."""

    @property
    def respondent(self) -> str:
        """The respondent's name; the method has a column of its own."""
        return display(self.standing.respondent.removesuffix(f" {self.standing.method}"))

    @property
    def name(self) -> str:
        """The respondent's name without its setting,"""
        return model_name(self.respondent)[0]

    @property
    def setting(self) -> Markup:
        """and the setting (how it thinks), where igaku has a word for it."""
        return model_name(self.respondent)[1]

    @property
    def pictures(self) -> str:
        """``yes``, ``no``, or empty where no question has one."""
        return "" if self.standing.pictures is UNSET else "yes" if self.standing.pictures else "no"

    @property
    def rank_sort(self) -> float:
        """Order of the rank ranges: by the best rank, then by the worst."""
        if self.standing.ranks is None:
            return UNRANKED
        best, worst = self.standing.ranks
        return best + worst / 1000

    @property
    def ci(self) -> str:
        """The interval in percent."""
        low, high = self.standing.ci95
        return f"{100 * low:.1f}–{100 * high:.1f}"

    @property
    def variants(self) -> str:
        """Number of prompt variants with the lowest and the highest accuracy; empty where there is one."""
        s = self.standing
        return f"{s.ways} ({100 * s.lowest:.1f}–{100 * s.highest:.1f})" if s.ways > 1 else ""

    @property
    def size_class(self) -> SizeClass:
        """The class that the first page filters by."""
        if self.size is None:
            return "unknown"
        return next((name for most, name in BELOW if self.size < most), "huge")

    @property
    def got(self) -> str:
        """Points, of the lowest and the highest way where there are several."""
        got = sorted({p.got for p in self.points})
        return "–".join(f"{x:g}" for x in ([got[0], got[-1]] if len(got) > 1 else got))

    @property
    def margins(self) -> list[Margin]:
        """How far it is from each mark, in its worst way."""
        return margins(min(self.points, key=lambda p: p.got).result) if self.points else []


def standing_row(data: SiteData, slugs: Slugs, s: Standing, axis: Axis) -> StandingRow:
    """The row of a standing, its interval on the board's axis."""
    bench = s.benchmark, s.language
    entry = data.entry(s.model)
    variants = [
        v for v in data.variants_of(bench, s.model) if (v[1].method, system_of(data.runs[v[0]])) == (s.method, s.system)
    ]
    return StandingRow(
        standing=s,
        slug=slugs.bench(bench),
        model_slug=slugs.model(s.model),
        maker=catalog_text(entry.maker if entry else ""),
        size=entry.parameters if entry else None,
        licence=catalog_text(entry.licence if entry else ""),
        year=entry.year if entry else None,
        weights=_weights(entry),
        japanese="ja" in entry.languages if entry else False,
        exposure=exposure(entry, s.benchmark),
        query=viewer_query(data, bench, variants, s.model),
        band=axis.band(s.accuracy, s.ci95),
        points=_one_exam([p for p in data.points if p.complete and (p.run, p.key) in variants]),
    )


def _weights(entry: Model | None) -> str:
    if entry is None or not entry.licence:
        return ""
    return "api" if entry.licence.casefold() in CLOSED else "open"


def _one_exam(found: Sequence[ExamPoints]) -> list[ExamPoints]:
    return list(found) if len({p.result.exam for p in found}) == 1 else []
