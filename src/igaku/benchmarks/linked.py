"""Which questions share a case: from the exam's own words, or from ``groups.json`` (``scripts/groups.py`` says how).

Linked questions are not independent: whoever has misread the case misses them together.
"""

import json
import re
from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from msgspec.structs import replace

from igaku.question import Question

NAMED = re.compile(r"次の文を読み、?(?:以下|([\d、,～〜~\-－・と]+))の問いに答えよ")
"""「次の文を読み、41、42の問いに答えよ」, or 以下 in place of the numbers."""
_ID = re.compile(r"(.*?)(\d+)")
LONG = 100
"""Characters of a context that two questions do not have in common by chance."""


def numbers(text: str | None) -> list[int]:
    """``41、42`` and ``41～43`` as the numbers they name."""
    found = [int(n) for n in re.findall(r"\d+", text or "")]
    return list(range(found[0], found[-1] + 1)) if found and found[-1] - found[0] < 20 else []


@cache
def known_groups(name: str) -> dict[str, str]:
    """Question -> its group, by the id of the group's first question, for an exam in ``groups.json``."""
    data = json.loads((Path(__file__).parent / "groups.json").read_text(encoding="utf-8"))
    out = {}
    for first, last in (line.split() for line in data[name]["groups"]):
        prefix, start = _parts(first)
        for number in range(int(start), int(_parts(last)[1]) + 1):
            out[f"{prefix}{number:0{len(start)}d}"] = first
    return out


def with_groups(questions: Sequence[Question]) -> list[Question]:
    """A file's questions, with a group where none is given but the questions show one.

    A stem or context that names the numbers of its questions links those of the file whose ids end in them; a long
    context that several questions have in common links these.
    """
    ids = {q.id for q in questions}
    groups: dict[str, str] = {}
    first: dict[str, str] = {}
    for q in questions:
        if len(q.context) >= LONG:
            groups[q.id] = first.setdefault(q.context, q.id)
        prefix, number = _parts(q.id)
        if found := NAMED.search(q.stem) or NAMED.search(q.context):
            mine = [f"{prefix}{n:0{len(number)}d}" for n in numbers(found[1])]
            if q.id in mine:
                mine = [i for i in mine if i in ids]
                groups |= {i: groups.get(i, mine[0]) for i in mine}
    several = {g for g, n in Counter(groups.values()).items() if n > 1}
    return [replace(q, group=groups[q.id]) if not q.group and groups.get(q.id) in several else q for q in questions]


def _parts(name: str) -> tuple[str, str]:
    """An id as what stands before its last digits, and these."""
    found = _ID.fullmatch(name)
    return (found[1], found[2]) if found else (name, "")
