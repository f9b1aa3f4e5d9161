"""Text in pieces that an encoder reads: sentences, with short ones and the lines of a list joined.

A question and a document are cut by the same rule, so that the pieces of a question that was translated or reworded
stand beside its own.
"""

import re

SHORTEST, LISTED, LONGEST = 60.0, 240.0, 600.0
"""Letters up to which a short sentence takes in the next one, up to which the lines of a list are joined, and beyond
which a sentence is cut. A kana or kanji counts as two and a half."""
WIDE = 2.5
_ENDS = re.compile(r"(?<=[。！？!?])(?![」』）)])|(?<=[.．])\s+(?=[A-Z(\d])|\n+")
_STOPS = re.compile(r"(?<=[、，,;；\s])")
_ENDED = re.compile(r"[。！？!?.．]\s*$")


def is_wide(text: str) -> bool:
    """Whether a text is in kana and kanji, up to names and numbers."""
    return 4 * sum(c > "\u2e7f" for c in text) > len(text)


def letters(text: str) -> float:
    """Its length, in which a kana or kanji counts as two and a half."""
    return len(text) + (WIDE - 1) * sum(c > "\u2e7f" for c in text)


def pieces(text: str) -> list[str]:
    """The pieces of a text in their order; blank ones are left out."""
    out: list[str] = []
    before = False
    sentences = (" ".join(s.split()) for s in _ENDS.split(text))
    for part in (p for s in sentences if s for p in _cut(s)):
        listed = not _ENDED.search(part) and letters(part) < SHORTEST
        if out and listed == before and letters(out[-1]) < (LISTED if listed else SHORTEST):
            out[-1] += " " + part
        else:
            out.append(part)
        before = listed
    return out


def _cut(sentence: str) -> list[str]:
    if letters(sentence) <= LONGEST:
        return [sentence]
    out = [""]
    for part in (p[i : i + 240] for p in _STOPS.split(sentence) for i in range(0, len(p), 240)):
        if letters(out[-1]) + letters(part) > LONGEST / 2:
            out.append("")
        out[-1] += part
    return [p for p in out if p.strip()]
