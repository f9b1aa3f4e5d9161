"""Medical text in one form: characters, readings, running heads, references, broken lines.

Nothing inside a sentence is deleted unless it is shown to be markup, a reading that a dictionary has, or a citation.
What was taken out is listed by the rule that did it.
"""

import re
from collections import Counter
from typing import NamedTuple

from igaku.corpus.characters import characters
from igaku.corpus.clinical import Tokens, clinical
from igaku.corpus.control import broken_up
from igaku.corpus.layout import lines_joined, strip_running_heads
from igaku.corpus.readings import is_reading
from igaku.corpus.references import without_references
from igaku.corpus.removed import Removed

_RUBY_HTML = re.compile(r"<ruby>(.*?)</ruby>", re.S)
_RT = re.compile(r"<rp>.*?</rp>|<rt>(.*?)</rt>|</?rb>", re.S)
_READING = re.compile(r"(｜?)([\u3400-\u9fff々]{1,8})([（(《])([\u3041-\u309fー]{2,16})[）)》]")


def normalize(text: str) -> str:
    """The text in its one form; doing it twice changes nothing more.

    Raises:
        IgakuError: it holds kana in brackets after kanji, and sudachipy, which knows readings, is not installed.
    """
    return normalized(text).text


class Normalized(NamedTuple):
    """A text in its one form."""

    text: str
    removed: list[Removed]
    """What was taken out of it."""
    lost: Tokens
    """Negations, numbers, sides, directions and names that are gone without a rule for whole marks or lines."""
    control: int = 0
    """Control tokens of language models that were broken up."""


def normalized(text: str) -> Normalized:
    """The text in its one form, what was taken out, and what is gone though it carries clinical meaning."""
    removed: list[Removed] = []
    before, control = broken_up(characters(text))
    after = without_references(strip_running_heads(without_readings(before, removed), removed), removed)
    lost: Tokens = Counter()
    if removed:
        meant = (clinical(r.text) for r in removed if r.rule != "reading")
        lost = clinical(before) - clinical(after) - sum(meant, Counter())
    return Normalized(lines_joined(after), removed, lost, len(control))


def without_readings(text: str, removed: list[Removed]) -> str:
    """Strip readings beside kanji: 心窩部（しんかぶ）, HTML's ruby, 《》; other kana in brackets are kept."""

    def ruby(m: re.Match[str]) -> str:
        removed.extend(Removed("reading", rt[1]) for rt in _RT.finditer(m[1]) if rt[1])
        return _RT.sub("", m[1])

    def reading(m: re.Match[str]) -> str:
        if not is_reading(m[2], m[4]):
            return m[0]
        removed.append(Removed("reading", m[0]))
        return m[2]

    if "<ruby>" in text:
        text = _RUBY_HTML.sub(ruby, text)
    return _READING.sub(reading, text)
