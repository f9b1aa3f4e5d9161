"""Names, dates, telephone numbers and numbers of persons in Japanese and English text, replaced by placeholders.

By rules and a dictionary and not by a model: what was replaced can be explained, and the same text always gives the
same result. What is in no dictionary and has no label or title is missed: how much is measured by
``bench/identities.py`` on sentences written for it. This lowers the risk; it is no proof of anonymity, and no tool
replaces a person who reads. Presidio was not taken: it has no Japanese recogniser.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from igaku.corpus.identity_rules import COMPILED, HINTS
from igaku.corpus.my_number import is_my_number
from igaku.corpus.persons import persons, reading_behind
from igaku.corpus.romaji import latin_persons

PLACEHOLDERS = {
    "name": "[氏名]",
    "date": "[日付]",
    "phone": "[電話]",
    "id": "[番号]",
    "mail": "[メール]",
    "address": "[住所]",
    "age": "90歳以上",
}
"""Kind -> what it is replaced by."""
AGE_IN_ENGLISH = "90-or-older"
"""What an age is replaced by that is written in Latin letters."""


class Found(NamedTuple):
    """One identifying piece of a text."""

    start: int
    end: int
    kind: str


def identities(text: str) -> list[Found]:
    """What identifies a person, from left to right, without overlaps.

    Of two that overlap the first is taken, of two that begin together the longer.
    """
    found = sorted(_found(text), key=lambda f: (f.start, -f.end))
    out: list[Found] = []
    for f in found:
        if not out or f.start >= out[-1].end:
            out.append(f)
            if f.kind == "name" and (reading := reading_behind(text, f.start, f.end)):
                out.append(Found(*reading, "name"))
    return out


def replaced(text: str) -> tuple[str, dict[str, int]]:
    """The text with placeholders for what identifies a person, and the count of each kind."""
    found = identities(text)
    if not found:
        return text, {}
    parts, at, counts = [], 0, dict[str, int]()
    for f in found:
        parts += [text[at : f.start], _placeholder(f, text)]
        counts[f.kind] = counts.get(f.kind, 0) + 1
        at = f.end
    return "".join([*parts, text[at:]]), counts


def _placeholder(found: Found, text: str) -> str:
    age, before = text[found.start : found.end], text[max(0, found.start - 3) : found.start]
    latin = found.kind == "age" and not re.search("[歳才]", age) and re.search("[a-z]", before + age)
    return AGE_IN_ENGLISH if latin else PLACEHOLDERS[found.kind]


def _found(text: str) -> Iterator[Found]:
    known = [Found(start, end, "name") for start, end in (*persons(text), *latin_persons(text))]
    yield from known
    for kind, rule in COMPILED:
        if (hint := HINTS.get(kind)) and not hint.search(text):
            continue
        for m in rule.finditer(text):
            group = "it" if "it" in rule.groupindex else 0
            found = Found(m.start(group), m.end(group), "id" if kind == "number" else kind)
            torn = kind == "name" and any(k.start < found.start < k.end or k.start < found.end < k.end for k in known)
            if not torn and (kind != "number" or is_my_number(re.sub("[ -]", "", m[0]))):
                yield found
