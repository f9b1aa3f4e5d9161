"""Answers in fields: JSON, YAML-like lines and XML, where a program was asked for rather than prose."""

import re
from collections.abc import Iterator

from igaku.grading.reading.mentions import position
from igaku.grading.reading.plain import MENTION
from igaku.grading.reading.statements import STRONG, Statement

_NAMES = (
    "answers?|answer_?(?:letter|choice|label|key|index|option|text)s?|final_?answers?|"
    "correct_?(?:answer|option|choice)s?|predicted_?answer|prediction|"
    "choices?|selected(?:_?(?:option|choice|answer))?|label|letter|option|response|result|output|答え|"
    "回答|解答|正解|正答|最終回答|最終解答|選択|選択肢|記号|答案|정답"
)
_JSON = re.compile(
    rf"[\"'](?:{_NAMES})[\"']\s*:\s*(\[[^\]]{{0,200}}\]|\"[^\"\n]{{0,200}}\"|'[^'\n]{{0,200}}'|[^,}}\n]{{1,60}})", re.I
)
_ONLY = re.compile(rf"[\s\[\]\"'.,、()（）:*|]|と|および|and|[{MENTION}]", re.I)


def fields(text: str) -> Iterator[Statement]:
    """The choices that the answer fields of a tagged reply hold; the field that is nothing but choices counts."""
    for m in _JSON.finditer(text):
        found = re.findall(f"[{MENTION}]", m[1])
        if found and not _ONLY.sub("", m[1]):
            positions = tuple(dict.fromkeys(map(position, found)))
            yield Statement(m.start(), m.end(), positions, STRONG + 1, "field", True, True)
