"""spans: entities in a text, read from the text with tags or from any list, and found in the text that was given.

Models change what they copy: one character more or less shifts every position behind it. So an entity is what stands
between the tags, at the occurrence in the given text that is nearest to where the reply has it; what the text does not
hold was invented. Width and blanks do not matter.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import NamedTuple

from igaku.grading.json_values import json_values
from igaku.grading.reply_text import is_refusal, spoken
from igaku.grading.task_end import own_part
from igaku.grading.terms import read_terms
from igaku.io.patterns import lazy
from igaku.keys import Label, Span

AROUND = 12
"""Characters on either side by which one of several occurrences is chosen."""
MOST = 400
"""Entities read from one reply; nobody lists more of one sentence."""
_FENCE = lazy(r"```\w*")
_NONE = lazy(
    r"(?:含まれて|記載されて|見つかって|存在して)(?:いない|いません|おらず|おりません)|(?:見当たり|見つかり|存在し|該当し)ません|"
    r"(?:記載|該当|対象)[^。\n]{0,12}(?:なし|ありません|ない)|\b(?:no|not) (?:\w+ ){0,3}(?:entit|mention|found)",
    re.I,
)
_TEXTS = ("text", "name", "entity", "term", "word", "surface", "表現", "語", "エンティティ", "value")
_KINDS = ("label", "type", "tag", "category", "kind", "種類", "ラベル", "タグ", "分類")
_LISTED = lazy(r"^[ \t*#・•\-\d.)]*(?:\*\*)?([^:：\n]{1,24}?)(?:\*\*)?[ \t]*[:：]+(?:\*\*)?[ \t]*(.*)$", re.M)


class _Plain(NamedTuple):
    """A text in one width and without blanks, and where each of its characters began and ended."""

    text: str
    starts: list[int]
    ends: list[int]


class _Entity(NamedTuple):
    """Words of a reply, and what stands around them in its copy of the text (nothing: it is a list)."""

    words: str
    label: str
    near: int = 0
    before: str = ""
    after: str = ""


def read_spans(reply: str, document: str, labels: Sequence[Label]) -> tuple[Span, ...] | None:
    """The entities of a reply, each once; () where it says or shows that there are none, None if it is unreadable."""
    answered = spoken(reply)
    body = _FENCE.sub("", own_part(answered.text)).strip()
    if answered.cut or not body:
        return None
    tagged = _tagged(body, document, labels)
    if tagged is not None:
        return _located(tagged, document) if tagged else None
    listed = _json(body, labels)
    if listed is None:
        if _copies(body, document) or _NONE.search(body):
            return ()
        listed = _lines(body, labels)
    return None if listed is None else _located(listed, document)


def _copies(body: str, document: str) -> bool:
    """Whether a reply repeats the whole text, signs aside: it tagged nothing."""
    copied, given = (re.sub(r"\W", "", _plain(text).text) for text in (body, document))
    return bool(given) and given in copied


def _tagged(body: str, document: str, labels: Sequence[Label]) -> list[_Entity] | None:
    """Entities between tags; of a text that is there twice, its last copy. None where there is no tag at all."""
    tags = "|".join(re.escape(label.tag) for label in labels)
    tag_sign = re.compile(rf"<(/?)({tags})(?:\s[^<>\n]{{0,80}})?>", re.I)
    if not tag_sign.search(body):
        return None
    known = {label.tag.lower(): label.tag for label in labels}
    copies = [line for line in body.split("\n") if tag_sign.search(line)] if "\n" not in document.strip() else []
    exact = [line for line in copies if _plain(tag_sign.sub("", line)).text == _plain(document).text]
    text = exact[-1] if exact else body
    copy, at = _plain(tag_sign.sub("", text)).text, 0
    out: list[_Entity] = []
    opened: tuple[str, int, int] | None = None
    end = 0
    for found in tag_sign.finditer(text):
        at += len(_plain(text[end : found.start()]).text)
        end = found.end()
        if not found[1]:
            opened = (found[2].lower(), found.end(), at)
        elif opened and opened[0] == found[2].lower():
            words = tag_sign.sub("", text[opened[1] : found.start()])
            around = copy[max(0, opened[2] - AROUND) : opened[2]], copy[at : at + AROUND]
            out.append(_Entity(words, known[opened[0]], opened[2], *around))
            opened = None
    return out


def _json(body: str, labels: Sequence[Label]) -> list[_Entity] | None:
    """Objects with words and a kind, lists under the name of a kind, or plain words where there is one kind only."""
    values = list(json_values(body))
    out = [e for value in values for e in _walk(value, "", labels)]
    nothing = bool(values) and not any(map(_has_words, values))
    return out if out or nothing else None


def _has_words(value: object) -> bool:
    if isinstance(value, dict):
        value = list(value.values())
    return any(map(_has_words, value)) if isinstance(value, list) else isinstance(value, str) and bool(value.strip())


def _walk(value: object, label: str, labels: Sequence[Label]) -> list[_Entity]:
    if isinstance(value, str):
        kind = label or (labels[0].tag if len(labels) == 1 else "")
        return [_Entity(value, kind)] if kind else []
    if isinstance(value, list):
        return [e for one in value for e in _walk(one, label, labels)]
    if not isinstance(value, dict):
        return []
    row = {str(k).strip().lower(): v for k, v in value.items()}
    words = next((row[k] for k in _TEXTS if isinstance(row.get(k), str)), None)
    if words is not None:
        kind = next((str(row[k]) for k in _KINDS if k in row), label)
        return _walk(words, _kind(kind, labels) if kind else "", labels)
    return [e for k, v in value.items() for e in _walk(v, _kind(str(k), labels) or label, labels)]


def _kind(name: str, labels: Sequence[Label]) -> str:
    """The tag of the kind that a reply calls by this name; the only kind goes by any name."""
    name = unicodedata.normalize("NFKC", name).strip().lower()
    for label in labels:
        if name == label.tag.lower() or any(word in name for word in label.words):
            return label.tag
    return labels[0].tag if len(labels) == 1 else ""


def _lines(body: str, labels: Sequence[Label]) -> list[_Entity] | None:
    """Lists in words: under the names of the kinds, or of the only kind."""
    if len(labels) == 1:
        read = None if is_refusal(body) and "「" not in body else read_terms(body)
        return None if read is None else [_Entity(words, labels[0].tag) for words in read]
    out: list[_Entity] = []
    named = False
    for found in _LISTED.finditer(body):
        if kind := _kind(found[1], labels):
            named = True
            out += [_Entity(words, kind) for words in read_terms(found[2]) or ()]
    return out if named or read_terms(body) == () else None


def _plain(text: str) -> _Plain:
    out = _Plain("", [], [])
    unified: list[str] = []
    for found in re.finditer(r".[\uff9e\uff9f\u3099\u309a]?", text, re.S):
        for c in unicodedata.normalize("NFKC", found[0]).lower():
            if not c.isspace():
                unified.append(c)
                out.starts.append(found.start())
                out.ends.append(found.end())
    return out._replace(text="".join(unified))


def _located(entities: Sequence[_Entity], document: str) -> tuple[Span, ...]:
    """Each entity's position in the document: of its free occurrences the one with most of the same text around it,
    then the nearest. Words that the document does not hold have none, and count as one entity more that was read."""
    plain = _plain(document)
    taken: set[Span] = set()
    for n, entity in enumerate(entities[:MOST], 1):
        words = _plain(entity.words.strip("「」『』\"'` 、。,.")).text or _plain(entity.words).text
        if not words:
            continue
        starts = [at for at in _occurrences(words, plain.text) if _span(at, words, entity, plain) not in taken]
        best = max(
            starts, key=lambda at: (_alike(entity, at, at + len(words), plain.text), -abs(at - entity.near)), default=-1
        )
        taken.add(_span(best, words, entity, plain) if best >= 0 else Span(-1, -n, entity.label))
    return tuple(sorted(taken))


def _span(at: int, words: str, entity: _Entity, plain: _Plain) -> Span:
    return Span(plain.starts[at], plain.ends[at + len(words) - 1], entity.label)


def _occurrences(words: str, text: str) -> Iterator[int]:
    at = text.find(words)
    while at >= 0:
        yield at
        at = text.find(words, at + 1)


def _alike(entity: _Entity, start: int, end: int, text: str) -> int:
    """How many characters directly before and behind are the same in the reply's copy and in the text."""
    before = zip(reversed(entity.before), reversed(text[max(0, start - AROUND) : start]))
    after = zip(entity.after, text[end : end + AROUND])
    return sum(1 for side in (before, after) for _ in takewhile(lambda pair: pair[0] == pair[1], side))


def overlaps(a: Span, b: Span) -> bool:
    """Whether two entities of one kind share a character."""
    return a.label == b.label and a.start < b.end and b.start < a.end
