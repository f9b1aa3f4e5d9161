"""Choices named by circled numbers, numbers, katakana, ordinals or rows of letters, where they can only be labels."""

import re
from collections.abc import Callable
from functools import lru_cache

from igaku.grading.reading.plain import LABEL, WORDS, choice_plain, plain
from igaku.grading.reading.vocabulary import ANCHOR, TIGHT
from igaku.io.patterns import lazy
from igaku.question import LETTERS

_KATAKANA = "アイウエオカキクケコ"
_ROW = lazy(r"(?<![A-Za-z0-9])([a-z]{2,8}|[A-Z]{2,8})(?![A-Za-z0-9一-龠ァ-ヶー])")
_ANCHORED = lazy(rf"(?:{ANCHOR}){TIGHT}\Z", re.I)
LEAD = 70
"""Characters before a bare number or row of letters in which an answer word makes a label of it."""


def _anchored(text: str, at: int) -> bool:
    return bool(_ANCHORED.search(text[max(0, at - LEAD) : at]))


_PICKS = lazy(r"(?:选|選|应为)(?:择|擇)?[: ]?$")
_BARE_ROW = lazy(r"\W*([a-z]{2,8}|[A-Z]{2,8})(?=\W*$)")
_ENGLISH = frozenset(
    re.findall(r"\w+", "be bad bed dad add ace cab dab bead abed cad fed fad deaf face cafe fade beef")
)


def letter_rows(text: str, n: int) -> str:
    """``答え：bd`` and a reply that is nothing but ``bd``: each letter of the row."""

    def spread(m: re.Match[str]) -> str:
        row = m[1].lower()
        if (
            len(set(row)) < len(row)
            or max(row) > LETTERS[n - 1]
            or (m[1].islower() and row in _ENGLISH and text[: m.start()].isascii())
        ):
            return m[0]
        if not (
            _anchored(text, m.start()) or _PICKS.search(text[: m.start()]) or (alone and alone.start(1) == m.start())
        ):
            return m[0]
        return "、".join(chr(LABEL + LETTERS.index(c)) for c in row)

    alone = _BARE_ROW.match(text)
    return _ROW.sub(spread, text)


_CIRCLE = lazy("[\ue0c1-\ue0d4]")
_CIRCLED_WORDS = lazy("([\ue0c1-\ue0d4])[ :.、]{0,2}([\ue040-\ue07f])")
_DIGIT, _COUNTED = (
    lazy("[0-9]"),
    lazy("[一二三四五六七八]番|[一二三四五六七八]つ目|最[初後]の|末尾の|option|choice|answer|alternative", re.I),
)
_NUMBERED_WORDS = lazy(r"(?<![0-9.])(\d{1,2}) ?(?:番目?|つ目)?(?:の選択肢)?の? ?[.)、:。\]】]? ?「?([\ue040-\ue07f])")
_NAMED_NUMBER = lazy(
    r"((?:選択肢|選択枝|肢|番号|option|choice|answer choice|number|#|选项|選項|보기) ?(?:の|is|は|:|#|no\.?|"
    r"number)? ?[「(\[]?)(\d{1,2})"
    r"(?![0-9]|\.[0-9]|つ|個|種|項目|肢)",
    re.I,
)
_BAN = lazy(
    r"(?<![0-9.])(\d{1,2}) ?(?:番目?|つ目)(?:の選択肢)?(?=が|は|を|の?選|で[すあ]|だ|。|$|\n| |、|と|"
    r"\))|第(\d)(?:の)?選択肢"
)
_ORDINALS = {
    **dict.fromkeys(("first", "最初", "1st"), 1),
    **dict.fromkeys(("second", "2nd"), 2),
    **dict.fromkeys(("third", "3rd"), 3),
    **dict.fromkeys(("fourth", "4th"), 4),
    **dict.fromkeys(("fifth", "5th"), 5),
    **{k: i + 1 for i, k in enumerate("一二三四五六七八")},
}
_ORDINAL = lazy(
    r"(?<!\w)(?:the )?(first|second|third|fourth|fifth|last|[1-5](?:st|nd|rd|th)) (?:option|choice|"
    r"answer|alternative|one)(?! is (?:wrong|incorrect))|"
    r"([一二三四五六七八])(?:番|つ目|番目)(?=の(?:選択肢|もの|薬剤?|疾患|検査|項目|記述|治療)|です|。|$|が|は|を|"
    r"と[一二三四五六])(?:の(?:選択肢|もの|薬剤?|疾患|検査|項目|記述|治療))?|(最初|最後|"
    r"末尾)の(?:選択肢|もの|項目)(?:である)?",
    re.I,
)
_JOIN_DIGITS = r" ?(?:[,、・/&]|と|および|及び|and) ?"
_DIGITS = rf"[1-9](?:[)）」】\"']{{0,2}}(?:{_JOIN_DIGITS}|(?<=[)）])(?=[(（]))[(（「【\"']{{0,2}}[1-9]){{0,7}}+"
_DECIDED_NUMBER = lazy(
    rf"(?<![0-9.A-Za-z])({_DIGITS})(?=番?(?:が(?:正解|正答|答え|適切|最適|該当|正しい)|を(?:選|解答|回答)))"
)
_LONE_NUMBER = lazy(
    rf"(?<![0-9.])({_DIGITS})(?=[\s)）」』】}}\]\"'.。、,!番]*+(?:\n|$|です|である|だ|と(?:なる|考え|思)))(?!\.[0-9])"
)
_FIELD_NUMBER = lazy(
    r"([\"'](?:answers?|answer_?(?:letter|choice|index|number)|final_?answer|choice|label|option|"
    r"selected|prediction|答え|回答|解答|正解|選択肢)[\"'] ?: ?\[? ?[\"']?)"
    r"([1-9](?:[\"']?, ?[\"']?[1-9])*)(?=[\"']?\s*[\],}\n])",
    re.I,
)
_LAST_NUMBER = lazy(r"(\n[ >*]*[→∴⇒][ *]*)([1-9])(?=[番。 ]*$)")
_BARE_NUMBER = lazy(rf"^([\s(（「【\"']*+)({_DIGITS})(?=[\s)）」』】\"'.。、番です]*+$)")
_KANJI_ROW = lazy(r"^\W*([一二三四五六七八](?:[、,・と ]{1,2}[一二三四五六七八])*)\W*$")
_KANA = r"[アイウエオカキクケコ]"
_KANAS = rf"{_KANA}(?:[)）」】]?{_JOIN_DIGITS}[(（「【]?{_KANA}){{0,7}}+"
_LONE_KANA = lazy(rf"(?<![ァ-ヶー一-龠])({_KANAS})(?![ァ-ヶー一-龠])|(?<=選択肢)({_KANAS})(?![ァ-ヶー一-龠])")
_BARE_KANA = lazy(rf"^([\s(（「【]*+)({_KANAS})(?=[\s)）」】.。、です]*+$|です|。)")
_BRACKET_KANA = lazy(rf"([(（「【])({_KANA})(?=[)）」】])")


