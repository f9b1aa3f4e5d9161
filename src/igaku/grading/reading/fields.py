"""Answers in fields: JSON, YAML-like lines and XML, where a program was asked for rather than prose."""

import re
from collections.abc import Iterator

from igaku.grading.reading.mentions import position
from igaku.grading.reading.plain import MENTION
from igaku.grading.reading.statements import STRONG, Statement
from igaku.io.patterns import lazy

_NAMES = (
    "answers?|answer_?(?:letter|choice|label|key|index|option|text)s?|final_?answers?|"
    "correct_?(?:answer|option|choice)s?|predicted_?answer|prediction|"
    "final|verdict|choices?|selected(?:_?(?:option|choice|answer))?|label|letter|option|response|result|output|答え|"
    "回答|解答|正解|正答|最終回答|最終解答|選択|選択肢|記号|答案|정답"
)
_JSON = lazy(
    rf"[\"'](?:{_NAMES})[\"']\s*:\s*(\[[^\]]{{0,200}}\]|\"[^\"\n]{{0,200}}\"|'[^'\n]{{0,200}}'|[^,}}\n]{{1,60}})", re.I
)
_ONLY = lazy(rf"[\s\[\]\"'.,、()（）:*|]|と|および|and|[{MENTION}]", re.I)


_REJECTED = lazy(
    r"[\"'](?:rejected|excluded|others?|incorrect|wrong|distractors?|differential|eliminated|ruled_?out|alternatives?|"
    r"options?|choices|除外|不正解|誤答|他の選択肢|選択肢)\w*[\"']\s*:\s*[\[{]",
    re.I,
)


def _closing(text: str, at: int) -> int:
    """Where the bracket closes that was opened before ``at``; at most 2,000 characters on."""
    depth = 1
    for i in range(at, min(len(text), at + 2_000)):
        depth += (text[i] in "[{") - (text[i] in "]}")
        if not depth:
            return i
    return len(text)


def fields(text: str) -> Iterator[Statement]:
    """The choices that the answer fields of a tagged reply hold; the field that is nothing but choices counts."""
    aside = [(m.start(), _closing(text, m.end())) for m in _REJECTED.finditer(text)]
    for m in _JSON.finditer(text):
        if any(start < m.start() < end for start, end in aside):
            continue
        found = re.findall(f"[{MENTION}]", m[1])
        if found and not _ONLY.sub("", m[1]):
            positions = tuple(dict.fromkeys(map(position, found)))
            yield Statement(m.start(), m.end(), positions, STRONG + 1, "field", True, True)
