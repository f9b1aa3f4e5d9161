"""Tables and lines of the command line in Japanese, by the list in ``japanese.toml``; what it lacks stays English.

Words that the pages show too are taken from their list, so that a term is the same everywhere.
"""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from igaku.tables import Kind, Table, printable

if TYPE_CHECKING:
    from igaku.terminal import Lines

LONGEST = 4000
"""Characters of a line that is looked up; what is longer is no line of igaku's."""
NUMBER = "0123456789.,<>%+-−– "
"""What the value of a hole with a name of one letter consists of."""

VERBATIM = {
    *("model", "respondent", "A", "B", "benchmark", "prompt", "reply", "read", "source", "file", "name", "title"),
    *("licence", "question", "judge", "where"),
}
"""Columns of names and of what others wrote, which stay as they are."""


class Pattern(NamedTuple):
    """An English text with holes, and the Japanese one."""

    literals: tuple[str, ...]
    """What stands before, between and behind the holes."""
    names: tuple[str, ...]
    japanese: str

    def values(self, text: str) -> dict[str, str] | None:
        """What the holes hold, each as short as can be; None where the text is another. Linear in its length."""
        first, *between = self.literals
        if not text.startswith(first) or not text.endswith(self.literals[-1]):
            return None
        found, at, end = list[str](), len(first), len(text) - len(self.literals[-1])
        for literal in between[:-1]:
            next_at = text.find(literal, at, end)
            if next_at < 0:
                return None
            found.append(text[at:next_at])
            at = next_at + len(literal)
        if at > end:
            return None
        values = dict(zip(self.names, [*found, text[at:end]], strict=True))
        return values if all(len(k) > 1 or v.strip(NUMBER) == "" for k, v in values.items()) else None


@cache
def _catalogue() -> Mapping[str, Mapping[str, str]]:
    groups = tomllib.loads(Path(__file__).with_name("japanese.toml").read_text(encoding="utf-8"))
    return {group: {en: _shared(ja) for en, ja in texts.items()} for group, texts in groups.items()}


def _shared(japanese: str) -> str:
    """A phrase of the pages where the list names one."""
    if not japanese.startswith("@"):
        return japanese
    from igaku.report.site.words import phrase

    return phrase(japanese[1:], "ja")


@cache
def _patterns(group: str) -> tuple[Pattern, ...]:
    return tuple(_pattern(en, ja) for en, ja in _catalogue()[group].items() if "{" in en)


def _pattern(english: str, japanese: str) -> Pattern:
    first, *rest = english.split("{")
    pairs = [part.split("}", 1) for part in rest]
    return Pattern((first, *(literal for _, literal in pairs)), tuple(name for name, _ in pairs), japanese)


def _found(text: str, *groups: str) -> str:
    """A text by the first group that has it; the text itself where none does."""
    if len(text) > LONGEST:
        return text
    for group in groups:
        if (exact := _catalogue()[group].get(text)) is not None:
            return exact
        for pattern in _patterns(group):
            if (values := pattern.values(text)) is not None:
                return pattern.japanese.format(**{k: _found(v, "texts", "patterns") for k, v in values.items()})
    return _counts(text) if "texts" in groups else text


def _counts(text: str) -> str:
    """``3 truncated, 1 unparsed`` word by word; the text itself where it is no such list."""
    texts, found = _catalogue()["texts"], list[str]()
    for part in text.split(", "):
        number = re.match(r"[\d,]+ ", part) or re.search(r" [\d,]+$", part)
        what = part.replace(number[0], "", 1) if number else ""
        if number is None or what not in texts:
            return text
        found.append(f"{texts[what]} {number[0].strip()}")
    return "、".join(found)


def head(text: str) -> str:
    """A column's head."""
    return _found(text, "heads")


def cell(text: str, kind: Kind = "text", column: str = "") -> str:
    """A cell: words of the list, first those that are listed for its column; numbers as they are written in
    Japanese."""
    if column in VERBATIM:
        return text
    if kind == "text":
        text = _catalogue()["cells"].get(f"{column}: {text}") or _found(text, "texts", "patterns")
    elif kind == "points interval":
        text = text.replace(" to ", "〜")
    return _percent(text)


def line(text: str) -> str:
    """A note, hint or title."""
    return _percent(_found(text, "lines", "texts", "patterns"))


def _percent(text: str) -> str:
    """``18.8%``, which no line's end can part."""
    return re.sub(r"(?<=\d) %", "%", text)


def laid_out(table: Table, width: int) -> "Lines":
    """As ``igaku.tables.laid_out``, in Japanese."""
    from igaku.terminal import Column, lay_out

    heads = list(table.columns.items())
    rows = [[printable(cell(v, kind, name)) for v, (name, kind) in zip(row, heads)] for row in table.shown()]
    columns = [
        Column(printable(head(name)), [row[i] for row in rows], kind == "text")
        for i, (name, kind) in enumerate(table.columns.items())
    ]
    return lay_out(columns, width, printable(line(table.title)), table.asides)
