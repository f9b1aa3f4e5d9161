"""What every benchmark file stands on: the class, readers whose errors carry file, line and field, checks."""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import ClassVar

from igaku.errors import IgakuError, UnknownNameError
from igaku.io.paths import find_data
from igaku.question import LETTERS, Choices, Number, Question

LOST = "（設問文は元のファイルで欠けている。）"
"""What stands in place of a stem that upstream's file has lost: the question is asked, not dropped."""


class Benchmark:
    """A benchmark yields questions and nothing else. Subclasses fill in the class variables and ``questions``."""

    name: ClassVar[str]
    title: ClassVar[str]
    languages: ClassVar[tuple[str, ...]]
    licence: ClassVar[str]
    upstream: ClassVar[str]
    """Where the files come from, as a person would look it up."""
    slices: ClassVar[tuple[str, ...]] = ()
    """Parts with a name of their own, such as years: ``igakuqa-2018``."""
    aggregate: str = "accuracy"
    """The aggregator in ``igaku.statistics`` that turns its verdicts into its score."""
    prompt: str = "standard"
    """The template used where the user names none."""
    method: str = "letter"
    """The grading method used where the user names none."""
    scored_by_slice: ClassVar[bool] = False
    """Whether its slices are scored in different ways, so that the whole is asked as its slices."""

    def __init__(self, part: str = "") -> None:
        self.part = part

    @property
    def label(self) -> str:
        """The name under which its replies are kept: ``igakuqa`` or ``igakuqa-2018``."""
        return f"{self.name}-{self.part}" if self.part else self.name

    def files(self, lang: str) -> list[str]:
        """The data files of one language, relative to the data folder."""
        raise NotImplementedError

    def questions(self, lang: str) -> Iterator[Question]:
        """Yield the questions of one language in the exam's own order."""
        raise NotImplementedError

    def explanations(self, lang: str) -> dict[str, str]:
        """Question id -> why its key is right, where the source says so. Never shown in an evaluation: text for training where the year is open."""
        return {}

    def load(self, lang: str | None = None) -> list[Question]:
        """The checked questions of one language (its first one if none is given).

        Raises:
            IgakuError: a file is missing or malformed; the line says which, where, and what to do.
        """
        lang = lang or self.languages[0]
        if lang not in self.languages:
            raise UnknownNameError(f"language of {self.name}", lang, self.languages)
        questions = list(self.questions(lang))
        check(questions, self.label)
        return questions

    def path(self, relative: str) -> Path:
        """The full path of one data file, or the one line that says how to get it."""
        found = find_data(relative)
        if found is None:
            raise IgakuError(
                f"{self.name}: data file {relative} is not here; get it with: igaku data get {self.name} "
                "(or set IGAKU_DATA to a folder that holds it)"
            )
        return found


def letter_key(answer: Iterable[str], n_choices: int) -> Choices | Number | None:
    """The key of an answer given as letters (``["a", "c"]``, ``["a or d"]``) or, without choices, as a number.

    None where the answer is no letter of the choices (such as "NA"): the caller marks the question ``no-key``.
    """
    answer = [a for a in answer if str(a).strip(" ,、")]
    if not answer:
        return None
    if n_choices == 0:
        return Number.parsed(answer)
    alternatives = answer[0].split(" or ") if len(answer) == 1 else ["".join(answer)]
    valid = LETTERS[:n_choices]
    if not all(a and set(a) <= set(valid) for a in alternatives):
        return None
    return Choices.letters(*alternatives)


def lettered(choices: Iterable[str]) -> tuple[str, ...]:
    """Choices with each blank one shown as its full-width letter (a table in the stem holds their content)."""
    return tuple(c if c.strip() else chr(ord("ａ") + i) for i, c in enumerate(choices))


def check(questions: list[Question], label: str) -> None:
    """Refuse what cannot be graded: no questions, duplicate ids, empty stems or choices, keys outside the choices."""
    if not questions:
        raise IgakuError(f"{label}: no questions in it")
    twice = [name for name, n in Counter(q.id for q in questions).items() if n > 1]
    if twice:
        raise IgakuError(f"{label}: id {twice[0]!r} is used more than once ({len(twice)} such ids); make ids unique")
    for q in questions:
        problem = _problem(q)
        if problem:
            raise IgakuError(f"{label}, question {q.id}: {problem}")


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
    if any(i >= n for i in q.prohibited):
        return f"a prohibited choice is beyond its {n} choices"
    if not 0 <= q.points < float("inf"):
        return f"points must be 0 or more, found {q.points}"
    return ""
