"""Numbers in replies: 1,200 mL, １２．５, −3.5, 2½, 三, "= 26", ①2②8; compared as numbers, never as text."""

import re
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from igaku.io.patterns import lazy

NUMBER = lazy(r"(?<![A-Za-z_.\d])[-−‐–]?\d{1,3}(?:,\d{3})+(?:\.\d+)?|(?<![A-Za-z_.\d])[-−–]?\d+(?:\.\d+)?")

_KANJI = {c: i for i, c in enumerate("〇一二三四五六七八九")}
_TENS = {"十": 10, "百": 100, "千": 1000}
_ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
_WORDS = {w: i for i, w in enumerate([*_ONES.split(), "seventeen", "eighteen", "nineteen"])}
_IN_KANJI = lazy(r"[〇一二三四五六七八九十百千]+")
_DOZENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_TENS_EN = {w: 10 * (i + 2) for i, w in enumerate(_DOZENS)}
_IN_WORDS = lazy(rf"\b(?:({'|'.join(_TENS_EN)})(?:[- ]({'|'.join(list(_WORDS)[1:10])}))?|({'|'.join(_WORDS)}))\b", re.I)


def unsigned(number: str) -> str:
    """``"1,200"`` as ``"1200"``, any minus sign as ``-``."""
    return re.sub(r"^[−‐–]", "-", number.replace(",", ""))


def same_number(a: str, b: str) -> bool:
    """Equal as decimal numbers: 7.20 is 7.2, 04 is 4."""
    try:
        return Decimal(a) == Decimal(b)
    except InvalidOperation:
        return False


_RANGE = lazy(
    r"between\s+\S{1,12}\s+and\s+\S+|(?:(?<!\d)|(?=-))-?\d++(?:\.\d++)?\s*[^\s\d]{0,4}\s*(?:[~〜～–—]|から|ないし|\bto\b|"
    r"(?<=\d)-)\s*-?\d+(?:\.\d+)?",
    re.I,
)
_EITHER = lazy(r"\d\s*[^\s\d]{0,4}\s*(?:または|又は|もしくは|あるいは|か|\bor\b)\s*-?\d", re.I)
_DENIED = lazy(
    r"\bnot\s+-?\d|\d\s*\S{0,3}(?:では(?:ない|なく|ありません)|じゃない)|で(?:求め|計算|算出)(?:られ|でき|され)|計算でき|求められ(?:ない|ません)|cannot",
    re.I,
)
_BASE = lazy(
    r"(?<![\d.])1 ?(?:分|時間|日|回|kg|週|か月|ヶ月|年|秒|食|錠|人)(?:間)?(?:に|あたり|当たり|当り|"
    r"につき|の|で|(?=[一-龠ァ-ヶ]{2}))|"
    r"(?:step|ステップ|手順|段階|表|図|問|第) ?\d+(?: ?章| ?段階)?[.:：]?|^\s*\d{1,2}[.)] |第 ?\d+ ?位|小数点?(?:以下|"
    r"第)? ?\d ?(?:桁|位)|\d ?桁|\^\{?-?\d+\}?|(?:per|every) 1 \w+|[A-Za-z][\d_]+(?![\d.])",
    re.I,
)
_POWER = lazy(r"(?:(?<!\d)|(?=-))(-?\d++(?:\.\d++)?) ?[×x*] ?10\^?[({]?(-?\d{1,2})[)}]?(?![\d.])")
_MAN = lazy(r"(?:(?<!\d)|(?=-))(-?\d++(?:\.\d++)?) ?万")
_SUM = lazy(r"\s*-?\d++(?:\.\d++)?(?:\s*[-+×÷*/]\s*\d++(?:\.\d++)?)+\s*")
_FRACTION = lazy(r"\s*(-?\d{1,6})\s*/\s*(\d{1,6})\s*(?:%|[a-zA-Z]{0,4})\s*")
_PAREN = lazy(r"[(（][^()（）]{0,120}[)）]")
_GROUPED = lazy(r"(?<![\d.,])(\d{1,3})((?: \d{3}){1,4}+)(?![\d,])")
_SPACED = lazy(r"(?<![\d.,])\d(?:[ 、,]{1,3}\d){1,11}+(?![\d.,]| ?[^\s\d。.、,)）】」\]|*]\S)")
_ROUNDED = lazy(r"四捨五入|切り?捨て|切り?上げ|rounded?|rounding|丸め", re.I)
_TAIL = lazy(r"[=≒≈→∴⇒]|(?:割|掛け|かけ|足し|引い|除し|乗じ)(?:って|て|ると)|計算すると|\bで(?= ?-?\d)")
_MINUS = lazy(r"(?:マイナス|minus|negative) ?(?=\d)", re.I)


