"""Published figures of the benchmarks on the site, recomputed where the replies are public."""

from collections.abc import Sequence
from urllib.parse import urlencode

from msgspec import Struct

from igaku.benchmarks import family
from igaku.catalog import find_model
from igaku.report.site.collect import SiteData, display
from igaku.report.site.pages.base import Page, exposure, heading
from igaku.report.site.slugs import Slugs
from igaku.studies.published.figures import Figure, figures
from igaku.studies.reproduce import reproduce

STATUS = {
    "reproduced": ("chip.reproduced", "good"),
    "partly": ("chip.partly", "warn"),
    "differs": ("chip.differs", "bad"),
}
"""Phrase and class of a status; of any other one it is ``chip.reported`` without a class."""


class FigureRow(Struct, frozen=True):
    """A figure, its status, and the link to its replies on this site."""

    figure: Figure
    status_key: str
    css: str
    exposure: str
    link: str


class FiguresPage(Struct, frozen=True):
    """Variables of the template."""

    reported: list[FigureRow]


def has_figures(data: SiteData) -> bool:
    """Whether a benchmark of the site has published figures."""
    families = {family(benchmark) for benchmark, _ in data.items}
    return any(family(f.benchmark) in families for f in figures())


def figure_rows(data: SiteData, slugs: Slugs) -> list[FigureRow]:
    """The figures of the site's benchmarks, recomputed and linked where this is possible."""
    families = {family(benchmark) for benchmark, _ in data.items}
    known = families & {family(f.benchmark) for f in figures()}
    return [_row(data, slugs, f) for f in reproduce(sorted(known)).figures] if known else []


def by_source(rows: Sequence[FigureRow]) -> list[tuple[str, list[FigureRow]]]:
    """The rows of each source, those of one model together: a source stands once, above its table."""
    sources = dict.fromkeys(r.figure.source for r in rows)
    models = list(dict.fromkeys(r.figure.model for r in rows))
    ordered = sorted(rows, key=lambda r: models.index(r.figure.model))
    return [(source, [r for r in ordered if r.figure.source == source]) for source in sources]


def page(rows: Sequence[FigureRow]) -> Page:
    """The page of all figures."""
    return Page("figures.html", "figures.html", FiguresPage(list(rows)), heading("nav.figures"))


def _row(data: SiteData, slugs: Slugs, f: Figure) -> FigureRow:
    key, css = STATUS.get(f.status, ("chip.reported", ""))
    return FigureRow(f, key, css, exposure(find_model(f.model), f.benchmark), _link(data, slugs, f) if f.ours else "")


def _link(data: SiteData, slugs: Slugs, f: Figure) -> str:
    """The viewer with the model's replies; empty where the site does not contain them."""
    for bench, variants in data.items.items():
        if bench[0] in (f.benchmark, f"{f.benchmark}-{f.year}") and any(key.model == f.model for _, key in variants):
            return f"q-{slugs.bench(bench)}.html#" + urlencode({"who": display(f.model)})
    return ""
