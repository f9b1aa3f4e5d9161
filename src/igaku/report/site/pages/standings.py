"""Rows of a leaderboard table, on the first page and on each benchmark's page."""

from typing import Literal

from msgspec import Struct

from igaku.report.site.collect import SiteData
from igaku.report.site.pages.base import exposure, viewer_query
from igaku.report.site.slugs import Slugs
from igaku.runs.counted import system_of
from igaku.runs.model_facts import model_entry
from igaku.studies.boards import Standing

SizeClass = Literal["small", "medium", "large", "unknown"]
SIZE_CLASSES: tuple[SizeClass, ...] = ("small", "medium", "large", "unknown")


UNRANKED = 1e6
"""Sorts those without a rank last."""


class StandingRow(Struct, frozen=True, kw_only=True):
    """A standing, with what the catalog knows of its model and where its links go."""

    standing: Standing
    slug: str
    model_slug: str
    size: float | None
    """Billions of parameters."""
    licence: str
    year: int | None
    exposure: str
    """How the model met the benchmark in training; empty where nothing is known."""
    query: str
    """The viewer's state for this respondent's wrong answers."""

    @property
    def respondent(self) -> str:
        """The respondent's name; the method has a column of its own."""
        return self.standing.respondent.removesuffix(f" {self.standing.method}")

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
        """Number of prompt variants, with the lowest and the highest accuracy where there are several."""
        s = self.standing
        return f"{s.ways} ({100 * s.lowest:.1f}–{100 * s.highest:.1f})" if s.ways > 1 else "1"

    @property
    def spread(self) -> float:
        """Highest minus lowest accuracy of the prompt variants."""
        return self.standing.highest - self.standing.lowest

    @property
    def size_class(self) -> SizeClass:
        """The class that the first page filters by."""
        if self.size is None:
            return "unknown"
        return "small" if self.size < 1 else "medium" if self.size < 15 else "large"


def standing_row(data: SiteData, slugs: Slugs, s: Standing) -> StandingRow:
    """The row of a standing."""
    bench = s.benchmark, s.language
    entry = model_entry(s.model, data.runs.values())
    variants = [
        v
        for v in data.items[bench]
        if (v[1].model, v[1].method, system_of(data.runs[v[0]])) == (s.model, s.method, s.system)
    ]
    return StandingRow(
        standing=s,
        slug=slugs.bench(bench),
        model_slug=slugs.model(s.model),
        size=entry.parameters if entry else None,
        licence=entry.licence if entry else "",
        year=entry.year if entry else None,
        exposure=exposure(entry, s.benchmark),
        query=viewer_query(data, bench, variants, s.model),
    )