def value(line: str, boxes: int = 0, first: bool = True) -> str:
    """The number that one line (or what follows an answer word) ends up with; "" if it gives none, or several.

    Args:
        line: in plain spelling.
        boxes: how many digits the stem asks for (①②); ``2 8`` is then 28.
        first: of several numbers the first, as after "the answer is"; else the last, as at the end of a calculation.
    """
    line = _MINUS.sub("-", line)
    if _DENIED.search(line) or _EITHER.search(_PAREN.sub(" ", line)):
        return ""
    outside = _PAREN.sub(" ", line)
    line = outside if re.search(r"\d", outside) or not re.search(r"\d", line) else re.sub(r"[()（）]", " ", line)
    line = _MAN.sub(lambda m: _text(Fraction(m[1]) * 10_000), _POWER.sub(_power, line))
    if (spaced := _SPACED.search(line)) and (
        boxes == len(re.findall(r"\d", spaced[0])) or (boxes == 0 and "、" not in spaced[0] and "," not in spaced[0])
    ):
        line = line.replace(spaced[0], re.sub(r"\D", "", spaced[0]), 1)
    line = _GROUPED.sub(lambda m: m[1] + m[2].replace(" ", ""), line)
    if exact := _computed(line.split("\n")[0]):
        return exact
    parts = [p for p in _TAIL.split(line) if re.search(r"\d", _BASE.sub(" ", p))]
    tail = parts[-1] if parts else line
    if (rounded := _ROUNDED.search(tail)) and re.search(r"\d", _BASE.sub(" ", tail[rounded.end() :])):
        tail = tail[rounded.end() :]
    numbers = NUMBER.findall(_BASE.sub(" ", _RANGE.sub(" ", tail)))
    if numbers:
        works = re.search(r"[×÷]|\d\s*[*/+]\s*\d", tail)
        return unsigned(numbers[0] if first and not works else numbers[-1])
    return "" if re.search(r"\d", tail) else _in_words(tail)


def _power(m: re.Match[str]) -> str:
    return _text(Fraction(m[1]) * Fraction(10) ** int(m[2]))


def _text(number: Fraction) -> str:
    return str(number.numerator) if number.denominator == 1 else f"{float(number):.10g}"


def _computed(line: str) -> str:
    """``1/2`` as 0.5, ``9+1`` as 10, where the line is nothing but that."""
    line = line.strip(" 。.(){}\"'")
    if fraction := _FRACTION.fullmatch(line):
        return _text(Fraction(int(fraction[1]), int(fraction[2]))) if int(fraction[2]) else ""
    if not _SUM.fullmatch(line) or len(line) > 60:
        return ""
    total, product, sign = Fraction(0), Fraction(0), 1
    for op, number in re.findall(r"([-+×÷*/]?)\s*(\d+(?:\.\d+)?)", line):
        factor = Fraction(number)
        if op in ("×", "*"):
            product *= factor
        elif op in ("÷", "/"):
            if not factor:
                return ""
            product /= factor
        else:
            total += sign * product
            sign, product = (-1 if op == "-" else 1), factor
    return _text(total + sign * product)


def _in_words(text: str) -> str:
    """``三``, ``十二`` or ``twelve``; "" where there is none or several."""
    found = _IN_KANJI.findall(text)
    if len(found) == 1 and text.strip(" 。.「」").startswith(found[0]):
        return str(_from_kanji(found[0]))
    words = _IN_WORDS.findall(text.lower())
    return str(_TENS_EN.get(words[0][0], 0) + _WORDS.get(words[0][1] or words[0][2], 0)) if len(words) == 1 else ""


def _from_kanji(text: str) -> int:
    if not any(c in _TENS for c in text):
        return int("".join(str(_KANJI[c]) for c in text[:12]))
    total, digit = 0, 0
    for c in text:
        if c in _TENS:
            total, digit = total + (digit or 1) * _TENS[c], 0
        else:
            digit = _KANJI[c]
    return total + digit
