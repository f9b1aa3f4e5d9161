"""What is wrong with a benchmark or its questions, found before anybody is asked; and what is in it."""

import re
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

import msgspec

from igaku.errors import IgakuError
from igaku.question import LETTERS, Choices, Question

LANGUAGES = ("ja", "en", "zh")


def check(questions: Sequence[Question], label: str) -> None:
    """Refuse what cannot be graded: no questions, duplicate ids, empty stems or choices, keys outside the choices.

    Raises:
        IgakuError: the first fault, with the benchmark and the question.
    """
    if not questions:
        raise IgakuError(f"{label}: no questions in it")
    twice = [name for name, n in Counter(q.id for q in questions).items() if n > 1]
    if twice:
        raise IgakuError(f"{label}: id {twice[0]!r} is used more than once ({len(twice)} such ids); make ids unique")
    earlier: set[str] = set()
    for q in questions:
        if problem := _problem(q):
            raise IgakuError(f"{label}, question {q.id}: {problem}")
        if q.after and q.after not in earlier:
            raise IgakuError(f"{label}, question {q.id}: it comes after {q.after!r}, which is no question before it")
        earlier.add(q.id)


def _problem(q: Question) -> str:
    n = len(q.choices)
    if not q.stem.strip():
        return "the stem is empty"
    if any(not c.strip() for c in q.choices):
        return "a choice is empty"
    if n > len(LETTERS):
        return f"{n} choices are more than the {len(LETTERS)} letters"
    if q.void and q.key == Choices(()):
        return ""
    if problem := q.key.problem(q):
        return problem
    if any(not 0 <= i < n for i in q.prohibited):
        return f"a prohibited choice is beyond its {n} choices"
    if not 0 <= q.points < float("inf"):
        return f"points must be 0 or more, got {q.points}"
    return ""


def declared(cls: type, where: str, taken: Sequence[str]) -> None:
    """Refuse a class of the user's that does not say what a benchmark must say.

    Raises:
        IgakuError: the first fault, with where the class was found.
    """
    name, languages = getattr(cls, "name", ""), getattr(cls, "languages", ())
    if not isinstance(name, str) or not re.fullmatch(r"[a-z0-9][a-z0-9_]*", name):
        raise IgakuError(
            f"{where}: class {cls.__name__} needs a name of lower-case letters, digits and '_' "
            f'(name = "my_exam"), got {name!r}'
        )
    if name in taken:
        raise IgakuError(f"{where}: {name!r} is the name of a benchmark of igaku; give yours another name")
    if not isinstance(languages, tuple) or not languages or not set(languages) <= set(LANGUAGES):
        raise IgakuError(f'{where}: languages must be a tuple out of ja, en, zh (("ja",)), got {languages!r}')


def collected(questions: Callable[[str], Iterable[object]], label: str, lang: str) -> list[Question]:
    """The questions of a class of the user's, each field of the right type (a list is taken for a tuple).

    Raises:
        IgakuError: its ``questions`` fails (with the line), or yields something else than questions of this language.
    """
    try:
        found: list[object] = list(questions(lang))
    except IgakuError:
        raise
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        raise IgakuError(
            f"{label}: questions({lang!r}) fails: {type(error).__name__}: {error} ({last.filename}, line {last.lineno})"
        ) from error
    return [_typed(q, f"{label}, question {i} of {lang}", lang) for i, q in enumerate(found, 1)]


def _typed(given: object, where: str, lang: str) -> Question:
    if not isinstance(given, Question):
        raise IgakuError(f"{where}: expected an igaku.Question, got {type(given).__name__}")
    try:
        q = msgspec.convert(msgspec.to_builtins(given), Question)
    except (msgspec.ValidationError, TypeError) as error:
        raise IgakuError(f"{where}: {error}") from None
    if q.lang != lang:
        raise IgakuError(f"{where}: expected lang={lang!r}, got {q.lang!r}")
    return q


def facts(questions: Sequence[Question]) -> dict[str, int | str]:
    """What ``igaku bench show`` says of the questions of one language."""
    counts = Counter(name for q in questions for name in q.key.facts())
    kinds = dict.fromkeys(("single", "several", "alternatives", "numeric", *counts))
    sizes = [len(q.choices) for q in questions if q.choices]
    return {
        "questions": len(questions),
        "text only": sum(q.text_only for q in questions),
        **{name: counts[name] for name in kinds},
        "void": sum(bool(q.void) for q in questions),
        "choices": f"{min(sizes)}–{max(sizes)}" if sizes else "",
        "points": f"{sum(q.points for q in questions):g}",
        "prohibited": sum(bool(q.prohibited) for q in questions),
        "linked": sum(bool(q.group) for q in questions),
    }
