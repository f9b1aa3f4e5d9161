"""Mentions as lines: the text with tags around its expressions, headings, tables, arrows, a kind before or after."""

import re
import unicodedata
from collections.abc import Iterator

from igaku.grading.terms import NOTHING
from igaku.io.patterns import lazy
from igaku.keys import Mentions
from igaku.keys.mentions import bare

Read = tuple[str, ...]
"""A kind and its one or two expressions."""

_TAG = lazy(r"<([A-Za-z][\w-]{0,40})(?:\s[^<>]{0,80})?>([^<>]{0,400})</\1>")
ARROW = lazy(r"\s*(?:→|⇒|[-－—]{1,2}>|=>|⟶)\s*")
BULLET = lazy(r"^\s*(?:[-*•・●○◦▪]|\(?\d{1,3}[.)、:])\s*")
_AFTER = lazy(r"^(.+?)\s*[(\[（【:：|\t\-–—]\s*([\w ・/-]+?)\s*[)\]）】]?\s*$")
_QUOTES = " \t`'\"「」『』。.*"
_EACH = lazy(r"([^、,;()|\t]{1,400}?)\s*\(([\w ・/-]{1,40})\)")
_CALLED = lazy(r"^\W*([\w-]{1,40})\(([^(),、]{1,400})[,、]\s*([^(),、]{1,400})\)\W*$")
_KIND_LAST = lazy(r"^(.{1,400}?)\s*(?:→|⇒|->|=>|⟶)\s*(.{1,400}?)\s*\(([\w-]{1,40})\)\W*$")
LONGEST = 400


def kinds_of(key: Mentions) -> dict[str, str]:
    """Every spelling of a kind -> the kind."""
    return {bare(name): kind for kind, title in key.kinds for name in (kind, title) if name}


def kind_of(word: object, kinds: dict[str, str]) -> str | None:
    """The kind that a word names: ``DRUG``, ``drug``, 「薬剤」, ``DRUG（薬剤）``, ``DRUG: 薬剤``."""
    whole = unicodedata.normalize("NFKC", str(word))[:80]
    names = (whole, re.split(r"[()\[\]:/]", whole)[0])
    return next((kinds[n] for name in names if (n := bare(name.strip(_QUOTES))) in kinds), None)


def tagged(text: str, kinds: dict[str, str], arity: int) -> Iterator[Read]:
    """The text with its expressions between tags; tags inside tags are taken from the inside out."""
    for _ in range(4):
        found = list(_TAG.finditer(text))
        if not found:
            return
        for m in found:
            if (kind := kind_of(m[1], kinds)) and m[2].strip():
                yield kind, m[2].strip()
        text = _TAG.sub(r"\2", text)


def lines(text: str, kinds: dict[str, str], arity: int) -> Iterator[Read]:
    """``KIND: a, b``; a heading of a kind with its list below; ``a (KIND)``; a table with a column of kinds."""
    heading: str | None = None
    for raw in text.split("\n"):
        line = BULLET.sub("", raw[:2000], count=1).strip().strip("|").strip()
        head, colon, rest = (p.strip() for p in partition(line))
        if colon and (kind := kind_of(head, kinds)):
            heading = kind if not rest else None
            yield from ((kind, item) for item in _items(rest))
        elif (kind := kind_of(line.strip("#【】[]<>:： "), kinds)) and len(line) <= 60:
            heading = kind
        elif several := _each_with_kind(line, kinds):
            yield from several
        elif found := _with_kind(line, kinds):
            yield found
        elif heading and line:
            yield from ((heading, item) for item in _items(line))
        elif not line:
            continue


def partition(line: str) -> tuple[str, str, str]:
    """A line as what stands before its first colon, bar or tab, this, and the rest."""
    cut = re.search(r"[:：|\t]", line)
    return (line[: cut.start()], cut[0], line[cut.end() :].strip("| ")) if cut else (line, "", "")


def _with_kind(line: str, kinds: dict[str, str]) -> Read | None:
    cells = [c.strip() for c in re.split(r"[|\t]", line)] if re.search(r"[|\t]", line) else []
    if len(cells) >= 2:
        at = [i for i, c in enumerate(cells) if kind_of(c, kinds)]
        return (str(kind_of(cells[at[0]], kinds)), _bare(cells[0 if at[0] else 1])) if at else None
    found = _AFTER.match(line)
    kind = kind_of(found[2], kinds) if found else None
    return (kind, _bare(found[1])) if found and kind and _bare(found[1]) else None


def _each_with_kind(line: str, kinds: dict[str, str]) -> list[Read]:
    """``a (KIND), b (KIND)``: two or more on one line."""
    found: list[Read] = [
        (kind, _bare(m[1])) for m in _EACH.finditer(line) if (kind := kind_of(m[2], kinds)) and _bare(m[1])
    ]
    return found if len(found) > 1 else []


def _items(text: str) -> list[str]:
    if nothing(text):
        return []
    quoted = re.findall(r"[「『\"]([^「」『』\"]{1,400})[」』\"]", text)
    return quoted or [item for t in re.split(r"[、,，;；/／]\s*", text) if (item := _bare(t)) and len(item) <= LONGEST]


def _bare(text: str) -> str:
    return text.strip(_QUOTES)


def nothing(text: str) -> bool:
    """Whether it says that there is none."""
    return bool(NOTHING.match(text)) or text.strip() in ("", "-", "—", "[]", "なし", "null")


def related(text: str, kinds: dict[str, str], arity: int) -> Iterator[Read]:
    """``KIND: a → b``, ``a → KIND → b``, ``a -KIND-> b``, ``(a, KIND, b)``, ``KIND(a, b)``, ``a → b (KIND)``, a
    table of three columns."""
    for raw in text.split("\n"):
        line = BULLET.sub("", raw[:2000], count=1).strip()
        if (called := _CALLED.match(line)) and (kind := kind_of(called[1], kinds)):
            yield kind, _bare(called[2].strip()), _bare(called[3].strip())
            continue
        if (last := _KIND_LAST.match(line)) and (kind := kind_of(last[3], kinds)):
            yield kind, _bare(last[1].strip()), _bare(last[2].strip())
            continue
        head, colon, rest = (p.strip() for p in partition(line))
        sides = [_bare(s) for s in ARROW.split(rest)] if colon else []
        if len(sides) == 2 and all(sides) and (kind := kind_of(head.strip("|() "), kinds)):
            yield kind, sides[0], sides[1]
            continue
        cells = [_bare(c.strip("()（）")) for c in re.split(r"\s*[|\t,、]\s*|" + ARROW.pattern, line.strip("|()（） "))]
        cells = [c for c in cells if c]
        if len(cells) == 2 and (found := re.match(r"(.+?)\s*[-–—]+\s*\[?([\w]+)\]?$", cells[0])):
            cells = [_bare(found[1]), found[2], cells[1]]
        at = [i for i, c in enumerate(cells) if kind_of(c, kinds)]
        if len(cells) == 3 and len(at) == 1:
            one, other = (c for i, c in enumerate(cells) if i != at[0])
            yield str(kind_of(cells[at[0]], kinds)), one, other
