"""What a medical text speaks of, whatever its words and its language: terms, numbers, abbreviations, names by sound.

Terms are in ``terms.txt``, a list of our own: on each line what Japanese texts write (lay words too), ``=``, and the
English words; ``hepat*`` is how words begin, ``mass`` is this word and its forms (masses) and not massive. A name in
katakana meets its English spelling by its consonants (``sounds``). What many questions speak of weighs little.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import cache, lru_cache
from math import log
from pathlib import Path

from igaku.corpus.pieces import is_wide
from igaku.corpus.sounds import sound

LEAST = 8.0
"""Weight below which a text speaks of too little to compare: shares are of at least this."""
ONLY_ENGLISH = "ws"
"""Kinds of which English texts have many that no Japanese text can have: words, and the sounds of words."""
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_KATAKANA = re.compile("[ァ-ヶー]{3,}")
_LATIN = re.compile(r"[A-Za-z][A-Za-z0-9]+")
Terms = frozenset[str]
"""Each as a letter for its kind and what it is: t term, n number, l abbreviation or name, w word, s sound."""


@lru_cache(maxsize=16384)
def terms(text: str) -> Terms:
    """What a text speaks of."""
    text = unicodedata.normalize("NFKC", text)
    listed, pattern = _list()
    found = {listed[m[1] or m[0]] for m in pattern.finditer(text.lower())}
    found |= {f"n{n}" for n in _NUMBER.findall(text.replace(",", ""))}
    found |= {f"s{s}" for w in _KATAKANA.findall(text) if (s := sound(w))}
    wide = is_wide(text)
    for word in _LATIN.findall(text):
        if word[1:] != word[1:].lower():
            found.add(f"l{word.lower()}")
        elif len(word) >= 5:
            found |= {f"{'l' if wide else 'w'}{word.lower()}"} | ({f"s{s}"} if (s := sound(word)) else set())
    return frozenset(found)


class Weights:
    """How much a term says: little where many texts speak of it."""

    def __init__(self, texts: Iterable[str]) -> None:
        every = [terms(t) for t in texts]
        self._in = Counter(term for one in every for term in one)
        self._all = len(every)

    def shared(self, first: str, second: str) -> float:
        """How much of what two texts speak of both do, by weight: the smaller share of the two, from 0 to 1.

        Between two languages, words of the English one prove nothing by their absence.
        """
        a, b = _comparable(terms(first), terms(second), is_wide(first), is_wide(second))
        both = self._weight(a & b)
        return both / max(LEAST, self._weight(a), self._weight(b))

    def _weight(self, found: Terms) -> float:
        return sum(log((self._all + 1) / (self._in[term] + 0.5)) for term in found)


def _comparable(a: Terms, b: Terms, a_wide: bool, b_wide: bool) -> tuple[Terms, Terms]:
    """The terms of two texts that can be compared; a Latin name inside Japanese meets the English word."""
    a, b = _named(a, b), _named(b, a)
    if a_wide == b_wide:
        return (a, b) if a_wide else (_without(a, "w", Terms()), _without(b, "w", Terms()))
    return (a, _without(b, ONLY_ENGLISH, a)) if a_wide else (_without(a, ONLY_ENGLISH, b), b)


def _named(found: Terms, other: Terms) -> Terms:
    return frozenset(f"l{t[1:]}" if t[0] == "w" and f"l{t[1:]}" in other else t for t in found)


def _without(found: Terms, kinds: str, but: Terms) -> Terms:
    return frozenset(t for t in found if t[0] not in kinds or t in but)


@cache
def _list() -> tuple[dict[str, str], re.Pattern[str]]:
    """What is written, in lower case -> its term; and a pattern of all, with English words in its first group."""
    listed: dict[str, str] = {}
    for n, line in enumerate(Path(__file__).with_name("terms.txt").read_text(encoding="utf-8").splitlines()):
        for written in re.split("[、=]", line.lower()):
            listed.setdefault(written, f"t{n}")
    ordered = sorted(listed, key=len, reverse=True)
    japanese = "|".join(re.escape(w) for w in ordered if not w.isascii())
    english = "|".join(_english(w) for w in ordered if w.isascii())
    return {w.removesuffix("*"): term for w, term in listed.items()}, re.compile(rf"{japanese}|\b({english})")


def _english(written: str) -> str:
    """A pattern for one entry: all that begins so, or the word; forms stand behind it and not in it."""
    if written.endswith("*"):
        return re.escape(written[:-1])
    return rf"{re.escape(written)}(?=(?:s|es|d|ed|ing)?\b)"
