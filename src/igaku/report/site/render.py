"""Fill the templates: all text is sanitised and escaped, and an unknown name in a template is an error."""

import hashlib
from collections.abc import Callable
from pathlib import Path

from msgspec.structs import asdict

from igaku._version import __version__
from igaku.report.site.collect import SiteData
from igaku.report.site.numbers import percent
from igaku.report.site.pages import Page, navigation
from igaku.report.site.pages.figures import by_source
from igaku.report.site.pages.filters import tags
from igaku.report.site.pages.names import catalog_text, named, spoken_name
from igaku.report.site.pages.samples import estimate_text, estimates
from igaku.report.site.pages.usage import spread_text
from igaku.report.site.sanitize import sanitize_for_display
from igaku.report.site.words import attributes, phrase_pair, word

FOLDER = Path(__file__).parent


def renderer(data: SiteData, title: str) -> Callable[[Page], str]:
    """A function from a page to its HTML."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    env = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: sanitize_for_display(value) if type(value) is str else value,
    )
    env.globals.update(
        word=word,
        catalog_text=catalog_text,
        named=named,
        spoken_name=spoken_name,
        tags=tags,
        by_source=by_source,
        words_of=attributes,
        key_plain=phrase_pair,
        percent=percent,
        spread_text=spread_text,
        estimates=estimates,
        estimate_text=estimate_text,
        version=__version__,
        n_runs=len(data.runs),
        nonce=_nonce(data),
        title=title,
        pages=navigation(data),
    )

    def render(page: Page) -> str:
        heading = (title, title) if title and page.file == "index.html" else page.heading
        return env.get_template(page.template).render(here=page.file, heading=heading, **asdict(page.content))

    return render


def _nonce(data: SiteData) -> str:
    """A value that the author of a reply cannot predict, since it depends on every byte of the runs."""
    total = hashlib.sha256(__version__.encode())
    for run in data.runs.values():
        for name in ("run.json", "replies.jsonl"):
            if (run.path / name).exists():
                with (run.path / name).open("rb") as file:
                    while part := file.read(1 << 20):
                        total.update(part)
    return total.hexdigest()[:32]
