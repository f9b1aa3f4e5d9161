"""pairs: discrepancies between two documents, listed as before and after; read from any form, matched one to one.

The published parser splits at "- " and "→", which occur inside the texts, and counts a gold pair as found if any
listed pair contains it, so that its own gold scores 93.1 % (easy) and 96.9 % (medium), and one pair made of the two
whole documents 22.8 %. Here a listed pair stands for at most one gold pair, must hold what changed, and may not be
much longer.
"""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

from igaku.grading.json_values import json_values
from igaku.grading.reply_text import bounded
from igaku.grading.terms import matched
from igaku.io.patterns import lazy
from igaku.thinking import split

Pair = tuple[str, str]

_KEYS = (
    ("before", "after"),
    ("from", "to"),
    ("original", "modified"),
    ("original", "changed"),
    ("原文", "改変"),
    ("変更前", "変更後"),
    ("修正前", "修正後"),
    ("誤", "正"),
    ("文書1", "文書2"),
    ("old", "new"),
    ("元", "後"),
)
_ARROW = r"(?:→|⇒|➡|⟶|->|=>|⇨|[-−＝=][>＞])"
_BULLET = lazy(r"^\s*(?:[-*•・●○◦▪+]|\(?\d{1,3}[.)）:：、]|[①-⑳])\s*")
_QUOTE = r"(?:「(?:[^「」]|「[^「」]*」)*」|『[^『』]*』|\"[^\"\n]*\"|`[^`\n]*`)"
_QUOTED = lazy(_QUOTE)
_CHANGED = lazy(rf"{_ARROW}|変わ|変更|なって|異な|改変|置き換|chang|\bfrom\b|instead|replac", re.I)
_BEFORE = lazy(r"(?:変更前|修正前|before|原文|誤|元|original|文書1)\s*[:：]", re.I)
_AFTER = lazy(r"(?:変更後|修正後|after|改変後?|正|後|modified|changed|文書2)\s*[:：]", re.I)
_AFTER_FIRST = lazy(r"(?:変更後|修正後|after)\s*[:：]", re.I)
_BEFORE_SECOND = lazy(r"(?:変更前|修正前|before)\s*[:：]", re.I)
_JOINTS, _DASHES = "/／、,;；", "-・*"
_LITERAL_BEFORE = lazy(r"['\"]before['\"]\s*:\s*(['\"])")
_LITERAL_AFTER = lazy(r"(['\"])\s*,\s*['\"]after['\"]\s*:\s*(['\"])")
_NONE = lazy(
    r"(?:齟齬|相違|違い|変更|差異|不一致|誤り)[^\n]{0,20}(?:ありません|なし|見当たりません|見られません|認められません|ない)|"
    r"no (?:discrepanc|differenc)",
    re.I,
)
_REMARK = lazy(r"[（(]([^（()）]*)[)）]\s*$")
_REMARKS = lazy(r"変更|誤り|違い|数値|単位|表記|温度|時間|追加|削除|不一致|相違|齟齬|修正|から|注")


def read_pairs(reply: str) -> list[Pair] | None:
    """The (before, after) pairs a reply lists, each once, in order; [] where it says there are none.

    None if it is unreadable.
    """
    text = re.sub(r"```\w*", "", split(bounded(reply)).answer).strip()
    if not text:
        return None
    for reader in (_json, _literal, _table, _labelled, _lines):
        if found := reader(text):
            return list(dict.fromkeys(found))
    return [] if _NONE.search(text) or text in ("[]", "なし", "none") else None


def _json(text: str) -> list[Pair]:
    """Complete objects with a before and an after, or two-element arrays; an unfinished last one is left out."""
    return [pair for value in json_values(text) for pair in _walk(value)]


def _literal(text: str) -> list[Pair]:
    """Objects in single quotes or with commas too many, which are no JSON; nothing is evaluated."""
    out: list[Pair] = []
    middles = {quote: [m for m in _LITERAL_AFTER.finditer(text) if m[1] == quote] for quote in "'\""}
    starts = {quote: [m.start() for m in found] for quote, found in middles.items()}
    done = 0
    for first in _LITERAL_BEFORE.finditer(text):
        i = bisect_left(starts[first[1]], first.end())
        if first.start() < done or i == len(starts[first[1]]):
            continue
        middle = middles[first[1]][i]
        before, after = text[first.end() : middle.start()], _rest_of_line(text, middle.end())
        end = after.find(middle[2])
        if "\n" not in before and end >= 0:
            out.append((before.strip(), after[:end].strip()))
            done = middle.end() + end
    return out


