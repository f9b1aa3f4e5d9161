"""Consonants of a word, by which a name in katakana meets its English spelling: ワルファリン and warfarin, wrfrn.

Vowels, doubled letters and what Japanese does not tell apart (l and r, b and v) fall away.
"""

import re
from functools import cache

FEWEST, MOST = 4, 7
"""Consonants below which a word says too little; and up to which they count, so that endings do not matter."""
_ROWS = {
    "k": "カキクケコ",
    "g": "ガギグゲゴ",
    "s": "サシスセソチザズゼゾ",
    "t": "タツテト",
    "d": "ダヂヅデドジ",
    "n": "ナニヌネノン",
    "b": "バビブベボヴ",
    "p": "パピプペポ",
    "m": "マミムメモ",
    "r": "ラリルレロ",
    "w": "ワヲ",
    "f": "フ",
}
_SMALL = re.compile("(?<=[フヴ])[ァィェォ]|[ャュョーッハヒヘホヤユヨア-オァ-ォ]")
_SPELLINGS = (
    ("ph", "f"),
    ("th", "t"),
    ("sch|sh", "s"),
    ("ch|ck|qu", "k"),
    ("x", "ks"),
    ("c(?=[eiy])", "s"),
    ("c", "k"),
    ("g(?=[eiy])|j", "d"),
    ("v", "b"),
    ("l", "r"),
    ("z", "s"),
    ("[aeiouh]|(?<=.)y", ""),
)


def sound(word: str) -> str:
    """The first consonants of a word in katakana or in Latin letters; empty where there are too few."""
    low = word.lower()
    if low.isascii():
        for pattern, letter in _SPELLINGS:
            low = re.sub(pattern, letter, low)
    else:
        low = "".join(_consonants().get(c, "") for c in _SMALL.sub("", low))
    found = re.sub(r"(.)\1+", r"\1", low)
    return found[:MOST] if len(found) >= FEWEST else ""


@cache
def _consonants() -> dict[str, str]:
    return {kana: letter for letter, row in _ROWS.items() for kana in row}
