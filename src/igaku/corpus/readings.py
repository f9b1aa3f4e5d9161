"""Kana in brackets after kanji: a reading (心窩部（しんかぶ）) says the same twice; anything else says something.

浮腫（みとめず） is no oedema, and 便（やわらかい） a finding. So a bracket is a reading only if a dictionary has it:
the kanji before it fall into words of SudachiDict, whose readings in a row give the kana, with the sound changes that
compounds bring (voicing, っ). Kana that no such row gives are kept. Sudachi because its dictionary is maintained and
has readings of single kanji too; MeCab with UniDic is as good and larger.
"""

from functools import lru_cache

from igaku.corpus.sudachi import dictionary

LONGEST_WORD = 8
_VOICED = str.maketrans("カキクケコサシスセソタチツテトハヒフヘホ", "ガギグゲゴザジズゼゾダヂヅデドバビブベボ")
_HALF_VOICED = str.maketrans("ハヒフヘホ", "パピプペポ")
_TO_KATAKANA = {code: code + 0x60 for code in range(0x3041, 0x3097)}


def is_reading(kanji: str, kana: str) -> bool:
    """Whether ``kana`` (hiragana) may be how the last of ``kanji`` are read.

    Raises:
        IgakuError: sudachipy is not installed.
    """
    spoken = kana.translate(_TO_KATAKANA)
    return any(_gives(_written_out(kanji)[i:], spoken, False) for i in range(len(kanji)))


def _written_out(kanji: str) -> str:
    """々 as the kanji that it repeats."""
    return "".join(kanji[i - 1] if c == "々" and i else c for i, c in enumerate(kanji))


@lru_cache(maxsize=65536)
def _gives(kanji: str, kana: str, inside: bool) -> bool:
    if not kanji:
        return not kana
    for n in range(1, min(len(kanji), LONGEST_WORD) + 1):
        for sound in _sounds(kanji[:n], inside, n < len(kanji)):
            if kana.startswith(sound) and _gives(kanji[n:], kana[len(sound) :], True):
                return True
    return False


@lru_cache(maxsize=16384)
def _sounds(word: str, inside: bool, goes_on: bool) -> frozenset[str]:
    """A word's readings; ``inside`` a compound the first sound may be voiced, and before more the last one be ッ."""
    found = {m.reading_form() for m in dictionary().lookup(word)}
    if inside:
        found |= {r[:1].translate(table) + r[1:] for r in found for table in (_VOICED, _HALF_VOICED)}
    if goes_on:
        found |= {r[:-1] + "ッ" for r in found if len(r) > 1 and r[-1] in "クキツチ"}
    return frozenset(found - {""})
