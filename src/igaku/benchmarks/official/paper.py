"""The questions of an exam paper, from its printed lines: numbers that follow each other, choices a to e, cases that
several questions share (次の文を読み、…の問いに答えよ)."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct, field

from igaku.benchmarks.official.lines import Line

_NUMBER = re.compile(r"^\s*([0-9]{1,3})(?:[\s.．]+|(?=[^\s0-9.．,、:：]))(?=\S)")
_CASE = re.compile(
    r"次の(?:文|症例|文章)を読み、?\s*([0-9]{1,3})\s*(?:[、,・]|から|[〜～~\-–―−]).{0,12}?([0-9]{1,3})\s*の?問い?に"
)
_LABEL = re.compile(r"(?:^|(?<=[\u3000 ]))([a-eａ-ｅ])[\u3000 .．]+(?=\S)")
_PICTURE = re.compile(
    r"別\s*冊\s*No\s*[.．]?\s*([0-9]{1,3}(?:\s*[A-Z](?![A-Za-z]))?(?:\s*[、,・]\s*[0-9]{0,3}\s*[A-Z](?![A-Za-z]))*)"
)
_FURNITURE = re.compile(r"^[\s\-‐–—―−0-9()（）A-F]*$|^\s*◎?\s*指示があるまで")
_BOXES = re.compile("①")
_HEADING = re.compile("[一-龠々]{2,10}[：:]")
_GRID = re.compile(r"^[\s①-⑨0-9]+$")


class Printed(Struct, kw_only=True):
    """One question as printed; ``doubts`` are what a person must look at."""

    number: int
    page: int
    stem: str = ""
    choices: list[str] = field(default_factory=list)
    context: str = ""
    group: str = ""
    pictures: list[str] = field(default_factory=list)
    """Numbers of pictures in the picture book: ``3A``."""
    doubts: list[str] = field(default_factory=list)

    @property
    def numeric(self) -> bool:
        """Whether it asks for digits in boxes."""
        return not self.choices and bool(_BOXES.search(self.stem))


class _Reader:
    """What has been read so far: the question at hand, and the case that stands before the next ones."""

    def __init__(self, first: int) -> None:
        self.first = self.expected = first
        self.done: list[Printed] = []
        self.case: list[str] = []
        self.case_for = range(0)
        self.in_case = False

    def line(self, text: str, at: Line) -> None:
        """Take one line."""
        folded = _folded(text)
        if found := _CASE.search(folded):
            first, last = int(found[1]), int(found[2])
            self.case_for, self.case, self.in_case = range(first, last + 1), [], True
            rest = text[found.end() :].lstrip("答えよ。. \u3000")
            self.case += [rest] if rest else []
        elif (number := _NUMBER.match(folded)) and self._begins(int(number[1]), at):
            self._open(text[number.end() :], at)
        elif self.in_case:
            self.case.append(text.strip())
        elif self.done and not (_GRID.match(text) and _BOXES.search(self.done[-1].stem)):
            self._go_on(text, at)

    def _begins(self, number: int, at: Line) -> bool:
        """Whether a question begins here; the numbered instructions of a cover give way to the first question."""
        if number == self.first and len(self.done) in (1, 2, 3) and all(q.page < at.page for q in self.done):
            self.done, self.expected = [], number
        return number == self.expected

    def _open(self, text: str, at: Line) -> None:
        number, self.in_case = self.expected, False
        linked = number in self.case_for
        group = f"{self.case_for.start}-{self.case_for.stop - 1}" if linked else ""
        context = _joined(self.case) if linked else ""
        self.done.append(Printed(number=number, page=at.page, context=context, group=group))
        self.expected = number + 1
        self._go_on(text, at)

    def _go_on(self, text: str, at: Line) -> None:
        q = self.done[-1]
        if at.lost:
            q.doubts.append(f"small text left out: {at.lost}")
        parts = list(_parts(text, len(q.choices)))
        if not parts:
            _append(q, text.strip())
        for label, words in parts:
            if label is None:
                _append(q, words)
            else:
                q.choices.extend([""] * (label + 1 - len(q.choices)))
                q.choices[label] = words


def _parts(text: str, n: int) -> Iterator[tuple[int | None, str]]:
    """Pieces of a line that begin with a label, where these are the next choices; in two columns (a, d) or one.

    A label counts at the line's start, or after a wide gap in a line that starts with one.
    """
    folded = _folded(text)
    found: list[re.Match[str]] = []
    for m in _LABEL.finditer(folded):
        if not folded[: m.start()].strip() or (_gap(folded, m) and found and m[1] > found[-1][1]):
            found.append(m)
    if not found or folded[: found[0].start()].strip() or not _follows(found, n):
        return
    for m, end in zip(found, [*(m.start() for m in found[1:]), len(text)]):
        yield "abcde".index(m[1]), text[m.end() : end].strip()


def _gap(text: str, m: re.Match[str]) -> bool:
    return text[: m.start()].endswith("\u3000")


def _follows(found: Sequence[re.Match[str]], n: int) -> bool:
    """Whether these labels can be the next of a question that has ``n``: a, then b or (two columns) what is free."""
    labels = ["abcde".index(m[1]) for m in found]
    return labels[0] == 0 if n == 0 else labels[0] > 0


def _append(q: Printed, text: str) -> None:
    """A line that goes on: with the last choice, or with the stem."""
    if q.choices:
        q.choices[-1] = _joined([q.choices[-1], text])
    else:
        q.stem = _joined([q.stem, text])


def _joined(parts: Iterable[str]) -> str:
    """Lines as one text: a blank only between Latin words, a new line before 現病歴： and the like."""
    out = ""
    for part in (p.strip() for p in parts):
        if out and _HEADING.match(part):
            out += "\n" + part
            continue
        blank = out[-1:].isascii() and out[-1:].isalnum() and part[:1].isascii() and part[:1].isalnum()
        out += (" " if blank else "") + part
    return out


def _folded(text: str) -> str:
    """Full-width letters and digits as plain ones, character by character, so that positions stay."""
    return "".join(unicodedata.normalize("NFKC", c) if "！" <= c <= "～" else c for c in text)


def questions(lines: Iterable[Line], first: int = 1) -> list[Printed]:
    """The questions of one block's paper, in order, with what is doubtful about each."""
    reader = _Reader(first)
    for line in lines:
        if not _FURNITURE.match(_folded(line.text)):
            reader.line(line.text, line)
    for q in reader.done:
        q.pictures = [p for text in (q.context, q.stem) for p in picture_numbers(text)]
        _doubt(q)
    return reader.done


