"""Pictures of the board for the READMEs: docs/site in both languages, light and dark.

    python scripts/screenshots.py [SITE]    write docs/pictures/board-{light,dark}.{en,ja}.png

Chromium or Chrome must be there (``make browser``); the pages open from their folder, without a server.
"""

import shutil
import sys
from io import BytesIO
from itertools import product
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).parents[1]
WIDTH, HEIGHT, SCALE = 1100, 940, 1.5
MOST = 200_000
"""Bytes of one picture."""


def take(browser: Browser, site: Path, lang: str, scheme: str) -> bytes:
    """The first page's top as it is in one language and colour scheme."""
    page = browser.new_page(
        viewport={"width": WIDTH, "height": HEIGHT},
        device_scale_factor=SCALE,
        locale={"en": "en-GB", "ja": "ja-JP"}[lang],
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page.goto((site / "index.html").resolve().as_uri())
    page.wait_for_load_state("networkidle")
    return page.screenshot()


def small(picture: bytes) -> bytes:
    """A screenshot with 128 colours: letters stay sharp, and it takes less than half the bytes."""
    out = BytesIO()
    Image.open(BytesIO(picture)).convert("RGB").quantize(128).save(out, "PNG", optimize=True)
    return out.getvalue()


def main(site: Path) -> None:
    """Write the four pictures.

    Raises:
        SystemExit: no browser, or a picture that is too large for a README.
    """
    found = shutil.which("chromium") or shutil.which("google-chrome")
    if not found:
        sys.exit("no Chromium here: make browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        for lang, scheme in product(("en", "ja"), ("light", "dark")):
            picture = small(take(browser, site, lang, scheme))
            if len(picture) > MOST:
                sys.exit(f"{lang}, {scheme}: {len(picture):,} bytes are more than {MOST:,}")
            (ROOT / "docs" / "pictures" / f"board-{scheme}.{lang}.png").write_bytes(picture)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else ROOT / "docs" / "site")
