"""A table as a page of its own, in Chromium: read on a phone, nothing run or fetched, whatever a model is called."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from igaku.tables import save

from ..test_table_formats import REPORT, Scores
from .conftest import browser

if TYPE_CHECKING:
    from playwright.sync_api import Browser

LONG = Scores([*REPORT.rows, ("x" * 400, *REPORT.rows[0][1:])])


@browser
@pytest.mark.parametrize("width", [390, 820, 1320])
def test_a_page_fits_every_screen_and_says_which_number_is_which(
    width: int, chromium: "Browser", tmp_path: Path
) -> None:
    path = save(LONG, tmp_path / "t.html")
    page = chromium.new_page(viewport={"width": width, "height": 844})
    said: list[str] = []
    page.on("console", lambda m: said.append(m.text))
    page.on("request", lambda r: said.append(r.url) if not r.url.startswith(path.as_uri()) else None)
    page.goto(path.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width and said == []
    head, cell = page.locator("thead"), page.locator("tbody tr").first.locator("td").nth(2)
    assert head.is_visible() == (width > 1100)
    before = cell.evaluate("e => getComputedStyle(e, '::before').content")
    assert before == ('"accuracy"' if width <= 1100 else "none")
    assert cell.bounding_box()["width"] > 40  # type: ignore[index]
    page.close()