def _rest_of_line(text: str, start: int) -> str:
    end = text.find("\n", start)
    return text[start:] if end < 0 else text[start:end]


def _walk(value: object) -> list[Pair]:
    if isinstance(value, dict):
        keys = {str(k).strip().lower(): v for k, v in value.items()}
        for a, b in _KEYS:
            if isinstance(keys.get(a), str) and isinstance(keys.get(b), str):
                return [(keys[a].strip(), keys[b].strip())]
        return [p for v in value.values() for p in _walk(v)]
    if isinstance(value, list):
        if len(value) == 2 and all(isinstance(v, str) for v in value):
            return [(value[0].strip(), value[1].strip())]
        return [p for v in value for p in _walk(v)]
    return []


def _table(text: str) -> list[Pair]:
    rows = [
        [c.strip() for c in line.strip().strip("|").split("|")]
        for line in text.split("\n")
        if line.strip().startswith("|")
    ]
    rows = [r for r in rows if not all(set(c) <= set("-: ") for c in r)]
    if len(rows) < 2:
        return []
    head = [c.lower() for c in rows[0]]
    for a, b in _KEYS:
        i, j = ([k for k, c in enumerate(head) if name in c] for name in (a, b))
        if i and j and i[0] != j[0]:
            return [(_bare(r[i[0]]), _bare(r[j[0]])) for r in rows[1:] if len(r) > max(i[0], j[0])]
    return [(_bare(r[-2]), _bare(r[-1])) for r in rows[1:] if len(r) >= 2]


def _labelled(text: str) -> list[Pair]:
    forward = _side_by_side(text, _BEFORE, _AFTER, blanks=True)
    backward = _side_by_side(text, _AFTER_FIRST, _BEFORE_SECOND, blanks=False)
    if backward and (not forward or backward[0][0] < forward[0][0]):
        return [(_bare(before), _bare(after)) for _, after, before in backward]
    return [(_bare(before), _bare(after)) for _, before, after in forward]


def _side_by_side(
    text: str, first: re.Pattern[str], second: re.Pattern[str], blanks: bool
) -> list[tuple[int, str, str]]:
    """``first: value, second: value`` as (start, value, value).

    The first value ends in its own line, before the joint and the second label, which may stand in a later line; the
    second value ends with its line. One walk over the labels, so that a loop of labels costs no more than its length.
    """
    seconds = [(end, m) for m in second.finditer(text) if (end := _value_end(text, m.start(), blanks)) >= 0]
    ends = [end for end, _ in seconds]
    out: list[tuple[int, str, str]] = []
    done = 0
    for label in first.finditer(text):
        start = _skip(text, label.end())
        i = bisect_left(ends, label.end())
        if i < len(ends) and ends[i] <= start:  # the first value is blank: something was added
            gap = text[label.end() : seconds[i][1].start()]
            if len(gap) > 1 and gap[0].isspace() and gap[0] != "\n":
                start = ends[i]
            else:
                i = bisect_right(ends, start)
        if label.start() < done or i == len(ends) or "\n" in text[start : ends[i]]:
            continue
        begin = _skip(text, seconds[i][1].end())
        value = _rest_of_line(text, begin).rstrip()
        if value:
            out.append((label.start(), text[start : ends[i]], value))
            done = begin + len(value)
    return out


def _value_end(text: str, label: int, blanks: bool) -> int:
    """Where the value before a second label ends: before a joint, which is a punctuation mark, a line break or, if
    ``blanks``, a blank, and before a dash between joint and label. -1 where nothing separates the two."""
    end = _back(text, label)
    if end and text[end - 1] in _DASHES and (before := _joint(text, end - 1, blanks)) >= 0:
        return before
    return _joint(text, label, blanks)


def _joint(text: str, label: int, blanks: bool) -> int:
    """Where the joint that ends at ``label`` begins; -1 where there is none."""
    end = _back(text, label)
    if end and text[end - 1] in _JOINTS:
        return _back(text, end - 1)
    return end if end < label and (blanks or "\n" in text[end:label]) else -1


