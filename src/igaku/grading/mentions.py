"""mentions: expressions with their kinds (or relations of two), read from whatever form a model gives them.

Read are JSON (objects, pairs, or a list under each kind), the text with tags around its expressions, tables, and lines
``KIND: a, b`` / ``a (KIND)`` / ``KIND: a → b``. A kind is known by its name or by its name in the question's language.
Scores are of sets: a mention counts once, however often the text repeats it. Exact means the same words (widths, case
and blanks unified) and the same kind; partial, the same kind and one inside the other, matched one to one.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from igaku.grading.json_values import json_values, objects
from igaku.grading.mention_lines import (
    ARROW,
    BULLET,
    LONGEST,
    Read,
    kind_of,
    kinds_of,
    lines,
    nothing,
    partition,
    related,
    tagged,
)
from igaku.grading.reply_text import clean, is_refusal
from igaku.grading.terms import NOTHING, matched
from igaku.io.patterns import lazy
from igaku.keys import Mention, Mentions
from igaku.keys.mentions import bare

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
_SINGLE = lazy(r"(?<![^\s\[{(,:])'((?:[^'\\\n]|\\.){0,400})'(?=\s*[\]}),:])")


def read_mentions(reply: str, key: Mentions) -> tuple[Read, ...] | None:
    """The mentions of a reply, each once, in order; () where it says that there is none, None if unreadable."""
    cleaned = clean(reply)
    text = re.sub(r"```\w*|\*\*", "", cleaned.text).strip()
    if cleaned.cut or not text:
        return None
    kinds = kinds_of(key)
    readers = (_json, tagged, lines) if key.arity == 1 else (_json, related)
    for reader in readers:
        if found := list(dict.fromkeys(reader(text, kinds, key.arity))):
            return tuple(found)
    if NOTHING.match(text) or any(value in ([], {}) for value in json_values(text)):
        return ()
    if any(_empty(value, kinds) for value in json_values(text)):
        return ()
    return None if is_refusal(text) else _none_of_each(text, kinds)


def _json(text: str, kinds: dict[str, str], arity: int) -> list[Read]:
    return [*_rows(text, kinds, arity)] or [*_rows(_as_json(text), kinds, arity)]


def _rows(text: str, kinds: dict[str, str], arity: int) -> Iterator[Read]:
    for value in json_values(text):
        for row in objects(value):
            yield from _row(row, kinds, arity)
            for inside in row.values():
                yield from _lists(inside, kinds, arity)
        yield from _lists(value, kinds, arity)


def _as_json(text: str) -> str:
    """Strings in single quotes and tuples, as Python writes them, in JSON's form."""
    text = _SINGLE.sub(lambda m: json.dumps(m[1], ensure_ascii=False), text)
    return re.sub(r"\"\s*\)", '"]', re.sub(r"\(\s*\"", '["', text))


def _row(row: dict[str, object], kinds: dict[str, str], arity: int) -> Iterator[Read]:
    """One object: its kind and expressions under fields of their own, or a list of them under each kind.

    A kind that may not be named is kept by its own name: what is listed under it is listed wrongly.
    """
    named = [row[name] for name in _KIND if name in row]
    kind = next((k for word in named if (k := kind_of(word, kinds))), None)
    kind = kind or next((word.strip()[:40] for word in named if isinstance(word, str) and word.strip()), None)
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
        if kind := kind_of(name.replace("_", "-"), kinds) or kind_of(name, kinds):
            for one in value if isinstance(value, list) else [value]:
                parts = one if isinstance(one, list) else list(one.values()) if isinstance(one, dict) else [one]
                parts = ARROW.split(str(parts[0])) if arity == 2 and len(parts) == 1 else parts
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
            at = [i for i, c in enumerate(row) if kind_of(c, kinds)]
            if len(at) == 1:
                yield (str(kind_of(row[at[0]], kinds)), *(c for i, c in enumerate(row) if i != at[0]))


def _empty(value: object, kinds: dict[str, str]) -> bool:
    """An object whose every kind has an empty list."""
    rows = list(objects(value))
    return any(row and all(v in ([], "", None, {}) for v in row.values()) for row in rows)


def _none_of_each(text: str, kinds: dict[str, str]) -> tuple[Read, ...] | None:
    """() where every line says of its kind that there is none."""
    lines = [partition(BULLET.sub("", line, count=1)) for line in text.split("\n") if line.strip()]
    each = [bool(kind_of(head, kinds)) and nothing(rest) for head, colon, rest in lines if colon]
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
