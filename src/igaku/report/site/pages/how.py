"""How to read the site; the template contains the whole text."""

from msgspec import Struct

from igaku.report.site.pages.base import Page, heading


class HowPage(Struct, frozen=True):
    """The template has no variables."""


def page() -> Page:
    """The page on reading the numbers."""
    return Page("how.html", "how.html", HowPage(), heading("nav.how"))
