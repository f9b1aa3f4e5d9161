"""Promise 1: gold passes its own grader; a wrong answer and an empty reply never do."""

from collections.abc import Sequence
from typing import NamedTuple

from igaku.grading.methods import METHODS, gold_reply, grade_one
from igaku.grading.methods.method import Method
from igaku.question import Answer, Question, Reply


class GoldCheck(NamedTuple):
    """One sound method on the questions to which it applies; void questions are left out."""

    method: str
    applies: int
    gold_right: int
    wrong_passed: int
    empty_passed: int
    void: int
    first_failure: str
    """Id of the first question that fails; empty where none does."""
    faults: list[str]
    """A line for each failing question: its id and what is wrong."""

    @property
    def numbers(self) -> list[str | int]:
        """The row of the table."""
        return [
            self.method,
            self.applies,
            self.gold_right,
            self.wrong_passed,
            self.empty_passed,
            self.void,
            self.first_failure,
        ]


COLUMNS = ("method", "applies", "gold right", "wrong passed", "empty passed", "void", "first failure")


def check_golds(questions: Sequence[Question]) -> list[GoldCheck]:
    """One check per sound method that applies to any of the questions."""
    sound = [m for m in METHODS.values() if m.sound]
    return [_check(m, questions) for m in sound if any(m.applies(q) for q in questions)]


def _check(method: Method, questions: Sequence[Question]) -> GoldCheck:
    mine = [q for q in questions if not q.void and method.applies(q)]
    gold = {q.id: fault for q in mine if (fault := _gold_fault(method, q))}
    wrong = {q.id: fault for q in mine if (fault := _wrong_fault(method, q))}
    empty = {q.id: fault for q in mine if (fault := _empty_fault(method, q))}
    return GoldCheck(
        method=method.name,
        applies=len(mine),
        gold_right=len(mine) - len(gold),
        wrong_passed=len(wrong),
        empty_passed=len(empty),
        void=sum(bool(q.void) for q in questions),
        first_failure=next(iter((*gold, *wrong, *empty)), ""),
        faults=[f"question {id}: {fault}" for found in (gold, wrong, empty) for id, fault in found.items()],
    )


def _gold_fault(method: Method, q: Question) -> str:
    reply = gold_reply(method, q)
    verdict = grade_one(method, q, reply)
    if verdict.right:
        return ""
    read = f" (read: {', '.join(verdict.read)})" if verdict.read else ""
    return f"its gold answer {_short(reply)} is {verdict.outcome}{read}; correct the key or the choices"


def _wrong_fault(method: Method, q: Question) -> str:
    reply = gold_reply(method, q, right=False)
    return f"the wrong answer {_short(reply)} is graded right" if grade_one(method, q, reply).right else ""


def _empty_fault(method: Method, q: Question) -> str:
    reply = Reply(key="", model="", bench="", lang=q.lang, id=q.id, kind=method.kind, answer=Answer())
    outcome = grade_one(method, q, reply).outcome
    return "" if outcome in ("unparsed", "engine_error") else f"an empty reply is {outcome}, expected unparsed"


def _short(reply: Reply) -> str:
    return repr(reply.answer.text if len(reply.answer.text) <= 60 else f"{reply.answer.text[:60]}…")
