"""What the pages share: a page, pictures in both languages, links into the viewer."""

from collections.abc import Callable, Sequence
from typing import TypeAlias, TypeVar
from urllib.parse import urlencode

from markupsafe import Markup
from msgspec import Struct

from igaku.catalog import Model
from igaku.report.site.collect import BenchKey, SiteData, display
from igaku.report.site.words import LANGS, phrase
from igaku.statistics.respondents import PromptVariant

Row = TypeVar("Row")
Picture: TypeAlias = list[tuple[str, Markup]]
"""Language and SVG, one for each language."""


class Page(Struct, frozen=True):
    """One file of the site; the fields of ``content`` are the template's variables."""

    file: str
    template: str
    content: Struct
    heading: tuple[str, str]
    """The browser's title, in Japanese and in English."""


def heading(key: str) -> tuple[str, str]:
    """A phrase as a title."""
    ja, en = (phrase(key, lang) for lang in LANGS)
    return ja, en


class BenchLink(Struct, frozen=True):
    """A benchmark and language: its name, and the slug of its pages."""

    name: Markup
    slug: str


def picture(draw: Callable[[Sequence[Row], str], str], rows: Sequence[Row]) -> Picture:
    """A chart drawn in each language."""
    return [(lang, Markup(draw(rows, lang))) for lang in LANGS]


def viewer_query(data: SiteData, bench: BenchKey, variants: Sequence[PromptVariant], model: str) -> str:
    """The viewer's state that shows wrong answers: of a model's only variant, or of the model with all its variants."""
    name = display(model)
    if len(variants) == 1:
        name = " — ".join(x for x in data.display_name(bench, variants[0]) if x)
    return urlencode({"who": name, "show": "wrong"})


def exposure(entry: Model | None, benchmark: str) -> str:
    """How a model met a benchmark in training, according to the catalog; empty where nothing is known."""
    from igaku.benchmarks import family

    return next((s.how for s in entry.seen if s.benchmark in (benchmark, family(benchmark))), "") if entry else ""
