"""What a grading method is, and what methods of several families share."""

from collections.abc import Callable
from typing import TypeAlias

from msgspec import Struct

from igaku.grading.letter import nothing
from igaku.grading.reply_text import clean
from igaku.question import Outcome, Question, Reply, RequestKind, Verdict

Grade: TypeAlias = Callable[[Question, Question, Reply], Verdict]
"""(question, question as shown to the model, reply) to verdict."""


class Method(Struct, frozen=True, kw_only=True):
    """One way to grade. ``register_method`` adds one of your own."""

    name: str
    kind: RequestKind
    """The kind of request whose reply it reads."""
    about: str
    """What counts as right, in one line."""
    title_ja: str = ""
    """The same in Japanese, for the tables in the documentation."""
    applies: Callable[[Question], bool]
    """Whether a question can be graded by it."""
    grade: Grade
    gold: Callable[[Question], str]
    """The gold answer as a reply's text (for ``text``); scores are made by ``gold_reply``."""
    needs_votes: bool = False
    """Whether it reads a judge's votes on the reply rather than the reply itself."""
    reads_refusals: bool = False
    """Whether a reply that the server withheld (a content filter) is for it to grade; else it is ``refused``."""
    sound: bool = True
    """False for published algorithms that are kept for comparison: they need not pass their own gold."""


def binary(right: bool, read: tuple[str, ...] = (), parts: dict[str, float] | None = None) -> Verdict:
    """Right or wrong, with nothing in between."""
    return Verdict(outcome="right" if right else "wrong", score=float(right), read=read, parts=parts or {})


def graded(score: float, read: tuple[str, ...] = (), parts: dict[str, float] | None = None) -> Verdict:
    """A score from 0 to 1: right at 1, partial above 0."""
    outcome: Outcome = "right" if score == 1 else "partial" if score else "wrong"
    return Verdict(outcome=outcome, score=score, read=read, parts=parts or {})


def unread(reply: Reply) -> Verdict:
    """Why nothing was read: cut inside its thinking or by the limit, refused, or not readable."""
    cleaned = clean(reply.answer.text)
    finish = "length" if cleaned.cut else reply.answer.finish
    return Verdict(outcome=nothing(cleaned.text, finish).outcome or "unparsed")


def has_letters(question: Question) -> bool:
    """Whether letters or a number answer it."""
    return question.key.in_letters


def is_choice(question: Question) -> bool:
    """Whether a set of its choices answers it."""
    return question.is_choice
