"""One file a page: its rows, sentences and pictures, ready for the template."""

from collections.abc import Iterator

from igaku.report.site.collect import SiteData
from igaku.report.site.pages import bench, catalog, doubtful, exam, figures, how, index, model, single
from igaku.report.site.pages.base import Page
from igaku.report.site.pages.pairwise import pairs_of
from igaku.report.site.slugs import Slugs

__all__ = ["Page", "iter_pages", "navigation", "pairs_of"]


def navigation(data: SiteData) -> list[tuple[str, str]]:
    """File and phrase of the pages in the header, of those that exist; where there is one exam, its pages too."""
    pages = [("index.html", "nav.result" if single.has_single(data) else "nav.board")]
    if len(data.items) == 1:
        slug = Slugs(data.items, data.models).bench(next(iter(data.items)))
        pages += [(f"b-{slug}.html", "nav.bench"), (f"q-{slug}.html", "view.title")]
    pages += [("exam.html", "nav.exams")] if exam.verdicts(data) else []
    pages += [("figures.html", "nav.figures")] if figures.has_figures(data) else []
    return [*pages, ("catalog.html", "nav.catalog"), ("how.html", "nav.how")]


def iter_pages(data: SiteData, slugs: Slugs) -> Iterator[Page]:
    """Every page of the site."""
    reported = figures.figure_rows(data, slugs)
    yield (single if single.has_single(data) else index).page(data, slugs)
    for key in data.items:
        yield bench.page(data, slugs, key, reported)
        yield bench.viewer_page(data, slugs, key)
        if found := data.doubtful.get(key):
            yield doubtful.page(data, slugs, key, found)
    for name in data.models:
        yield model.page(data, slugs, name)
    if exam.verdicts(data):
        yield exam.page(data, slugs)
    if reported:
        yield figures.page(reported)
    yield catalog.page()
    yield how.page()
