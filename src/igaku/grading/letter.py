"""letter: which choices does a reply finally name?

docs/methods.md says in words how an answer is read; ``igaku.grading.reading`` does it. It never guesses: what is not
found is ``unparsed`` (or ``refused``, ``truncated``).
"""

import re
from functools import lru_cache
from typing import NamedTuple

from igaku.grading.number import NUMBER, unsigned
from igaku.grading.reading.decide import read_choices
from igaku.grading.reading.plain import CIRCLED, plain
from igaku.grading.reading.quantity import read_quantity
from igaku.grading.reply_text import clean, is_refusal, sections, spoken
from igaku.grading.scale import is_scale, read_scale
from igaku.grading.words import choice_words
from igaku.io.patterns import lazy
from igaku.question import LETTERS, Number, Outcome, Question


class Read(NamedTuple):
    """What was read: positions in the order named (or a number), or why nothing was; and the rule that read it."""

    positions: tuple[int, ...] = ()
    number: str = ""
    outcome: Outcome | None = None
    rule: str = ""


@lru_cache(maxsize=256)
def read_letters(reply: str, question: Question, finish: str = "stop") -> Read:
    """The answer of one reply to one question; positions in the order that was shown to the model."""
    body = spoken(reply)
    if body.cut:
        return Read(outcome="truncated")
    cut, text = finish == "length", plain(body.text)
    if isinstance(question.key, Number):
        number, rule = read_quantity(sections(text)[0], question.stem, cut)
        return Read(number=number, rule=rule) if number else nothing(text, finish)
    if not text.strip() or not question.choices or len(question.choices) > len(LETTERS):
        return nothing(text, finish)
    words = choice_words(question.choices)
    if is_scale(words) and not any(c in CIRCLED for choice in question.choices for c in choice):
        step = read_scale(clean(reply).text, words)
        if step or not _LETTER.search(text):
            return Read(positions=step, rule="scale") if step else nothing(text, finish)
    for section in sections(text):
        found = read_choices(section, question, cut)
        if found.positions:
            return Read(positions=found.positions, rule=found.rule)
        if found.unsure:
            break
    return nothing(text, finish)


_LETTER = lazy(r"(?<![A-Za-z])[A-Ja-j](?![A-Za-z])")
_ONLY = lazy(r"[a-z](?:[,、・/ ]*[a-z])*")


def read_letters_only(reply: str, question: Question, finish: str = "stop") -> Read:
    """As ``read_letters`` for a protocol that asks for nothing but letters (or a number): any other word fails it.

    Width, case, blanks and the separator between letters do not matter: ``a, c`` is ``a,c``. IgakuQA's published
    replies were asked for in this way; ``letter-lenient`` reads their prose as well.
    """
    cleaned = clean(reply)
    text = cleaned.text.lower()
    if not cleaned.cut and isinstance(question.key, Number) and NUMBER.fullmatch(text):
        return Read(number=unsigned(text))
    if not cleaned.cut and question.choices and _ONLY.fullmatch(text):
        positions = tuple(dict.fromkeys(LETTERS.index(c) for c in re.findall("[a-z]", text)))
        if max(positions) < len(question.choices):
            return Read(positions=positions)
    return Read(outcome="truncated") if cleaned.cut else nothing(cleaned.text, finish)


def nothing(text: str, finish: str) -> Read:
    """Why no answer was read: refused, cut off, or not to be read."""
    if text and is_refusal(text):
        return Read(outcome="refused")
    return Read(outcome="truncated" if finish == "length" else "unparsed")
