"""Questions whose key is to be read again, with the answers that were given."""

from collections.abc import Sequence
from urllib.parse import urlencode

from markupsafe import Markup
from msgspec import Struct

from igaku.report.site.collect import BenchKey, SiteData, display
from igaku.report.site.pages.base import Page, heading
from igaku.report.site.pages.counted import facts_notes
from igaku.report.site.pages.names import bench_name, bench_names
from igaku.report.site.slugs import Slugs
from igaku.report.site.words import word
from igaku.studies.items import AGREEING, BACKWARDS, DoubtfulKey

REASONS = {BACKWARDS: "doubt.backwards", AGREEING: "doubt.agree"}


class DoubtRow(Struct, frozen=True):
    """One question."""

    doubt: DoubtfulKey
    query: str

    @property
    def answers(self) -> str:
        """Each answer with the number of models that gave it."""
        return " · ".join(f"{display(read) or '–'} {n}" for read, n in self.doubt.replies.items())

    @property
    def reasons(self) -> list[Markup]:
        """Why it is listed."""
        out = [word(REASONS[r]) for r in self.doubt.reasons if r in REASONS]
        return [*out, *([word("doubt.picture", n=self.doubt.saw, m=self.doubt.item.n)] if self.doubt.pictured else [])]


class DoubtPage(Struct, frozen=True, kw_only=True):
    """Variables of the template."""

    name: Markup
    slug: str
    n_models: int
    rows: list[DoubtRow]
    facts: list[Markup]


def page(data: SiteData, slugs: Slugs, bench: BenchKey, found: Sequence[DoubtfulKey]) -> Page:
    """The page of a benchmark's doubtful keys."""
    slug = slugs.bench(bench)
    (ja, en), of = bench_names(data, bench), heading("doubt.title")
    content = DoubtPage(
        name=bench_name(data, bench),
        slug=slug,
        n_models=max((d.item.n for d in found), default=0),
        rows=[DoubtRow(d, urlencode({"q": display(d.item.id)})) for d in found],
        facts=facts_notes(data, bench),
    )
    return Page(f"d-{slug}.html", "doubtful.html", content, (f"{ja}: {of[0]}", f"{en}: {of[1]}"))
