"""The table of grading methods, one file a family, and the one door through which others come in.

A method of your own is a ``Method`` given to ``register_method``, a name in a package's entry points
(``igaku.methods``), or ``my_method.py``: see docs/extending.md.
"""

import re
from typing import get_args

from msgspec.structs import replace

from igaku import plugins
from igaku.errors import IgakuError, UnknownNameError
from igaku.grading.abstention import abstains
from igaku.grading.methods import (
    clinicalbench,
    conduct,
    errors,
    fields,
    letters,
    likelihood,
    lists,
    mentions,
    option,
    pairs,
    published,
    rubric,
    spans,
    translation,
    words,
    writing,
)
from igaku.grading.methods.method import Method
from igaku.grading.rubric import gold_vote
from igaku.grading.words import choice_words
from igaku.keys import Key, rubric_of
from igaku.question import Answer, Question, Reply, RequestKind, Verdict

__all__ = ["BUILTIN", "METHODS", "VERSION", "Method", "as_presented", "gold_reply", "grade_one", "register_method"]

VERSION = "3"
"""Raised whenever a grader may give a stored reply another verdict; it is written beside every verdict."""

BUILTIN = tuple(
    method
    for family in (
        letters,
        likelihood,
        words,
        lists,
        pairs,
        translation,
        errors,
        mentions,
        rubric,
        conduct,
        published,
        option,
        fields,
        spans,
        writing,
        clinicalbench,
    )
    for method in family.METHODS
)


class _Methods(dict[str, Method]):
    """Methods by name; a name that is missing is looked for in the entry points of installed packages."""

    def __missing__(self, name: str) -> Method:
        method = plugins.resolve("method", name, dict.fromkeys(self, ""), "(or give a .py file of your own)")
        if not isinstance(method, Method):
            raise IgakuError(f"method {name}: expected a Method, got {type(method).__name__}")
        if plugins.is_name(name) and method.name != name:
            raise IgakuError(f"method {name}: its package calls it {method.name!r}; give both the same name")
        return self.get(method.name) or register_method(method)

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or any(e.name == name for e in plugins.installed("method"))


METHODS: dict[str, Method] = _Methods((m.name, m) for m in BUILTIN)


def register_method(method: Method) -> Method:
    """Add a method, for ``evaluate``, ``Run.grade`` and every command of this process.

    Processes that grade in parallel receive it too: its functions are best defined at the top level of a module.

    Raises:
        IgakuError: the name already exists or cannot be typed after ``--method``, or the kind of request is unknown.
    """
    kinds = [k for k in get_args(RequestKind) if k != "tokens"]
    if dict.__contains__(METHODS, method.name):
        raise IgakuError(f"method {method.name!r} already exists; give yours another name")
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", method.name):
        raise IgakuError(f"method {method.name!r}: a name holds lower-case letters, digits, '-' and '_' only")
    if method.kind not in kinds:
        raise UnknownNameError(f"kind of request in method {method.name!r}:", str(method.kind), kinds)
    METHODS[method.name] = method
    return method


def grade_one(method: Method, question: Question, reply: Reply | None) -> Verdict:
    """One verdict; what is void, not applicable or failed is settled before the method's own reading."""
    if question.void == "unless-right":
        verdict = grade_one(method, replace(question, void=""), reply) if reply is not None else Verdict(outcome="void")
        return verdict if verdict.right else Verdict(outcome="void", read=verdict.read)
    if question.void:
        return Verdict(outcome="void", score=1.0 if question.void == "everybody" else 0.0)
    if not method.applies(question):
        return Verdict(outcome="not_applicable")
    if reply is None:
        raise ValueError(f"no reply to {question.id}")
    finish = reply.answer.finish
    if finish == "overlong" or (finish == "refused" and not method.reads_refusals):
        return Verdict(outcome=finish)
    if finish == "error":
        return Verdict(outcome="engine_error")
    shown = as_presented(question, reply.permutation)
    if _may_abstain(method, question, reply) and abstains(reply.answer.text, shown, finish):
        return Verdict(outcome="abstained")
    return method.grade(question, shown, reply)


def _may_abstain(method: Method, question: Question, reply: Reply) -> bool:
    """Whether the prompt offered it, and a sound method reads the reply itself."""
    reads = reply.kind == method.kind == "text" and method.sound and not method.needs_votes
    return reads and reply.penalty is not None and question.key.in_letters


def as_presented(question: Question, permutation: tuple[int, ...]) -> Question:
    """The question with its choices in the order in which the model saw them."""
    if not permutation:
        return question
    return replace(question, choices=tuple(question.choices[i] for i in permutation))


def gold_reply(method: Method, question: Question, right: bool = True) -> Reply:
    """A reply that gives the gold answer, or one that gives a wrong one; used to check that gold passes its grader."""
    q = question if right else replace(question, key=_wrong(question))
    if method.kind == "text":
        answer = Answer(text=method.gold(q))
    else:
        n = len(q.choices) if q.right else 0
        answer = Answer(logprobs=tuple(-1.0 if i in q.right else -9e9 for i in range(n)), tokens=(1,) * n)
    votes = (gold_vote(rubric_of(question), right),) if method.needs_votes else ()
    return Reply(key="", model="gold", bench="", lang=q.lang, id=q.id, kind=method.kind, answer=answer, votes=votes)


def _wrong(question: Question) -> Key:
    return question.key.wrong(choice_words(question.choices))
