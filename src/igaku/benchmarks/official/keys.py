"""The key sheet (正答値表): block and number of each question, and its answer, as tables or as plain lines."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from igaku.benchmarks.official.lines import lines, plain

if TYPE_CHECKING:
    from pdfplumber.page import Page

_BLOCK = re.compile(r"^\s*([A-F])\s*(?:問題|問)?\s*$")
_NUMBER = re.compile(r"^\s*(?:([A-F])\s*[-‐−－]?\s*)?(?:問\s*)?0*([1-9][0-9]{0,2})\s*$")
_LETTERS = re.compile(r"^[a-e](?:[\s,、,・]*[a-e])*$")
_EITHER = re.compile(r"^([a-e])\s*(?:又は|または|or|/|、|,)\s*([a-e])\s*(?:の?いずれか.*)?$")
_VOIDS = {
    "unless-right": re.compile(r"不正解.{0,20}(?:除外|対象外|対象としない)|正解した受験者"),
    "everybody": re.compile(r"全員(?:を)?正解|全員に得点"),
    "excluded": re.compile(r"採点(?:の)?対象(?:外|から除外)|採点除外|削除|解なし|正解なし|問題として不適切"),
}


class SheetKey(Struct, frozen=True):
    """One answer of the sheet: letters (``"ac"``), several accepted, a number as printed, or why it does not count."""

    answer: str = ""
    accepted: tuple[str, ...] = ()
    void: str = ""


def read_key(text: str) -> SheetKey | None:
    """An answer cell; None where it is none."""
    text = folded(text).strip()
    for void, form in _VOIDS.items():
        if form.search(text):
            return SheetKey(void=void)
    if (either := _EITHER.match(text)) and (
        "又" in text or "また" in text or "or" in text or "/" in text or "いず" in text
    ):
        return SheetKey(accepted=(either[1], either[2]))
    if _LETTERS.match(text):
        return SheetKey(answer="".join(sorted(set(re.findall("[a-e]", text)))))
    return SheetKey(answer=text) if re.fullmatch(r"[0-9]+(?:\.[0-9]+)?", text) else None


def folded(text: str) -> str:
    """Widths unified (NFKC), radicals as kanji, line ends as blanks."""
    return unicodedata.normalize("NFKC", plain(text)).replace("\n", " ")


def sheet(pages: "Iterable[Page]", block: str = "") -> tuple[dict[tuple[str, int], SheetKey], list[str]]:
    """Block and number -> key; and what contradicts itself.

    Args:
        pages: of the key sheet.
        block: where the sheet names no block.
    """
    found: dict[tuple[str, int], SheetKey] = {}
    doubts: list[str] = []
    for page in pages:
        for where, key in _pairs(_rows(page), block):
            if found.setdefault(where, key) != key:
                doubts.append(f"{where[0]}{where[1]}: two keys on the sheet, {_shown(found[where])} and {_shown(key)}")
    return found, doubts


def _shown(key: SheetKey) -> str:
    return key.answer or "/".join(key.accepted) or key.void


def _rows(page: "Page") -> Iterator[list[str]]:
    """Rows of cells: of the page's tables where it has any, else its lines parted at wide gaps."""
    tables = page.extract_tables()
    if tables:
        yield from ([cell or "" for cell in row] for table in tables for row in table)
        return
    for line in lines(page):
        yield [part for part in re.split(r"\u3000+| {2,}", line.text) if part.strip()]


def _pairs(rows: Iterable[Sequence[str]], block: str) -> Iterator[tuple[tuple[str, int], SheetKey]]:
    """A number and the cell after it, under the block that stands above their column, or before the number."""
    above: dict[int, str] = {0: block}
    for cells in rows:
        row = [folded(c) for c in cells]
        heads = {i: m[1] for i, c in enumerate(row) if (m := _BLOCK.match(c))}
        if heads and not any(_NUMBER.match(c) for c in row):
            above = heads
            continue
        at = 0
        while at + 1 < len(row):
            name = _BLOCK.match(row[at])
            if name and _NUMBER.match(row[at + 1]):
                above, at = {0: name[1]}, at + 1
                continue
            number, key = _NUMBER.match(row[at]), read_key(row[at + 1])
            if number and key:
                own = number[1] or next((above[i] for i in sorted(above, reverse=True) if i <= at), "")
                yield (own, int(number[2])), key
                at += 1
            at += 1
