"""What a stem itself says of its answer's form: how many choices to choose, all of them, or an order.

Only the imperative of the exam counts (「2つ選べ。」, "Select two."), and "which two ..."; a number in the case is not
one, and the key is never looked at. Where a stem is silent, nothing is known: it mostly wants one choice.
"""

import re
from functools import lru_cache
from typing import Literal

Stated = int | Literal["all", "order"] | None

_DIGITS = {"一": 1, "ひと": 1, "二": 2, "両": 2, "两": 2, "ふた": 2, "三": 3, "みっ": 3, "四": 4, "五": 5}
_WORDS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5}
_N_JA = r"([0-9０-９一二三四五]|ひと|ふた|みっ)\s*(?:つ|個|項目)"
_IMPERATIVE_JA = (
    r"(?:選べ|えらべ|(?:選び|えらび|選択し)なさい|選択せよ|選ぶこと|"
    r"(?:選んで|えらんで|選択して)(?:ください|下さい|答えよ|答えなさい))"
)
_END_JA = r"(?=\s*(?:[。．.｡、,)）〕】\n]|$|ただし|なお))"
_COUNT_JA = re.compile(rf"{_N_JA}\s*(?:を|だけ|のみ|まで)?\s*{_IMPERATIVE_JA}{_END_JA}")
_LOOSE_JA = re.compile(rf"{_N_JA}\s*(?:を|だけ|のみ)?\s*(?:選|えら)")
_WHICH_JA = re.compile(r"([2-5２-５二三四五])つ(?:は(?:どれ|何)|の組)|どの([2-5２-５二三四五])つ")
_ALL_JA = re.compile(rf"(?:すべて|全て|全部)(?:を)?\s*(?:{_IMPERATIVE_JA}|答えよ|答えなさい)")
_ORDER_JA = re.compile(r"並べ(?:よ|なさい|て(?:ください|下さい)|(?:替|換|変|か)え(?:よ|なさい|て(?:ください|下さい)))")

_N_EN = r"(one|two|three|four|five|[1-5])\b(?!\s*(?:mg|ml|g|kg|tablets?|weeks?|days?|years?|months?|times?|hours?)\b)"
_CHOOSE = r"(?:select|choose|pick|mark|tick|check|indicate)"
_FILL = r"(?:\s+(?:the|only|exactly|any|your|best|up|to|correct|following))*"
_START = r"(?:^|[.?!:;,(\[（。\n-])\W{0,4}(?:please\s+|then\s+|and\s+)?"
_COUNT_EN = re.compile(rf"{_START}{_CHOOSE}{_FILL}\s+{_N_EN}", re.I | re.M)
_LOOSE_EN = re.compile(rf"\b{_CHOOSE}{_FILL}\s+{_N_EN}", re.I)
_WHICH_EN = re.compile(
    r"\b(?:which|what)\s+(?:(?:are|would be|were|is)\s+)?"
    r"(?:(?:the|of|these|following|most|best|likely|other|correct)\s+)*"
    r"(two|three|four)\b(?!\s*(?:weeks?|days?|years?|months?|times|hours?)\b)"
    r"|\(\s*(two|three|four|[2-4])\s+(?:(?:correct|right|best)\s+)?(?:answers?|options?|choices?)\b",
    re.I,
)
_ALL_EN = re.compile(
    rf"\b{_CHOOSE}\s+(?:all|every)\b(?:\s+(?:that|which|of|those|the|correct|true|appl)|\W*$)"
    r"|\(\s*all that apply\s*\)",
    re.I,
)
_ORDER_EN = re.compile(
    r"\b(?:arrange|put|place|rank|order|list)\b[^.?!\n]{0,80}\b(?:in(?:to)? (?:the |their )?"
    r"(?:\w+ )?(?:order|sequence)|chronologically)\b",
    re.I,
)
_COUNT_ZH = re.compile(r"选(?:出|择)?\s*([2-5两二三四五])\s*(?:项|个)")

_TAIL = 150


def stated(stem: str) -> Stated:
    """A number of choices, ``"all"``, ``"order"``; None where the stem does not say, or says two different numbers.

    A number without the exam's imperative is read from the last 150 characters only, which hold the question.
    """
    if _ORDER_JA.search(stem[-_TAIL:]) or _ORDER_EN.search(stem[-_TAIL:]):
        return "order"
    if _ALL_JA.search(stem) or _ALL_EN.search(stem):
        return "all"
    return stated_count(stem)


@lru_cache(maxsize=8192)
def stated_count(stem: str) -> int | None:
    """Read 「2つ選べ」, "Select two" or "Which two ..."; None where the stem gives no number, or two that differ."""
    tail = stem[-_TAIL:]
    for pattern, where in (
        (_COUNT_JA, stem),
        (_LOOSE_JA, tail),
        (_COUNT_EN, stem),
        (_LOOSE_EN, tail),
        (_WHICH_JA, tail),
        (_WHICH_EN, tail),
        (_COUNT_ZH, tail),
    ):
        found = {_number(next(g for g in one.groups() if g)) for one in pattern.finditer(where)}
        if found:
            return found.pop() if len(found) == 1 else None
    return None


def _number(word: str) -> int:
    word = word.lower()
    return _DIGITS.get(word) or _WORDS.get(word) or int(word)


_GONE_JA = re.compile(rf"(?:{_N_JA}|すべて|全て|全部)\s*(?:を|だけ|のみ)?\s*{_IMPERATIVE_JA}[。．.｡]?")
_GONE_EN = re.compile(
    rf"[(（]?\b{_CHOOSE}{_FILL}\s+(?:{_N_EN}(?:\s+(?:options?|choices?|answers?))?|all that apply)[)）]?[.。]?", re.I
)


def without_count(stem: str) -> str:
    """A stem without the sentence that says how many choices to choose."""
    return _GONE_EN.sub("", _GONE_JA.sub("", stem)).rstrip()
