"""Screenshots of every page of a site, to look at: three widths, light and dark, Japanese and English.

One page of a kind is enough (the first model's, the first exam's). Questions are shown with one of them opened. They
are looked at, not compared by a test: letters are drawn by each machine's own fonts, and a tolerance that allows for
these would pass most faults. What a picture would show and a program can decide is tested in ``tests/report``.

python scripts/gallery.py SITE... --out FOLDER [--only PART]
"""

import argparse
import shutil
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from playwright.sync_api import Browser

WIDTHS = (390, 820, 1320)
SCHEMES = ("light", "dark")
LOCALES = {"ja": "ja-JP", "en": "en-US"}
TALLEST = 4_000
"""Pixels of a page that are shown: what follows is more of the same table."""


def pages(site: Path) -> Iterator[Path]:
    """One of each kind: index, exam, and the first of the models', exams' and questions' pages."""
    seen = set()
    for page in sorted(site.glob("*.html")):
        kind = page.name[:2] if page.name[1:2] == "-" else page.stem
        if kind not in seen:
            seen.add(kind)
            yield page


def shoot(browser: "Browser", page: Path, to: Path, width: int, scheme: str, lang: str) -> None:
    """One page as PNG."""
    light: Literal["light", "dark"] = "light" if scheme == "light" else "dark"
    opened = browser.new_page(viewport={"width": width, "height": 844}, color_scheme=light, locale=LOCALES[lang])
    opened.goto(page.as_uri())
    if page.name.startswith("q-"):
        opened.wait_for_selector("[data-ready]")
    opened.wait_for_timeout(150)
    height = opened.evaluate("document.documentElement.scrollHeight")
    clip = {"x": 0.0, "y": 0.0, "width": float(width), "height": float(min(height, TALLEST))}
    to.parent.mkdir(parents=True, exist_ok=True)
    opened.screenshot(path=to, full_page=True, clip=clip)  # type: ignore[arg-type]
    opened.close()


def main() -> None:
    """Take them all."""
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser()
    parser.add_argument("sites", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--only", default="", help="a part of the pictures' names")
    given = parser.parse_args()
    chromium = next(w for n in ("chromium", "chromium-browser", "google-chrome") if (w := shutil.which(n)))
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for site in given.sites:
            for page, width, scheme, lang in product(pages(site), WIDTHS, SCHEMES, LOCALES):
                name = f"{page.stem[:24]}.{width}.{scheme}.{lang}.png"
                if given.only in name:
                    shoot(browser, page.resolve(), given.out / site.name / name, width, scheme, lang)
        browser.close()


if __name__ == "__main__":
    main()
