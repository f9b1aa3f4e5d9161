"""Names of persons in Japanese text, by what a dictionary says of each word and what stands beside it.

SudachiPy marks family and given names in the sentence they stand in: 小鳥遊一郎 is a person, 千葉大学 none. A family
name alone is a person only beside a title or a role (術者は佐々木); in 橋本病 and 川崎病 it is a disease. Names that no
dictionary has are found only beside a label or title. GiNZA's recogniser, which needs spaCy and a network of its own
beside the same dictionary, was not tried.
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from igaku.corpus.readings import is_reading
from igaku.corpus.sudachi import dictionary

if TYPE_CHECKING:
    from sudachipy import Tokenizer

LONGEST = 10_000
"""Characters that Sudachi takes at one time; its limit is 49,149 bytes."""
_TITLE = r"(?:様|殿|氏(?![名族病])|さん|先生|くん|君|ちゃん)"
_BY_OFFICE = r"(?:医師|医長|教授|准教授|講師|部長|院長|看護師|師長|技師|薬剤師|医員|研修医|専攻医|助産師|保健師"
_BY_OFFICE += r"|療法士|管理栄養士|ソーシャルワーカー|ケアマネ|Dr\b|Ns(?![A-Za-z])|記(?:[）)]|$))"
_ACTS = r"(?:が|は)(?:記載|記録|説明|執刀|診察|担当|施行|来院|入院|受診|訴え)|の(?:容体|容態|家族|主治医)"
_AFTER = re.compile(rf"[ 　]?(?:{_TITLE}|{_BY_OFFICE})|{_ACTS}")
_AFTER_ANY = re.compile(rf"[ 　]?{_TITLE}")
_BEFORE = re.compile(
    r"(?:患者|氏名|患者名|名前|本人|妻|夫|母|父|兄|弟|姉|妹|息子|娘|[長次二三][男女]|祖[父母]|担当医?|主治医|執刀医|術者|助手|麻酔科医"
    r"|紹介医|記載者|看護師|研修医|専攻医|指導医|当直医|助産師|保護者|代表者|付き添い)"
    r"[ 　・：:はの]+\Z|(?:Dr|Prof)\. ?\Z"
)
_KANA = "[\u3041-\u3096\u30a1-\u30faー]"
_READING = re.compile(
    rf"[ 　]?[(（][ 　]?({_KANA}{{1,8}}(?P<given>[ 　・]{_KANA}{{1,8}})?"
    rf"|(?P<latin>[A-Z][A-Za-z]+,? [A-Z][A-Za-z]+))[ 　]?[)）]"
)
_RELATIVES = frozenset("皆 奥 母 父 姉 兄 弟 妹 娘 嫁 婿 子 孫 爺 婆 叔父 叔母 伯父 伯母".split())  # noqa: SIM905
"""Words that are family names too, before さん."""


class _Word(NamedTuple):
    text: str
    start: int
    end: int
    name: str
    """姓, 名, 一般 of a person's name; else empty."""


def persons(text: str) -> Iterator[tuple[int, int]]:
    """Where names of persons begin and end, from left to right.

    Raises:
        IgakuError: sudachipy is not installed.
    """
    at = 0
    for line in text.splitlines(keepends=True):
        for start in range(0, len(line), LONGEST):
            yield from _in_line(line[start : start + LONGEST], at + start)
        at += len(line)


def reading_behind(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Where the reading of a name stands that follows it in brackets: 小鳥遊 六花（たかなし りっか）; None without one.

    One word of kana may be a finding (うつ), so it must be how the dictionary reads the name.
    """
    if not (found := _READING.match(text, end)):
        return None
    name = re.sub("[ 　・]", "", text[start:end])
    two = found["given"] or found["latin"]
    return found.span(1) if two or is_reading(name, found[1]) else None


def _in_line(line: str, at: int) -> Iterator[tuple[int, int]]:
    words = _words(line)
    i = 0
    while i < len(words):
        end = _person(words, i, line)
        if end > i:
            yield at + words[i].start, at + words[end - 1].end
        i = max(end, i + 1)


def _person(words: list[_Word], i: int, line: str) -> int:
    """The word after a person's name that begins with word ``i``; ``i`` where none begins."""
    if words[i].name and (whole := _with_given(words, i, line)) > i + 1:
        return whole
    end = words[i].end
    if words[i].name in ("姓", "名") and (_AFTER.match(line[end : end + 8]) or _BEFORE.search(line[: words[i].start])):
        return i + 1
    titled = _AFTER_ANY.match(line, end, end + 8)
    known = titled and words[i].text not in _RELATIVES and _is_family_name(words[i].text)
    return i + 1 if known else i


def _with_given(words: list[_Word], i: int, line: str) -> int:
    """As ``_person`` for a family name with a given name: one that the dictionary knows, or any word before a title."""
    blank = i + 1 < len(words) and words[i + 1].text in (" ", "　", "・")
    k = i + 2 if blank else i + 1
    if words[i].name != "姓" or k >= len(words):
        return i
    titled = words[k].text.strip() and len(words[k].text) <= 4 and _AFTER_ANY.match(line[words[k].end :])
    labelled = blank and words[k].name and _BEFORE.search(line[: words[i].start])
    return k + 1 if words[k].name == "名" or labelled or (titled and (blank or words[k].name)) else i


@lru_cache(maxsize=65536)
def _is_family_name(word: str) -> bool:
    return any(m.part_of_speech()[3] == "姓" for m in dictionary().lookup(word))


def _words(line: str) -> list[_Word]:
    """The words of a line; Sudachi takes kana in brackets for a reading and a part of the word before: 太郎（うつ）."""
    found = []
    for m in _tokenizer().tokenize(line):
        kind, word = m.part_of_speech(), re.split("(?<=.)[（(]", m.surface(), maxsplit=1)[0]
        found.append(_Word(word, m.begin(), m.begin() + len(word), kind[3] if kind[2] == "人名" else ""))
    return found


@cache
def _tokenizer() -> "Tokenizer":
    return dictionary().tokenizer()
