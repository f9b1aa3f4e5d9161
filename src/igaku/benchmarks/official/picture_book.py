"""The pictures of a picture book (別冊): what stands below each caption No. 1A (A 問題 5), as PNG files."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from igaku.benchmarks.official.keys import folded
from igaku.benchmarks.official.lines import Line, lines

if TYPE_CHECKING:
    from pdfplumber.page import Page

CAPTION = re.compile(
    r"No\s*[.．]?\s*([0-9]{1,3})\s*([A-Z])?(?![A-Za-z0-9])(?:\s*[(（]?\s*([A-F])\s*(?:問題|問)?\s*([0-9]{1,3})?)?"
)
RESOLUTION = 200
"""Dots an inch: an ECG's small squares of 1 mm have eight."""


class Picture(Struct, frozen=True, kw_only=True):
    """One saved picture: its number in the book (``1A``), the question that its caption names, and its file."""

    number: str
    block: str
    question: int
    file: Path
    page: int


def pictures(pages: "Iterable[Page]", block: str, folder: Path) -> Iterator[Picture | str]:
    """Save the pictures of a book; a text says what a person must look at.

    Args:
        pages: of the book.
        block: where captions name none.
        folder: for the files, ``A_1A.png``.
    """
    for page in pages:
        captions = [(line, m) for line in lines(page) if (m := CAPTION.search(folded(line.text)))]
        if not captions and (page.images or page.curves):
            yield f"page {page.page_number}: a picture without a caption"
        ends = [line.top for line, _ in captions[1:]] + [float(page.height)]
        for (line, m), end in zip(captions, ends):
            where = m[3] or block
            name = f"{m[1]}{m[2] or ''}"
            if not _has_picture(page, line, end):
                yield f"page {page.page_number}: nothing drawn below No. {name}"
                continue
            file = folder / f"{where}_{name}.png"
            _save(page, line, end, file)
            yield Picture(number=name, block=where, question=int(m[4] or 0), file=file, page=page.page_number)


def _has_picture(page: "Page", line: Line, end: float) -> bool:
    drawn = [*page.images, *page.curves, *page.rects]
    return any(line.bottom - 2 <= (d["top"] + d["bottom"]) / 2 <= end + 2 for d in drawn)


def _save(page: "Page", line: Line, end: float, file: Path) -> None:
    """Only what is drawn, with a margin: captions are no part of a picture, labels inside it are."""
    drawn = [d for d in [*page.images, *page.curves, *page.rects] if line.bottom - 2 <= d["top"] <= end]
    top = max(line.bottom, min((d["top"] for d in drawn), default=line.bottom) - 12)
    bottom = min(end, max((d["bottom"] for d in drawn), default=end) + 24)
    left = max(0.0, min((d["x0"] for d in drawn), default=0.0) - 24)
    right = min(float(page.width), max((d["x1"] for d in drawn), default=page.width) + 24)
    file.parent.mkdir(parents=True, exist_ok=True)
    page.crop((left, min(top, bottom - 1), right, bottom)).to_image(resolution=RESOLUTION).original.save(file)
