"""mentions: expressions with their kinds (or relations of two), read from whatever form a model gives them.

Read are JSON (objects, pairs, or a list under each kind), the text with tags around its expressions, tables, and lines
``KIND: a, b`` / ``a (KIND)`` / ``KIND: a → b``. A kind is known by its name or by its name in the question's language.
Scores are of sets: a mention counts once, however often the text repeats it. Exact means the same words (widths, case
and blanks unified) and the same kind; partial, the same kind and one inside the other, matched one to one.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from igaku.grading.json_objects import json_values, objects
from igaku.grading.reply_text import clean, is_refusal
from igaku.grading.terms import NOTHING, matched
from igaku.keys import Mention, Mentions
from igaku.keys.mentions import bare

Read = tuple[str, ...]
"""A kind and its one or two expressions."""

_KIND, _TEXT, _HEAD, _TAIL = (
    tuple(names.split())
    for names in (
        "type kind label entity_type category class tag relation relation_type predicate 種類 分類 タグ 関係 ラベル",
        "text span mention term entity expression value surface name 表現 テキスト 語 文字列",
        "from arg1 head subject source 始点 主語 元 a",
        "to arg2 tail object target 終点 目的語 先 b",
    )
)
"""Fields under which a reply may give a kind, an expression, and the two ends of a relation."""
_TAG = re.compile(r"<([A-Za-z][\w-]{0,40})(?:\s[^<>]{0,80})?>([^<>]{0,400})</\1>")
_ARROW = re.compile(r"\s*(?:→|⇒|[-－—]{1,2}>|=>|⟶)\s*")
_BULLET = re.compile(r"^\s*(?:[-*•・●○◦▪]|\(?\d{1,3}[.)、:])\s*")
_AFTER = re.compile(r"^(.+?)\s*[(\[（【:：|\t\-–—]\s*([\w ・/-]+?)\s*[)\]）】]?\s*$")
_QUOTES = " \t`'\"「」『』。.*"
LONGEST = 400


def read_mentions(reply: str, key: Mentions) -> tuple[Read, ...] | None:
    """The mentions of a reply, each once, in order; () where it says that there is none, None if unreadable."""
    cleaned = clean(reply)
    text = re.sub(r"```\w*|\*\*", "", cleaned.text).strip()
    if cleaned.cut or not text:
        return None
    kinds = _kinds(key)
    readers = (_json, _tagged, _lines) if key.arity == 1 else (_json, _related)
    for reader in readers:
        if found := list(dict.fromkeys(reader(text, kinds, key.arity))):
            return tuple(found)
    if NOTHING.match(text) or any(value in ([], {}) for value in json_values(text)):
        return ()
    if any(_empty(value, kinds) for value in json_values(text)):
        return ()
    return None if is_refusal(text) else _none_of_each(text, kinds)


def _kinds(key: Mentions) -> dict[str, str]:
    """Every spelling of a kind -> the kind."""
    return {bare(name): kind for kind, title in key.kinds for name in (kind, title) if name}


def _kind(word: object, kinds: dict[str, str]) -> str | None:
    """The kind that a word names: ``DRUG``, ``drug``, 「薬剤」, ``DRUG（薬剤）``, ``DRUG: 薬剤``."""
    whole = unicodedata.normalize("NFKC", str(word))[:80]
    names = (whole, re.split(r"[()\[\]:/]", whole)[0])
    return next((kinds[n] for name in names if (n := bare(name.strip(_QUOTES))) in kinds), None)


def _json(text: str, kinds: dict[str, str], arity: int) -> Iterator[Read]:
    for value in json_values(text):
        for row in objects(value):
            yield from _row(row, kinds, arity)
        yield from _lists(value, kinds, arity)


def _row(row: dict[str, object], kinds: dict[str, str], arity: int) -> Iterator[Read]:
    """One object: its kind and expressions under fields of their own, or a list of them under each kind."""
    kind = next((k for name in _KIND if name in row and (k := _kind(row[name], kinds))), None)
    if kind:
        fields = (_TEXT,) if arity == 1 else (_HEAD, _TAIL)
        parts = [next((row[name] for name in names if _is_text(row.get(name))), None) for names in fields]
        parts = [_inner(p) for p in parts]
        if all(parts):
            yield (kind, *map(str, parts))
        elif arity == 1 and (many := next((row[n] for n in (*_TEXT, "texts", "items", "mentions") if n in row), None)):
            yield from (
                ((kind, str(t)) for t in many if isinstance(t, str) and t.strip()) if isinstance(many, list) else ()
            )
        return
    for name, value in row.items():
        if kind := _kind(name.replace("_", "-"), kinds) or _kind(name, kinds):
            for one in value if isinstance(value, list) else [value]:
                parts = one if isinstance(one, list) else list(one.values()) if isinstance(one, dict) else [one]
                parts = _ARROW.split(str(parts[0])) if arity == 2 and len(parts) == 1 else parts
                if len(parts) >= arity and all(_is_text(p) for p in parts[:arity]):
                    yield (kind, *(str(p).strip() for p in parts[:arity]))


def _is_text(value: object) -> bool:
    return isinstance(value, dict) or (isinstance(value, str) and bool(value.strip()) and len(value) <= LONGEST)


def _inner(value: object) -> object:
    """An expression given as an object of its own (``{"text": ..., "type": ...}``)."""
    return next((value[n] for n in _TEXT if n in value), None) if isinstance(value, dict) else value


def _lists(value: object, kinds: dict[str, str], arity: int) -> Iterator[Read]:
    """Lists of lists: ``[kind, text]`` or ``[text, kind]``; for relations the kind may stand anywhere."""
    rows = value if isinstance(value, list) else []
    for row in [rows, *rows]:
        if isinstance(row, list) and len(row) == arity + 1 and all(isinstance(c, str) and c.strip() for c in row):
            at = [i for i, c in enumerate(row) if _kind(c, kinds)]
            if len(at) == 1:
                yield (str(_kind(row[at[0]], kinds)), *(c for i, c in enumerate(row) if i != at[0]))


def _tagged(text: str, kinds: dict[str, str], arity: int) -> Iterator[Read]:
    """The text with its expressions between tags; tags inside tags are taken from the inside out."""
    for _ in range(4):
        found = list(_TAG.finditer(text))
        if not found:
            return
        for m in found:
            if (kind := _kind(m[1], kinds)) and m[2].strip():
                yield kind, m[2].strip()
        text = _TAG.sub(r"\2", text)


def _lines(text: str, kinds: dict[str, str], arity: int) -> Iterator[Read]:
    """``KIND: a, b``; a heading of a kind with its list below; ``a (KIND)``; a table with a column of kinds."""
    heading: str | None = None
    for raw in text.split("\n"):
        line = _BULLET.sub("", raw[:2000], count=1).strip().strip("|").strip()
        head, colon, rest = (p.strip() for p in _partition(line))
        if colon and (kind := _kind(head, kinds)):
            heading = kind if not rest else None
            yield from ((kind, item) for item in _items(rest))
        elif (kind := _kind(line.strip("#【】[]<>:： "), kinds)) and len(line) <= 60:
            heading = kind
        elif found := _with_kind(line, kinds):
            yield found
        elif heading and line:
            yield from ((heading, item) for item in _items(line))
        elif not line:
            continue


def _partition(line: str) -> tuple[str, str, str]:
    cut = re.search(r"[:：|\t]", line)
    return (line[: cut.start()], cut[0], line[cut.end() :].strip("| ")) if cut else (line, "", "")


def _with_kind(line: str, kinds: dict[str, str]) -> Read | None:
    cells = [c.strip() for c in re.split(r"[|\t]", line)] if re.search(r"[|\t]", line) else []
    if len(cells) >= 2:
        at = [i for i, c in enumerate(cells) if _kind(c, kinds)]
        return (str(_kind(cells[at[0]], kinds)), _bare(cells[0 if at[0] else 1])) if at else None
    found = _AFTER.match(line)
    kind = _kind(found[2], kinds) if found else None
    return (kind, _bare(found[1])) if found and kind and _bare(found[1]) else None


def _items(text: str) -> list[str]:
    if _nothing(text):
        return []
    quoted = re.findall(r"[「『\"]([^「」『』\"]{1,400})[」』\"]", text)
    return quoted or [item for t in re.split(r"[、,，;；/／]\s*", text) if (item := _bare(t)) and len(item) <= LONGEST]


def _bare(text: str) -> str:
    return text.strip(_QUOTES)


def _nothing(text: str) -> bool:
    return bool(NOTHING.match(text)) or text.strip() in ("", "-", "—", "[]", "なし", "null")


def _related(text: str, kinds: dict[str, str], arity: int) -> Iterator[Read]:
    """``KIND: a → b``, ``a → KIND → b``, ``a -KIND-> b``, ``(a, KIND, b)``, a table of three columns."""
    for raw in text.split("\n"):
        line = _BULLET.sub("", raw[:2000], count=1).strip()
        head, colon, rest = (p.strip() for p in _partition(line))
        sides = [_bare(s) for s in _ARROW.split(rest)] if colon else []
        if len(sides) == 2 and all(sides) and (kind := _kind(head.strip("|() "), kinds)):
            yield kind, sides[0], sides[1]
            continue
        cells = [
            _bare(c.strip("()（）")) for c in re.split(r"\s*[|\t,、]\s*|" + _ARROW.pattern, line.strip("|()（） "))
        ]
        cells = [c for c in cells if c]
        if len(cells) == 2 and (found := re.match(r"(.+?)\s*[-–—]+\s*\[?([\w]+)\]?$", cells[0])):
            cells = [_bare(found[1]), found[2], cells[1]]
        at = [i for i, c in enumerate(cells) if _kind(c, kinds)]
        if len(cells) == 3 and len(at) == 1:
            one, other = (c for i, c in enumerate(cells) if i != at[0])
            yield str(_kind(cells[at[0]], kinds)), one, other


def _empty(value: object, kinds: dict[str, str]) -> bool:
    """An object whose every kind has an empty list."""
    rows = list(objects(value))
    return any(row and all(v in ([], "", None, {}) for v in row.values()) for row in rows)


def _none_of_each(text: str, kinds: dict[str, str]) -> tuple[Read, ...] | None:
    """() where every line says of its kind that there is none."""
    lines = [_partition(_BULLET.sub("", line, count=1)) for line in text.split("\n") if line.strip()]
    each = [bool(_kind(head, kinds)) and _nothing(rest) for head, colon, rest in lines if colon]
    return () if each and all(each) else None


def counts(read: Sequence[Read], key: Mentions) -> dict[str, int]:
    """Gold, listed and hit mentions, exact and partial; gold, listed and hit ones of each kind."""
    listed = list({tuple(map(bare, (r[0], *r[1:]))): r for r in read}.values())
    gold = key.mentions
    hits = [_exact(g, listed) for g in gold]
    partial = matched([[_partly(g, r) for r in listed] for g in gold])
    out = {"gold": len(gold), "listed": len(listed), "hits": sum(hits), "partial": partial}
    by = {"gold": key.by_kind, "listed": Counter(r[0] for r in listed)}
    by["hits"] = Counter(g.kind for g, hit in zip(gold, hits) if hit)
    for kind in dict.fromkeys((*by["gold"], *by["listed"])):
        out |= {f"{name}:{kind}": by[name][kind] for name in ("gold", "listed", "hits")}
    return out


def _exact(gold: Mention, listed: Iterable[Read]) -> bool:
    parts = [{bare(s) for s in p} for p in gold.parts]
    return any(r[0] == gold.kind and all(bare(s) in p for s, p in zip(r[1:], parts)) for r in listed)


def _partly(gold: Mention, read: Read) -> bool:
    pairs = [(bare(s), [bare(g) for g in spellings]) for s, spellings in zip(read[1:], gold.parts)]
    return read[0] == gold.kind and all(s and any(s in g or g in s for g in golds) for s, golds in pairs)