def numbers(text: str, choices: tuple[str, ...]) -> str:
    """Circled numbers, katakana and numbers where they can only be labels."""
    n = len(choices)

    def label(number: int, otherwise: str) -> str:
        return chr(LABEL + number - 1) if 0 < number <= n else otherwise

    def digits(found: str) -> str:
        return re.sub(r"\d", lambda d: _of_value(int(d[0]), choices) or label(int(d[0]), d[0]), found)

    def kana(found: str) -> str:
        return re.sub(_KANA, lambda k: label(_KATAKANA.index(k[0]) + 1, k[0]), found)

    def numbered(m: re.Match[str]) -> str:
        return m[2] if int(m[1]) != ord(m[2]) - WORDS + 1 else chr(LABEL + int(m[1]) - 1) + m[2]

    def anchored(m: re.Match[str], read: Callable[[str], str]) -> str:
        return read(m[0]) if _anchored(m.string, m.start()) or m.string[: m.start()].endswith("選択肢") else m[0]

    if _CIRCLE.search(text) and _circles_label(choices):
        listed = [m for m in _CIRCLED_WORDS.finditer(text) if ord(m[1]) - 0xE0C1 != ord(m[2]) - WORDS]
        text = _CIRCLE.sub(lambda m: "・" if listed else label(ord(m[0]) - 0xE0C0, m[0]), text)
    if _COUNTED.search(text):
        text = _ORDINAL.sub(lambda m: label(_ordinal(m, n), m[0]), text)
    if row := _KANJI_ROW.match(text):
        text = "、".join(label(_ORDINALS[c], c) for c in row[1] if c in _ORDINALS)
    if _DIGIT.search(text):
        text = _NUMBERED_WORDS.sub(numbered, text)
        text = _NAMED_NUMBER.sub(lambda m: m[1] + label(int(m[2]), m[2]), text)
        text = _DECIDED_NUMBER.sub(lambda m: digits(m[1]), text)
        text = _BAN.sub(lambda m: label(int(m[1] or m[2]), m[0]), text)
        text = _FIELD_NUMBER.sub(lambda m: m[1] + digits(m[2]), _LONE_NUMBER.sub(lambda m: anchored(m, digits), text))
        text = _LAST_NUMBER.sub(lambda m: m[1] + digits(m[2]), text)
        text = _BARE_NUMBER.sub(lambda m: m[1] + digits(m[2]), text)
    text = _BARE_KANA.sub(lambda m: m[1] + kana(m[2]), _LONE_KANA.sub(lambda m: anchored(m, kana), text))
    return _BRACKET_KANA.sub(lambda m: m[1] + kana(m[2]), text)


@lru_cache(maxsize=4096)
def _circles_label(choices: tuple[str, ...]) -> bool:
    """Whether circled numbers name choices: not where a choice holds them itself, unless they are ① to ⑤ in order."""
    held = [choice_plain(c) for c in choices]
    return not any(map(_CIRCLE.search, held)) or held == [chr(0xE0C1 + i) for i in range(len(held))]


def _ordinal(m: re.Match[str], n: int) -> int:
    word = (m[1] or m[2] or m[3]).lower()
    return n if word in ("last", "最後", "末尾") else _ORDINALS[word]


def _of_value(number: int, choices: tuple[str, ...]) -> str:
    """The choice whose only number this is ("5" of 1日, 3日, 5日), where every choice holds one; "" where none does."""
    values = _values(choices)
    return chr(WORDS + values.index(number)) if values and values.count(number) == 1 else ""


@lru_cache(maxsize=4096)
def _values(choices: tuple[str, ...]) -> tuple[float, ...]:
    found = [re.findall(r"\d+(?:\.\d+)?", plain(c)) for c in choices]
    return tuple(float(f[0]) for f in found) if all(len(f) == 1 for f in found) else ()
