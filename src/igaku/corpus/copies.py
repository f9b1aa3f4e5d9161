"""Whether a later text adds nothing to an earlier one: only then is it dropped as a copy.

Package inserts, exam questions and findings share most of their characters and differ in what matters: a dose, a drug,
a side, a negation. So likeness alone never makes a copy. The later text must hold no sentence that the earlier one has
not, up to width, case, blanks, punctuation and a kana; or it must be the same text with reading errors (of OCR, of a
bad copy): characters of other scripts inside words, and the same numbers.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from igaku.corpus.clinical import DIRECTION, NEGATION, SIDE

_SENTENCE = re.compile(r"(?<=[。！？!?\n])|(?<=[^\W\d_a-zA-Z][.．])|(?<=[.．])\s+(?=[A-Z])")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_SIGN = r"(?<=\d)[.,/:^%](?=\d)|(?<=\d)[-–~〜%](?=\d)|[<>≤≥≦≧±+-](?=[\d.])|(?<=\d)%|(?<=[(（])[-+±](?=[)）])"
_DROPPED = re.compile(rf"(?!{_SIGN})[\W_]")
_TOKEN = re.compile(
    rf"(?:{NEGATION.pattern})|[<>≤≥≦≧±+-]?\d[\d.,/:^~%-]*|[<>≤≥≦≧±+-]"
    r"|[ァ-ヶー]+|[a-zα-ωа-я]+|[\u3400-\u9fff々]+|[가-힣]+",
    re.I,
)
_NUMBER = re.compile(r"\d+(?:[.,/:^]\d+)*")
_KANA = re.compile("[ぁ-ん]+")
_LETTERS = re.compile("[a-z]{3,4}")
ONE_KANA = 1
"""Hiragana in which two sentences may differ that name the same things."""
FEWEST_ERRORS, EVERY, LONGEST_ERROR = 6, 60, 4
"""Small differences from which a text is a bad copy, characters within which there is one, and how long they are."""
MOSTLY, SENSELESS = 0.7, 0.25
"""Share of all differences that are small, and that no writer makes: somebody who changes a drug, a dose or a side
changes a few words, and puts words of the same kind there."""
UNTOUCHED, READABLE, WHOLE_SENTENCE = 0.5, 65.0, 15
"""Share of a bad copy that stands in sentences without an error, at most; how far each other sentence of at least so
many characters agrees with the first text (rapidfuzz's partial ratio). In Latin letters another sentence in the place
of one differs by small pieces too, but only there, and it agrees with none."""


def plain_sentences(text: str) -> str:
    """A text's sentences, one a line, in one width and case, without blanks and punctuation but for those of numbers.

    1.5 is not 15, and (-) is not (+): the signs of numbers stay.
    """
    text = _THOUSANDS.sub("", unicodedata.normalize("NFKC", text)).replace("−", "-")
    return "\n".join(filter(None, (_DROPPED.sub("", part.lower()) for part in _SENTENCE.split(text))))


def adds_nothing(later: str, earlier: str) -> bool:
    """Whether a text says nothing that an earlier one, which is like it, does not say.

    Args:
        later: as ``plain_sentences`` gives it.
        earlier: likewise.
    """
    mine, others = Counter(later.split("\n")), Counter(earlier.split("\n"))
    if not (left := mine - others):
        return True
    return _same_things(left, others - mine) or _bad_copy(later, earlier)


def contains(longer: str, shorter: str) -> bool:
    """Whether each sentence of one text is in another."""
    return not Counter(shorter.split("\n")) - Counter(longer.split("\n"))


def same_facts(a: str, b: str) -> bool:
    """Whether two texts in other words have the same numbers, names, sides, directions and as many negations."""
    return _facts(a) == _facts(b)


def _facts(text: str) -> Counter[str]:
    text = unicodedata.normalize("NFKC", text).lower()
    found = Counter(m[0] for p in (_NUMBER, SIDE, DIRECTION) for m in p.finditer(text))
    found["negations"] = sum(1 for _ in NEGATION.finditer(text))
    return found + Counter(re.findall("[ァ-ヶー]{2,}|[a-zα-ω]{2,}", text))


def _same_things(mine: Counter[str], others: Counter[str]) -> bool:
    """Whether each sentence names the same things in the same order as one of the others, up to a kana."""
    free = Counter(others)
    known: dict[tuple[str, ...], list[str]] = {}
    for sentence in free:
        known.setdefault(_things(sentence), []).append(sentence)
    for sentence in mine.elements():
        alike = [o for o in known.get(_things(sentence), ()) if free[o] and _kana_distance(sentence, o) <= ONE_KANA]
        if not alike:
            return False
        free[alike[0]] -= 1
    return True


def _things(sentence: str) -> tuple[str, ...]:
    return tuple(m[0] for m in _TOKEN.finditer(sentence))


def _kana_distance(a: str, b: str) -> int:
    from rapidfuzz.distance import Levenshtein

    return Levenshtein.distance("".join(_KANA.findall(a)), "".join(_KANA.findall(b)), score_cutoff=ONE_KANA)


def _bad_copy(later: str, earlier: str) -> bool:
    """Whether a text is the other with reading errors: small ones, everywhere, of which many give no one's words."""
    found = list(_differences(earlier.replace("\n", ""), later.replace("\n", "")))
    small, errors = sum(d.small for d in found), sum(d.error for d in found)
    often = small >= max(FEWEST_ERRORS, len(earlier) / EVERY)
    seems = often and small >= MOSTLY * len(found) and errors >= SENSELESS * len(found)
    return seems and _read_badly(later, earlier)


def _read_badly(later: str, earlier: str) -> bool:
    """Whether errors stand in most sentences of a text, and none of these is another sentence."""
    from rapidfuzz.fuzz import partial_ratio

    known = Counter(earlier.split("\n"))
    left = list((Counter(later.split("\n")) - known).elements())
    untouched = len(later) - sum(map(len, left))
    whole = earlier.replace("\n", "")
    whole_ones = (s for s in left if len(s) >= WHOLE_SENTENCE)
    return untouched <= UNTOUCHED * len(later) and all(partial_ratio(s, whole) >= READABLE for s in whole_ones)


class _Difference(NamedTuple):
    small: bool
    error: bool
    """Characters that became another script, a hiragana within hiragana, a letter inside a word."""


def _differences(a: str, b: str) -> Iterator[_Difference]:
    from rapidfuzz.distance import Levenshtein

    for op in Levenshtein.opcodes(a, b):
        if op.tag == "equal":
            continue
        before, after = a[op.src_start : op.src_end], b[op.dest_start : op.dest_end]
        around = a[max(0, op.src_start - 2) : op.src_start] + a[op.src_end : op.src_end + 2]
        scripts = [(_script(x), _script(y)) for x, y in zip(before, after)]
        inside = bool(_LETTERS.fullmatch(around)) and len(before) <= 2 >= len(after)
        small = max(len(before), len(after)) <= LONGEST_ERROR
        yield _Difference(small, small and (inside or any(x != y or x == "kana" for x, y in scripts)))


def _script(character: str) -> str:
    if "ぁ" <= character <= "ん":
        return "kana"
    if "ァ" <= character <= "ー":
        return "katakana"
    if "\u3400" <= character <= "\u9fff":
        return "kanji"
    return "digit" if character.isdigit() else "other"
