"""Choices that are the steps of a scale ("0" to "5"): the number itself is the answer, never a position in the list.

"6", "2.5" and "-1" are no step and stay unread; "4 of 5 points" is 4; years, ages and counts in a reason do not count.
"""

import re

from igaku.grading.number import NUMBER, same_number, value
from igaku.io.patterns import lazy

_OF = lazy(
    r"(?<=\d)\s*/\s*\d+(?![\d.])|[（(]?(?<!\d)\d+\s*点?満点(?:中|で|の|のうち)?[)）]?|"
    r"\bout of \d+|(?<!\d)\d+\s*(?:から|~|〜|～)\s*\d+\s*(?:の|で|まで)?"
)
_ANCHOR = lazy(
    r"(?:類似度|評価|評点|スコア|点数|段階|グレード|等級|ラベル|答え|解答|回答|正解|score|label|grade|rating|similarity|answer)"
    r"[\"'*]*\s*(?:は|が|:|=|として|is)+\s*[\"'*「]*(?=-?\d)|\\boxed\s*\{|<answer>",
    re.I,
)
_ALONE = lazy(r"^\W*?(-?\d+(?:\.\d+)?)\s*+点?(?:が妥当|が適切|です|である|と(?:評価|判断)|。|\W*$)")


def is_scale(words: tuple[str, ...]) -> bool:
    """Whether choices are whole numbers, one after another."""
    return len(words) > 2 and all(
        w.isascii() and w.isdigit() and int(w) == int(words[0]) + i for i, w in enumerate(words)
    )


def read_scale(text: str, words: tuple[str, ...]) -> tuple[int, ...]:
    """The position of the step that a (cleaned) reply gives; () where it gives none."""
    plain = _OF.sub(" ", text)
    number = _number(plain)
    if not number:
        steps = {m[1] for part in re.split(r"[\n、。,]", plain) if (m := _ALONE.match(part.strip()))}
        number = steps.pop() if len(steps) == 1 else ""
    return tuple(i for i, w in enumerate(words) if number and same_number(number, w))


def _number(text: str) -> str:
    """The value behind the last word for a score that has one, else of the only line that gives one."""
    for anchor in list(_ANCHOR.finditer(text))[:-50:-1]:
        if found := value(text[anchor.end() :].lstrip(" \n\t").split("\n", 1)[0]):
            return found
    lines = [line for line in text.split("\n") if line.strip()]
    for line in dict.fromkeys(lines[:1] + lines[-1:]):
        if (len(line) <= 40 or "=" in line) and len(set(NUMBER.findall(line.split("=")[-1]))) == 1:
            return value(line)
    return ""
