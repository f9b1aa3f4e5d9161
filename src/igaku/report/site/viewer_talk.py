"""Conversations as the viewer shows them: the turns before a reply, in order, each with who speaks.

A turn is a question of its own (``igaku.runs.turns``); what the model replied before it is that model's own, so that
the turns before a later turn are a respondent's, and those that are scripted on both sides are the question's.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping

from msgspec import Struct

from igaku.grading import Graded
from igaku.question import Question
from igaku.report.site.viewer_rows import verdict_code
from igaku.runs.turns import SILENCE, reply_words

LONGEST = 200
"""Turns of one conversation that are shown; a file may hold any number, or turns in a circle."""


class TurnRow(Struct, array_like=True):
    """One turn."""

    speaker: str
    """``user``, ``assistant``, ``system``, or the file's own word."""
    text: int
    """Index among the chunk's texts."""
    code: str = ""
    """The verdict on a reply that was graded as a turn of its own."""


def threads(questions: Mapping[str, Question]) -> dict[str, list[str]]:
    """The ids of all turns of the conversation that a question belongs to, in order; none for a question alone.

    Where two turns follow one, the conversation ends there for those before, and each of the two has its own.
    """
    following: dict[str, list[str]] = defaultdict(list)
    for q in questions.values():
        if q.after in questions:
            following[q.after].append(q.id)
    linked = [q for q in questions.values() if q.after in questions or q.id in following]
    return {q.id: [*(e.id for e in earlier_turns(q, questions)), q.id, *_later(q.id, following)] for q in linked}


def earlier_turns(question: Question, questions: Mapping[str, Question]) -> list[Question]:
    """The turns that a question comes after, the first one first."""
    found = {question.id: question}
    while (before := questions.get(question.after)) and before.id not in found and len(found) < LONGEST:
        found[before.id] = question = before
    return list(found.values())[:0:-1]


def _later(name: str, following: Mapping[str, list[str]]) -> list[str]:
    found = {name: None}
    while len(after := following.get(name, [])) == 1 and after[0] not in found and len(found) < LONGEST:
        name = after[0]
        found[name] = None
    return list(found)[1:]


def turns(
    question: Question, questions: Mapping[str, Question], by_id: Mapping[str, Graded], index: Callable[[str], int]
) -> list[TurnRow]:
    """What was exchanged before the reply to a question, that question last.

    Args:
        question: a turn.
        questions: those of the benchmark by id.
        by_id: the respondent's verdicts, whose replies stand between; none for what is scripted on both sides.
        index: number of a text in the chunk.
    """
    return [
        TurnRow(who, index(text), code)
        for q in [*earlier_turns(question, questions), question]
        for who, text, code in _turn(q, by_id.get(q.id) if q is not question else None, q is question)
    ]


def _turn(q: Question, graded: Graded | None, last: bool) -> Iterator[tuple[str, str, str]]:
    yield from ((m.role, m.content, "") for m in q.conversation)
    yield "user", q.stem, ""
    if not last:
        words = reply_words(graded.reply) if graded and graded.reply else SILENCE.get(q.lang, SILENCE["en"])
        yield "assistant", words, verdict_code(graded) if graded else ""
