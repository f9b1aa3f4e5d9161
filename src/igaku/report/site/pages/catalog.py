"""The catalog of models and data, as it stands in igaku."""

from collections.abc import Sequence
from typing import Literal

from markupsafe import Markup, escape
from msgspec import Struct

from igaku.catalog import Data, Model, data, models, render
from igaku.report.site.pages.base import Page, heading
from igaku.report.site.words import LANGS, bilingual

COLUMNS = {"models": 9, "data": 9}
"""Columns shown; the further ones are too wide for a page."""


class CatalogRow(Struct, frozen=True):
    """One entry."""

    name: str
    link: str
    cells: list[Markup]


class CatalogTable(Struct, frozen=True):
    """Models, or data."""

    key: str
    heads: list[Markup]
    rows: list[CatalogRow]


class CatalogPage(Struct, frozen=True):
    """Variables of the template."""

    tables: list[CatalogTable]


def page() -> Page:
    """The page of the catalog."""
    tables = [_table("models", [*models().values()]), _table("data", [*data().values()])]
    return Page("catalog.html", "catalog.html", CatalogPage(tables), heading("nav.catalog"))


def _table(name: Literal["models", "data"], entries: Sequence[Model | Data]) -> CatalogTable:
    n = COLUMNS[name]
    heads = [bilingual(ja, en) for ja, en in zip(*(render(name, lang)[0][:n] for lang in LANGS))]
    texts = zip(entries, *(render(name, lang)[1] for lang in LANGS), strict=True)
    rows = [CatalogRow(e.names[0], e.url or e.paper, [*map(_cell, ja[1:n], en[1:n])]) for e, ja, en in texts]
    return CatalogTable(f"catalog.{name}", heads, rows)


def _cell(ja: str, en: str) -> Markup:
    ja, en = ja.replace("`", ""), en.replace("`", "")
    return escape(ja) if ja == en else bilingual(ja, en)
