"""The lines of a PDF's pages as a reader sees them: small raised and lowered characters stay what they are.

pdfplumber gives characters with their positions (MIT; PyMuPDF is AGPL, pypdf knows no positions of characters). Its own
lines put the 2 of CO₂ on a line of its own and make 10⁵ of a count into 105, so lines are put together here.
"""

import logging
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, NamedTuple, TypedDict, cast

from igaku.errors import IgakuError, optional

if TYPE_CHECKING:
    from pdfplumber.page import Page

RAISED = dict(zip("0123456789+-−–()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻⁽⁾ⁿ"))
LOWERED = dict(zip("0123456789+-−–()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₋₍₎"))
SMALL = 0.8
"""Characters below this share of the page's usual size are raised, lowered or ruby."""


class Char(TypedDict):
    """What is used of pdfplumber's characters; positions in points from the page's top left."""

    text: str
    x0: float
    x1: float
    top: float
    bottom: float
    size: float


class Line(NamedTuple):
    """One printed line: its text with wide gaps as U+3000, page (from 1), top and bottom in points.

    ``lost`` is small text beside it that is neither a digit nor a sign, such as ruby.
    """

    text: str
    page: int
    top: float
    bottom: float
    lost: str = ""


def pages(path: Path) -> "Iterator[Page]":
    """The pages of one file.

    Raises:
        IgakuError: pdfplumber is not installed, or the file cannot be read as a PDF.
    """
    pdfplumber = optional("pdfplumber", "pdf")
    logging.getLogger("pdfminer").setLevel(logging.ERROR)
    try:
        with pdfplumber.open(path) as document:
            for page in document.pages:
                yield page
                page.close()
    except Exception as error:  # whatever a damaged file does to the reader: its own errors and plain ones
        raise IgakuError(f"{path}: cannot be read as a PDF ({type(error).__name__}: {error})") from None


def lines(page: "Page") -> list[Line]:
    """The printed lines of a page from top to bottom; none where it holds a picture of its text only."""
    return lines_of(cast("Sequence[Char]", page.chars), page.page_number)


def lines_of(chars: Sequence[Char], page: int) -> list[Line]:
    """Lines put together from characters."""
    blanks = [c for c in chars if not c["text"].strip()]
    chars = [c for c in chars if c["text"].strip()]
    if not chars:
        return []
    usual = median(c["size"] for c in chars)
    rows: list[list[Char]] = []
    for c in sorted((c for c in chars if c["size"] >= SMALL * usual), key=lambda c: (c["top"] + c["bottom"]) / 2):
        if rows and _middle(c) - _middle(rows[-1][-1]) < usual / 2:
            rows[-1].append(c)
        else:
            rows.append([c])
    small = {id(c): _row_of(c, rows) for c in chars if c["size"] < SMALL * usual}
    own = [[c for c in chars if small.get(id(c)) == i] for i in range(len(rows))]
    return [_line(row, own[i], _beside(row, blanks, usual), page, usual) for i, row in enumerate(rows)]


def _middle(c: Char) -> float:
    return (c["top"] + c["bottom"]) / 2


def _centre(c: Char) -> float:
    return (c["x0"] + c["x1"]) / 2


def _row_of(c: Char, rows: Sequence[Sequence[Char]]) -> int:
    """The line whose middle is nearest."""
    return min(range(len(rows)), key=lambda i: abs(_middle(rows[i][0]) - _middle(c)), default=-1)


def _beside(row: Sequence[Char], blanks: Iterable[Char], usual: float) -> list[float]:
    """Where the file itself has blanks in a line."""
    return [_centre(c) for c in blanks if abs(_middle(c) - _middle(row[0])) < usual / 2]


def _line(row: Sequence[Char], small: Sequence[Char], blanks: Sequence[float], page: int, usual: float) -> Line:
    middle, lost, text = _middle(row[0]), "", ""
    last: Char | None = None
    known = {id(c): _placed(c, middle) for c in small}
    for c in sorted([*row, *small], key=lambda c: c["x0"]):
        shown = plain(c["text"]) if id(c) not in known else known[id(c)]
        if not shown:
            lost += c["text"]
            continue
        if last is not None:
            gap = c["x0"] - last["x1"]
            blank = gap > 0.2 * usual or any(_centre(last) < x < _centre(c) for x in blanks)
            text += "\u3000" if gap > 0.9 * usual else " " if blank and _needs_blank(text, shown) else ""
        text, last = text + shown, c
    return Line(text, page, min(c["top"] for c in row), max(c["bottom"] for c in row), lost)


def _placed(c: Char, middle: float) -> str:
    """A small character as Unicode's raised or lowered one; empty where there is none."""
    return (RAISED if _middle(c) < middle else LOWERED).get(unicodedata.normalize("NFKC", c["text"]), "")


def _needs_blank(before: str, after: str) -> bool:
    """Whether a narrow gap is a blank: beside Latin letters and digits, not between kana and kanji."""
    return before[-1:].isascii() or after[:1].isascii()


_RADICALS = str.maketrans("⺟⺠⻁⻄⻆⻑⻘⻝⻣⻤⻨⻩⻫⻭⻯⻲", "母民虎西角長青食骨鬼麦黄斉歯竜亀")
"""Radicals without a compatibility form of their own in Unicode."""


def plain(text: str) -> str:
    """Radicals and compatibility kanji, which fonts of PDFs give in place of kanji (⾒ for 見), as kanji."""
    text = text.translate(_RADICALS)
    return "".join(
        unicodedata.normalize("NFKC", c) if "\u2e80" <= c <= "\u2fdf" or "\uf900" <= c <= "\ufaff" else c for c in text
    )
