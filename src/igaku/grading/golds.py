"""Promise 1: gold passes its own grader; a wrong answer and an empty reply never do."""

from collections.abc import Sequence
from typing import Any

from igaku.grading.methods import METHODS, Method, gold_reply, grade_one
from igaku.question import Answer, Question, Reply


def check_golds(questions: Sequence[Question]) -> list[list[Any]]:
    """One row a sound method that applies: name, questions it applies to, gold right, wrong passed, empty passed, void, first failure."""
    sound = [m for m in METHODS.values() if m.sound]
    return [_row(m, questions) for m in sound if any(m.applies(q) for q in questions)]


def _row(method: Method, questions: Sequence[Question]) -> list[Any]:
    mine = [q for q in questions if not q.void and method.applies(q)]
    failed = [q for q in mine if not grade_one(method, q, gold_reply(method, q)).right]
    passed = [q for q in mine if grade_one(method, q, gold_reply(method, q, right=False)).right]
    empty = [q for q in mine if grade_one(method, q, _empty(method, q)).outcome not in ("unparsed", "engine_error")]
    first = next((q.id for q in (*failed, *passed, *empty)), "")
    return [
        method.name,
        len(mine),
        len(mine) - len(failed),
        len(passed),
        len(empty),
        sum(bool(q.void) for q in questions),
        first,
    ]


def _empty(method: Method, q: Question) -> Reply:
    return Reply(key="", model="", bench="", lang=q.lang, id=q.id, kind=method.kind, answer=Answer())
