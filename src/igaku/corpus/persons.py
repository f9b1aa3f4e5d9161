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
from igaku.corpus.roles import AFTER, AFTER_ANY, AFTER_FAMILY, BEFORE, BEFORE_FAMILY, ENDS, FACILITY, NO_FAMILY
from igaku.corpus.sudachi import dictionary

if TYPE_CHECKING:
    from sudachipy import Tokenizer

LONGEST = 10_000
"""Characters that Sudachi takes at one time; its limit is 49,149 bytes."""
_KANA = "[\u3041-\u3096\u30a1-\u30faー]"
_KANA_OR_KANJI = re.compile("[\u3041-\u3096\u4e00-\u9fff々]{1,4}")
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
    if not words[i].name and not _is_family_name(words[i].text):
        return i
    if (whole := _with_given(words, i, line)) > i + 1:
        return whole
    before, after = _before(words[i], line), line[words[i].end : words[i].end + 10]
    if FACILITY.match(after):
        return i
    if words[i].name in ("姓", "名") and (AFTER.match(after) or BEFORE.search(before)):
        return i + 1
    if not _is_family_name(words[i].text):
        return i
    titled = AFTER_ANY.match(after) and words[i].text not in _RELATIVES
    sure = words[i].text not in NO_FAMILY
    named = sure and (AFTER_FAMILY.match(after) or (BEFORE_FAMILY.search(before) and ENDS.match(after)))
    return i + 1 if titled or named else i


def _with_given(words: list[_Word], i: int, line: str) -> int:
    """As ``_person`` for a family name with a given name: one that the dictionary knows, or any word before a title."""
    blank = i + 1 < len(words) and words[i + 1].text in (" ", "　", "・")
    k = i + 2 if blank else i + 1
    if k >= len(words) or not (
        words[i].name == "姓" or (blank and len(words[i].text) > 1 and _is_family_name(words[i].text))
    ):
        return i
    after = line[words[k].end : words[k].end + 10]
    if FACILITY.match(words[k].text):
        return i
    titled = words[k].text.strip() and len(words[k].text) <= 4 and AFTER_ANY.match(after)
    labelled = blank and words[k].name and BEFORE.search(_before(words[i], line))
    known = words[k].name == "名" or (blank and len(words[i].text) > 1 and _are_a_name(words[i], words[k], after))
    return k + 1 if known or labelled or (titled and (blank or words[k].name)) else i


def _before(word: _Word, line: str) -> str:
    """The end of what stands before a word, as long as the longest role."""
    return line[max(0, word.start - 24) : word.start]


def _are_a_name(family: _Word, given: _Word, after: str) -> bool:
    """Whether two words with a blank between are a person's: the dictionary may take the second for a given name."""
    if not (_is_given_name(given.text) and _KANA_OR_KANJI.fullmatch(given.text)):
        return False
    return bool(family.name or given.name) and bool(ENDS.match(after) or AFTER.match(after))


@lru_cache(maxsize=65536)
def _is_family_name(word: str) -> bool:
    return any(m.part_of_speech()[3] == "姓" for m in dictionary().lookup(word))


@lru_cache(maxsize=65536)
def _is_given_name(word: str) -> bool:
    return any(m.part_of_speech()[3] == "名" for m in dictionary().lookup(word))


def _words(line: str) -> list[_Word]:
    """The words of a line; Sudachi takes kana in brackets for a reading and a part of the word before: 太郎（うつ）."""
    found = []
    for m in _tokenizer().tokenize(line):
        kind, word = m.part_of_speech(), m.surface()
        if len(word) > 2 and ("（" in word or "(" in word):
            word = re.split("(?<=.)[（(]", word, maxsplit=1)[0]
        found.append(_Word(word, m.begin(), m.begin() + len(word), kind[3] if kind[2] == "人名" else ""))
    return found


@cache
def _tokenizer() -> "Tokenizer":
    return dictionary().tokenizer()
