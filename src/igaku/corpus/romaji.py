"""Japanese names in Latin letters: Kenji Yamamoto, SATO Yuki.

Two capitalised words are a person's where both can be read as kana and the dictionary knows one of them as a family
or given name and the other as a name of another kind. Ota procedure and Kawasaki disease are no such pair.
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from igaku.corpus.sudachi import dictionary

_PAIR = re.compile(r"\b([A-Z][A-Za-z]{1,11}),? ([A-Z][A-Za-z]{1,11})\b")
_ROWS = {
    "": "アイウエオ",
    "k": "カキクケコ",
    "g": "ガギグゲゴ",
    "s": "サシスセソ",
    "z": "ザジズゼゾ",
    "t": "タチツテト",
    "d": "ダヂヅデド",
    "n": "ナニヌネノ",
    "h": "ハヒフヘホ",
    "b": "バビブベボ",
    "p": "パピプペポ",
    "m": "マミムメモ",
    "r": "ラリルレロ",
}
_SMALL = dict(zip("auo", "ャュョ"))
_LIKE_I = {
    "sh": "シ",
    "j": "ジ",
    "ch": "チ",
    "ky": "キ",
    "gy": "ギ",
    "ny": "ニ",
    "hy": "ヒ",
    "by": "ビ",
    "my": "ミ",
    "ry": "リ",
}


def latin_persons(text: str) -> Iterator[tuple[int, int]]:
    """Where Japanese names of two words in Latin letters begin and end, from left to right.

    Raises:
        IgakuError: sudachipy is not installed, and there are two capitalised words side by side.
    """
    for m in _PAIR.finditer(text):
        kinds = [_kinds(m[1].lower()), _kinds(m[2].lower())]
        if any(a & {"姓", "名"} and b & ({"姓", "名", "一般"} - a) for a, b in (kinds, kinds[::-1])):
            yield m.start(), m.end()


@lru_cache(maxsize=65536)
def _kinds(word: str) -> frozenset[str]:
    """姓, 名, 一般: what kinds of name a word in Latin letters may be; long vowels may be written short."""
    known = (m.part_of_speech() for kana in _readings(word) for m in dictionary().lookup(kana))
    return frozenset(kind[3] for kind in known if kind[2] == "人名")


def _readings(word: str) -> set[str]:
    """A word in katakana, also with ウ behind each o and u in turn; none where it is no Japanese."""
    spelt = _kana(word)
    longer = {_kana(word[: m.end()] + "u" + word[m.end() :]) for m in re.finditer("[ou](?![aeiou])", word)}
    return {kana for kana in {spelt, *longer} if kana}


def _kana(word: str) -> str:
    out, at = "", 0
    for m in re.finditer(r"n(?![aeiouy])|([kstpc])(?=\1|ch)|([a-z]{0,3}?)([aeiou])", word):
        sound = "ン" if m[0] == "n" else "ッ" if m[1] else _syllables().get(m[0], "")
        if m.start() != at or not sound:
            return ""
        out, at = out + sound, m.end()
    return out if at == len(word) else ""


@cache
def _syllables() -> dict[str, str]:
    plain = {f"{c}{v}": k for c, row in _ROWS.items() for v, k in zip("aiueo", row)}
    small = {f"{c}{v}": f"{k}{s}" for c, k in _LIKE_I.items() for v, s in _SMALL.items()}
    others = {
        "shi": "シ",
        "chi": "チ",
        "tsu": "ツ",
        "fu": "フ",
        "ji": "ジ",
        "ya": "ヤ",
        "yu": "ユ",
        "yo": "ヨ",
        "wa": "ワ",
    }
    return plain | small | others
