"""fields: one class for each of several named parts (T, N, M), in whatever form a reply gives them.

Read are JSON, lines with a label (``T因子: T1b``, ``| N | N0 |``), notations in one word (``cT1bN0M0``), and a class
that stands alone in the reply. The last statement of a part counts; two classes side by side (``T2a/T2b``) are none.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from igaku.grading.json_values import json_values
from igaku.grading.reply_text import clean
from igaku.grading.task_end import own_part
from igaku.io.patterns import lazy
from igaku.keys import Field

_GAP = r"[\s*_`\"'「『(（|]*"
_LINK = r"(?:は|が|を|[:=|→]|->|is\b|-(?=\s))"
_NAMED = r"(?:因子|分類|ステージ|カテゴリー?|病期|評価|[ \t]*(?:factor|category|classification|stage|descriptor)\b)?"
_OR = lazy(
    r"[ \t*_`\"'」』)）]*(?:/|／|、?\s*(?:または|又は|もしくは|あるいは|ないし|か(?=[TNM]))|or\b|～|~|-(?=\S))", re.I
)
_DENIED = lazy(
    r"[ \t*_`\"'」』)）]*"
    r"(?:では(?!ある)|でな|じゃな|とは(?:言|い)え|は(?:否定|除外)|を(?:否定|除外)|の(?:可能性は低|基準を)|未満)"
)
_SENTENCE = lazy(r"[。\n]")
_REACH = 300
"""Characters behind a label in which its class is looked for."""


class _Forms(NamedTuple):
    """What finds one part in a text."""

    bare: re.Pattern[str]
    """A class, on its own or inside a notation."""
    label: re.Pattern[str]
    """The part's name and what links it to its class."""
    value: re.Pattern[str]
    """The class behind a label, the part's own letter left out or not."""
    classes: Mapping[str, str]


@lru_cache(maxsize=32)
def _forms(field: Field) -> _Forms:
    name = re.escape(field.name)
    longest = sorted(field.classes, key=len, reverse=True)
    words = "|".join(map(re.escape, longest))
    short = "|".join(re.escape(c.removeprefix(field.name)) for c in longest if c != field.name)
    return _Forms(
        re.compile(rf"(?<![A-Za-z0-9])(?:y?[cpra])?((?i:{words}))(?![0-9a-z])"),
        re.compile(rf"(?<![A-Za-z0-9])(?:y?[cpra])?{name}{_NAMED}{_GAP}{_LINK}", re.I),
        re.compile(rf"{_GAP}(?:y?[cpra])?((?i:{words})|(?i:{short})(?![\d.,]))(?![0-9a-z])"),
        {c.lower(): c for c in field.classes} | {c.lower().removeprefix(field.name.lower()): c for c in field.classes},
    )


@lru_cache(maxsize=32)
def _notation(fields: tuple[Field, ...]) -> re.Pattern[str]:
    parts = [
        rf"(?:y?[cpra])?((?i:{'|'.join(sorted(map(re.escape, f.classes), key=len, reverse=True))}))" for f in fields
    ]
    return re.compile(r"(?<![A-Za-z0-9])" + r"[\s,、・/_-]*".join(parts) + r"(?![0-9a-z])")


def read_fields(reply: str, fields: tuple[Field, ...]) -> dict[str, str] | None:
    """Class by the name of its part, for the parts that the reply gives; None where it is cut inside its thinking."""
    cleaned = clean(reply)
    if cleaned.cut:
        return None
    text = own_part(cleaned.text)
    found = _json(text, fields)
    notations = list(_notation(fields).finditer(text))
    for n, field in enumerate(fields, 1):
        if field.name in found:
            continue
        stated = _stated(text, _forms(field))
        last = notations[-1] if notations else None
        if last and (not stated or last.start() > stated[0]):
            stated = (last.start(), _forms(field).classes[last[n].lower()])
        value = stated[1] if stated else _alone(text, _forms(field))
        if value:
            found[field.name] = value
    return found


def _json(text: str, fields: tuple[Field, ...]) -> dict[str, str]:
    """The last object that names any of the parts."""
    out: dict[str, str] = {}
    for value in json_values(text):
        rows = value if isinstance(value, list) else [value]
        for row in rows:
            if isinstance(row, dict):
                row = next((v for v in row.values() if isinstance(v, dict)), row) if len(row) == 1 else row
                named = {str(k).strip(): str(v).strip() for k, v in row.items() if isinstance(v, str | int)}
                out |= {f.name: c for f in fields if (c := _named(named, f))}
    return out


def _named(row: Mapping[str, str], field: Field) -> str:
    forms = _forms(field)
    for name, value in row.items():
        if re.fullmatch(rf"[cp]?{re.escape(field.name)}[ _]?{_NAMED}", name.replace("_", " "), re.I):
            return forms.classes.get(re.sub(r"^y?[cpra](?=[A-Z])", "", value).lower(), "")
    return ""


def _stated(text: str, forms: _Forms) -> tuple[int, str] | None:
    """The last class behind a label, with its position; an empty one where the label's own words leave it open."""
    out = None
    for label in forms.label.finditer(text):
        reach = label.end() + _REACH
        end = _SENTENCE.search(text, label.end(), reach)
        stop = end.start() if end else min(reach, len(text))
        direct = forms.value.match(text, label.end(), stop)
        mentions = [direct] if direct else list(forms.bare.finditer(text, label.end(), stop))
        held = [m for m in mentions if not _DENIED.match(text, m.end())]
        if any(_OR.match(text, m.end(1)) for m in held):
            out = (label.start(), "")
        elif held:
            out = (label.start(), forms.classes[held[-1][1].lower()])
    return out


def _alone(text: str, forms: _Forms) -> str:
    """The only class that the text names at all, and does not deny."""
    held = [m for m in forms.bare.finditer(text) if not _DENIED.match(text, m.end())]
    named = {m[1].lower() for m in held}
    return forms.classes[named.pop()] if len(named) == 1 else ""
