"""Which number does a reply finally give?"""

import re
from itertools import pairwise

from igaku.grading.number import value
from igaku.grading.reading.plain import plain
from igaku.grading.reading.topics import requested_quantity
from igaku.grading.reading.vocabulary import ANCHOR
from igaku.io.patterns import lazy
from igaku.keys.form import filled, form_of

_MARK = "[\ue0c0-\ue0d4]"
_BOXED = lazy(rf"({_MARK})\s*(?:[:=は]|に)?\s*[「(]?(\d)(?![\d.])[」)]?")
_FIELD = lazy(
    r"[\"'](?:final_?answer|answer|answer_?(?:value|number)|value|result|prediction|number|答え|回答|解答|"
    r"正解|数値)[\"']\s*:\s*[\"']?([^\"'\n}]{1,80})",
    re.I,
)
_XML = lazy(r"<(?:answer|final_answer)>\s*([^<]{1,80})</", re.I)
_BOX = lazy(r"\\boxed ?\{([^{}\n]{1,80})")
_ANCHOR = lazy(
    rf"(?:{ANCHOR}|(?:^|\n)[ #>\-・]*(?:計算結果|結果|ergebnis|result|訂正)[ ]*[:は=]|正しくは|"
    rf"訂正すると)(?:[ #\"'「(\[【{{:=*>]|-(?!\d))*",
    re.I,
)
CONCLUDES = lazy(
    r"(?:^|[。\n ])(?:よって|したがって|従って|ゆえに|以上より|以上から|合計|総計|∴|therefore|thus|hence|so)[,、]?",
    re.I,
)
_ASIDE = lazy(
    r"^[^\w\n]*(?:confidence|確信度|信頼度|自信|certainty|probability|参考|出典|注|note|reference|ref)[^\n]*$",
    re.I | re.M,
)
_UNSURE = lazy(
    r"かもしれ|だろうか|でしょうか|[?？]|もし|仮に|\bmaybe\b|\bperhaps\b|\bif\b|might|思いがち|間違えやす|と計算しがち",
    re.I,
)


def read_quantity(text: str, stem: str, cut: bool) -> tuple[str, str]:
    """The number and the rule that read it; ("", "") where a reply in plain text gives none, or not one.

    Args:
        text: after ``plain``, without thinking.
        stem: the question's; circled numbers in it are boxes to fill with a digit each.
        cut: the reply was cut off, so that only an answer given on a finished line counts.
    """
    boxes = form_of(stem).count("#")
    if filled := _filled(text, form_of(stem)):
        return filled, "boxes"
    text = re.sub(r"\n\s*(?=[=≒≈])", " ", _ASIDE.sub("", _unmarked(text, boxes)).strip())
    for rule, pattern in (("field", _FIELD), ("field", _XML), ("anchor", _BOX)):
        found = [v for m in pattern.finditer(text) if (v := value(m[1], boxes))]
        if found:
            return found[-1], rule
    if anchored := _after(text, _ANCHOR, boxes, cut):
        return _corrected(text, boxes) or _rounded_later(text, boxes) or anchored, "anchor"
    if cut:
        return "", ""
    if (first := _FIRST.match(text)) and not re.search(r"\d", first[2]):
        return value(first[0], boxes), "first line"
    text = _ALL_ASIDE.sub("", text).strip() or text
    if concluded := _concluded(text, boxes):
        return concluded, "conclusion"
    if (asks := requested_quantity(plain(stem))) and (stated := _after(text, _topic(asks), boxes, cut)):
        return stated, "stem"
    return _last(text, boxes)


def _topic(asks: str) -> re.Pattern[str]:
    """The last words of what the stem asks for, as a topic: ``心拍数は``."""
    word = re.escape(asks if asks.isascii() else asks[-8:])
    return re.compile(
        rf"(?<![一-龠ァ-ヶA-Za-z0-9ー]){word}(?:の?値)?(?:[（(][^()（）\n]{{1,20}}[)）])?(?: ?は| ?が| ?=| ?:| is| was|"
        rf" would be|, )+(?: ?(?:約|およそ|about|approximately))?",
        re.I,
    )


