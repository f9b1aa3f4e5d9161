"""What a right answer is: one file a key type, with its text, its faults, its chance and a wrong answer.

A new kind of answer is one file here (and its name in ``Key``), a grading method in ``igaku.grading.methods`` and an
aggregator in ``igaku.statistics.aggregate``; nothing else in the package asks of what type a key is.
"""

from collections.abc import Sequence

from igaku.keys.base import LETTERS, KeyBase, QuestionLike
from igaku.keys.choices import Choices
from igaku.keys.conduct import Conduct
from igaku.keys.number import Number
from igaku.keys.ordering import Ordering
from igaku.keys.pairs import Pairs
from igaku.keys.rubric import Point, Rubric, rubric_of
from igaku.keys.terms import Terms
from igaku.keys.text import Text
from igaku.keys.translation import Translation

Key = Choices | Ordering | Number | Text | Terms | Pairs | Rubric | Translation | Conduct

FROM_ROWS = (Conduct, Rubric, Choices, Number)
"""The kinds of key that a row of a user's own file may hold, in the order in which they are tried."""

__all__ = [
    "FROM_ROWS",
    "LETTERS",
    "Choices",
    "Conduct",
    "Key",
    "KeyBase",
    "Number",
    "Ordering",
    "Pairs",
    "Point",
    "Rubric",
    "Terms",
    "Text",
    "Translation",
    "gold_letters",
    "gold_text",
    "rubric_of",
]


def gold_text(question: QuestionLike) -> str:
    """The (first accepted) right answer in words, one choice a line; a number stays a number."""
    return question.key.gold_text(question)


def gold_letters(question: QuestionLike, labels: Sequence[str] | None = None) -> str:
    """The (first accepted) right answer in letters: ``a, c``; a number stays a number."""
    return question.key.gold_letters(question, labels or question.letters)
