"""A headless Chromium for the tests of the pages."""

import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CHROMIUM = next((w for n in ("chromium", "chromium-browser", "google-chrome") if (w := shutil.which(n))), "")
browser = pytest.mark.skipif(not CHROMIUM, reason="Chromium not found; on Debian: apt-get install chromium")


@pytest.fixture(scope="module")
def chromium() -> Iterator["Browser"]:
    api = pytest.importorskip("playwright.sync_api")
    with api.sync_playwright() as play:
        opened = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()