def _filled(text: str, form: str) -> str:
    """①2②8 as 28: the last run of ① to the last box, each with one digit; "" where there is none."""
    marks = list(_BOXED.finditer(text))
    order = [ord(m[1]) - 0xE0C0 for m in marks]
    starts = [i for i, n in enumerate(order) if n == 1]
    if not starts:
        return ""
    run, numbers = marks[starts[-1] :], order[starts[-1] :]
    wanted = form.count("#")
    gaps = [text[a.end() : b.start()] for a, b in pairwise(run)]
    if numbers != list(range(1, len(numbers) + 1)) or len(numbers) < 2 or (wanted and len(numbers) != wanted):
        return ""
    if any(re.search(r"\d", gap) or len(gap) > 12 for gap in gaps):
        return ""
    digits = "".join(m[2] for m in run)
    return filled(form, digits) or digits


def _unmarked(text: str, boxes: int) -> str:
    """Circled numbers are marks and go; they are digits where nothing but them stands there, in no order."""
    if not re.search(_MARK, text):
        return text
    marks = [ord(c) - 0xE0C0 for c in re.findall(_MARK, text)]
    if not re.search(r"\d", text) and (marks != list(range(1, len(marks) + 1)) or boxes == 0):
        return re.sub(_MARK, lambda m: str(ord(m[0]) - 0xE0C0), text)
    return re.sub(_MARK, " ", text)


def _after(text: str, anchor: re.Pattern[str], boxes: int, cut: bool) -> str:
    """The value behind the last anchor that gives one."""
    for match in list(anchor.finditer(text))[:-50:-1]:
        rest = text[match.end() :].lstrip(" \n\t\"'「(【[")
        line = re.split(r"\n|。|(?<=\d)\.(?=\s)|(?<=[a-zA-Z%])\. ", rest, maxsplit=1)[0][:200]
        if cut and len(line) >= len(rest.rstrip()):
            continue
        if not _UNSURE.search(line) and (found := value(line, boxes)):
            return found
    return ""


_FIRST = lazy(r"\s*(?:約|およそ|about )?(-?\d[\d.,]*)\s*([^\n。\d=≒→×÷+]{0,12})(?:\n|。|$)", re.I)
"""A reply that begins with a number and its unit, and nothing else in the sentence."""
_BESIDE = lazy(
    r"正常(?:値|範囲)?は|基準(?:値|範囲)|目安|参考|なお|ちなみに|補正し|未満なら|以上なら|"
    r"normal range|for reference"
)
_BETWEEN = lazy(r"\n|。|(?<=[?？])|(?<=[a-z]\.) (?=[A-Z])")


def _lines(text: str) -> list[str]:
    return [line for line in _BETWEEN.split(text) if line.strip(" .」)】]*")]


def _corrected(text: str, boxes: int) -> str:
    """What a last sentence says after words of correction; "" where nothing is taken back."""
    taken_back = list(
        re.finditer(r"訂正|誤りでした|間違い(?:でし|まし)|correction|\bsorry\b|\bwait\b|actually", text, re.I)
    )
    return _last(text, boxes)[0] if taken_back and text[taken_back[-1].end() :].count("\n") < 3 else ""


def _rounded_later(text: str, boxes: int) -> str:
    """What a last sentence rounds the result to; "" where it rounds nothing."""
    last = _lines(text)[-1]
    return _of(last, boxes) if re.search(r"四捨五入|切り[捨上]|round", last) else ""


def _concluded(text: str, boxes: int) -> str:
    """The value of the last sentence that draws a conclusion."""
    lines = [line for line in _lines(text) if CONCLUDES.search("\n" + line) and re.search(r"\d", line)]
    return _of(lines[-1], boxes) if lines else ""


_ALL_ASIDE = lazy(r"(?m)^[(（][^()（）\n]*[)）][.。]?$")
_YET = lazy(r", (?:even though|although|though|despite|whereas|while|compared)\b|に対し", re.I)


def _of(line: str, boxes: int) -> str:
    """The value of a whole sentence; "" of a long, an unfinished or an unsure one."""
    if len(line) > 160 or _UNSURE.search(line) or re.search(r"[-=×÷+*/≈≒(（:]\s*$", line):
        return ""
    return value(_YET.split(line, maxsplit=1)[0], boxes, first=False)


def _last(text: str, boxes: int) -> tuple[str, str]:
    lines = [line for line in _lines(text) if not _BESIDE.search(line)] or _lines(text)
    if lines and (found := _of(lines[-1], boxes)):
        return found, "last line"
    with_number = [line for line in lines if re.search(r"\d", line)]
    if len(text) <= 160 and len(with_number) == 1 and (found := _of(with_number[0], boxes)):
        return found, "only number"
    return "", ""
