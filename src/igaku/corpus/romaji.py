"""Japanese names in Latin letters: Kenji Yamamoto, SATO Yuki.

Two words are a person's where both can be read as kana and the dictionary knows one of them as a family or given name
and the other as a name of another kind. Ota procedure and Kawasaki disease are no such pair. Abbreviations read as kana
too (So BUN, On ANA): a word has three letters at least, and in capitals it is a family name of four. Only behind a
label and a colon both may be in capitals, or a family name alone.
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from igaku.corpus.name_rules import LABEL
from igaku.corpus.sudachi import dictionary

_WORD = "(?:[A-Z][a-z]{2,11}|[A-Z]{3,12})"
_PAIR = re.compile(rf"\b(?=({_WORD}),? ({_WORD})\b)")
_LABELLED = re.compile(
    rf"{LABEL}[ 　\t]*[:：\t][ 　]*({_WORD})(?:,? ({_WORD}))?(?=[ 　]*(?:$|[、。，,（(\[／/]))", re.M
)
_ENGLISH = frozenset(
    "anti auto bone chin fuse kappa main mono non nose pain range ran run same semi some take tin urea use".split()  # noqa: SIM905
)
"""Words that English writes at the start of a sentence and the dictionary knows as names too."""
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
    found = [m.span(1) for m in _LABELLED.finditer(text) if not m[2] and _is_person(m[1])]
    found += [(m.start(1), m.end(2)) for m in _LABELLED.finditer(text) if m[2] and _are_person(m[1], m[2])]
    found += [
        (m.start(1), m.end(2)) for m in _PAIR.finditer(text) if _are_spelt(m[1], m[2]) and _are_person(m[1], m[2])
    ]
    yield from sorted(set(found))


def _is_person(word: str) -> bool:
    """Whether the dictionary knows a word behind a label as a name of any kind."""
    return bool(_kinds(word.lower())) and word.lower() not in _ENGLISH and not (word.isupper() and len(word) < 4)


def _are_spelt(first: str, second: str) -> bool:
    """Whether the letters are those of a name in running text: at most one word in capitals, a family name."""
    capitals = [w for w in (first, second) if w.isupper()]
    return not capitals or (len(capitals) == 1 and len(capitals[0]) > 3 and "姓" in _kinds(capitals[0].lower()))


def _are_person(first: str, second: str) -> bool:
    """Whether the dictionary knows a name in one word and a name of another kind in the other."""
    if {first.lower(), second.lower()} & _ENGLISH:
        return False
    kinds = [_kinds(first.lower()), _kinds(second.lower())]
    return any(a & {"姓", "名"} and b & ({"姓", "名", "一般"} - a) for a, b in (kinds, kinds[::-1]))


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