def _back(text: str, end: int) -> int:
    while end and text[end - 1].isspace():
        end -= 1
    return end


def _skip(text: str, start: int) -> int:
    while start < len(text) and text[start].isspace():
        start += 1
    return start


def _lines(text: str) -> list[Pair]:
    out: list[Pair] = []
    for line in text.split("\n"):
        body = _BULLET.sub("", line, count=1)
        quoted = [_unquoted(m[0]) for m in _QUOTED.finditer(body)]
        if quoted and len(quoted) % 2 == 0 and _CHANGED.search(body):
            out += list(zip(quoted[::2], quoted[1::2]))
            continue
        sides = re.split(_ARROW, body)
        if len(sides) == 2 and all(s.strip() for s in sides):
            out.append((_bare(sides[0]), _bare(_without_remark(sides[1]))))
    return out


def _without_remark(text: str) -> str:
    """A text without a remark in brackets at its end that says what kind of change it is."""
    found = _REMARK.search(text)
    return text[: found.start()].rstrip() if found and _REMARKS.search(found[1]) else text


def _unquoted(text: str) -> str:
    return text[1:-1].strip()


def _bare(text: str) -> str:
    text = text.strip().replace("**", "").strip(" \t`")
    return _unquoted(text) if re.fullmatch(_QUOTE, text) else text


def plain(text: str) -> str:
    """NFKC without blanks, full stops and commas of one kind."""
    text = unicodedata.normalize("NFKC", text)
    return re.sub(r"\s", "", text).replace("。", ".").replace("、", ",")


def hits(read: Sequence[Pair], gold: Sequence[Pair]) -> int:
    """How many listed pairs stand for a gold pair, one to one (each distinct pair once, on both sides)."""
    return matched([[_same_change(s, g) for g in dict.fromkeys(gold)] for s in dict.fromkeys(read)])


def _same_change(listed: Pair, gold: Pair) -> bool:
    """The same change: within the gold passages and holding what changed, or holding them and not much longer."""
    listed, gold = ((plain(b), plain(a)) if plain(b) != plain(a) else (b.strip(), a.strip()) for b, a in (listed, gold))
    if listed[0] == listed[1]:
        return False
    core = _core(*gold)
    within = listed[0] in gold[0] and listed[1] in gold[1] and core[0] in listed[0] and core[1] in listed[1]
    around = (
        gold[0] in listed[0] and gold[1] in listed[1] and all(len(s) <= 3 * len(g) + 40 for s, g in zip(listed, gold))
    )
    return within or around


def _core(before: str, after: str) -> Pair:
    """What differs: both sides without their common beginning and end."""
    n = min(len(before), len(after))
    head = next((i for i in range(n) if before[i] != after[i]), n)
    tail = next((i for i in range(n - head) if before[-1 - i] != after[-1 - i]), n - head)
    return before[head : len(before) - tail], after[head : len(after) - tail]


def locate(pair: Pair, documents: Sequence[str]) -> tuple[int, int]:
    """Character positions of before in the first document and after in the second, -1 where a passage is not found."""
    return documents[0].find(pair[0]), documents[1].find(pair[1])


def published_recall(reply: str, gold: Sequence[Pair]) -> int:
    """Gold pairs found by the published parser and rule: contained, on both sides, in any listed pair."""
    found: list[Pair] = []
    for item in reply.split("- ")[1:]:
        sides = item.split("→")
        if len(sides) == 2:
            found.append((sides[0], sides[1]))
        elif len(quoted := list(_in_brackets(item))) == 2:
            found.append((quoted[0], quoted[1]))
    norm = [tuple(_published(x) for x in p) for p in found]
    return sum(any(_published(b) in p[0] and _published(a) in p[1] for p in norm) for b, a in gold)


def _in_brackets(text: str) -> Iterator[str]:
    """What ``「(.*?)」`` finds, in linear time."""
    for line in text.split("\n"):
        start = line.find("「")
        while start >= 0 and (end := line.find("」", start)) >= 0:
            yield line[start + 1 : end]
            start = line.find("「", end)


def _published(text: str) -> str:
    return text.replace(" ", "").replace("　", "").replace("\n", "").replace("．", "。").replace("，", "、")