def picture_numbers(text: str) -> list[str]:
    """``["1A", "1B"]`` of 別冊No. 1A、B."""
    out: list[str] = []
    for m in _PICTURE.finditer(_folded(text)):
        number = ""
        for digits, letter in re.findall(r"([0-9]*)\s*([A-Z]?)(?:\s*[、,・]|$|\s)", m[1]):
            number = digits or number
            if digits or letter:
                out.append(number + letter)
    return list(dict.fromkeys(out))


def _doubt(q: Printed) -> None:
    if not q.stem:
        q.doubts.append("no stem")
    if not q.choices and not q.numeric:
        q.doubts.append("no choices and no answer boxes")
    if q.choices and (len(q.choices) < 5 or not all(q.choices)):
        q.doubts.append(f"{sum(map(bool, q.choices))} choices of {max(5, len(q.choices))}")
    if any(0xE000 <= ord(c) <= 0xF8FF or c == "\ufffd" for c in q.stem + q.context + "".join(q.choices)):
        q.doubts.append("characters that the font does not name")
    if radicals := [c for c in q.stem + q.context + "".join(q.choices) if "\u2e80" <= c <= "\u2fdf"]:
        q.doubts.append(f"radicals in place of kanji: {' '.join(dict.fromkeys(radicals))}")
    if "(cid:" in q.stem + q.context + "".join(q.choices):
        q.doubts.append("characters that the file does not name")
