"""The key of a multiple-choice question."""

from collections.abc import Mapping, Sequence
from math import comb

from igaku.errors import IgakuError
from igaku.io.rows import need
from igaku.keys.base import LETTERS, KeyBase, QuestionLike
from igaku.keys.written import Unreadable, named_choices


class Choices(KeyBase, frozen=True, tag="choices"):
    """The key of a multiple-choice question: each accepted answer is a sorted tuple of 0-based positions.

    ``accepted=((0,), (3,))`` says "a, or d" (112B30); ``((1, 4),)`` says "b and e, both and no other".
    """

    in_letters = True

    accepted: tuple[tuple[int, ...], ...]

    @classmethod
    def letters(cls, *answers: str) -> "Choices":
        """``Choices.letters("ac")`` is a-and-c; ``Choices.letters("a", "d")`` is a-or-d."""
        return cls(tuple(tuple(sorted(LETTERS.index(c) for c in answer)) for answer in answers))

    @property
    def choice_sets(self) -> tuple[tuple[int, ...], ...]:
        """The accepted answers."""
        return self.accepted

    def accepts(self, positions: tuple[int, ...]) -> bool:
        """In any order."""
        return tuple(sorted(positions)) in self.accepted

    def text(self) -> str:
        """``a c`` for both, alternatives with a slash."""
        return " / ".join(" ".join(LETTERS[i] for i in answer) for answer in self.accepted)

    @property
    def first(self) -> tuple[int, ...]:
        """The first accepted answer; () where none is."""
        return next(iter(self.accepted), ())

    def gold_text(self, question: QuestionLike) -> str:
        """The words of the right choices, one a line."""
        return "\n".join(" ".join(question.choices[i].split()) for i in self.first)

    def gold_letters(self, question: QuestionLike, labels: Sequence[str]) -> str:
        """``a, c``."""
        return ", ".join(labels[i] for i in self.first)

    def wrong(self, words: Sequence[str]) -> "Choices":
        """As many choices, with other words; one choice fewer where every set of that size is right."""
        accepted = [sorted(words[i] for i in a) for a in self.accepted]
        size = len(self.accepted[0])
        for start in range(len(words)):
            other = tuple(sorted((start + j) % len(words) for j in range(size)))
            if sorted(words[i] for i in other) not in accepted:
                return Choices((other,))
        return Choices((tuple(range(size - 1)),))

    def problem(self, question: QuestionLike) -> str:
        """No answer at all, or a choice that does not exist."""
        n = len(question.choices)
        if not self.accepted or any(not a for a in self.accepted):
            return "the key is empty"
        if any(not 0 <= i < n for a in self.accepted for i in a):
            return f"the key names a choice beyond its {n} choices"
        return ""

    def chance(self, question: QuestionLike) -> float:
        """Of k choices where the stem says k, of one where one is right, else of any number of choices."""
        if not question.choices:
            return 0.0
        n, sizes = len(question.choices), {len(a) for a in self.accepted}
        k = question.n_stated or (1 if sizes == {1} else None)
        possible = comb(n, k) if k else 2**n - 1
        return sum(1 for a in self.accepted if k is None or len(a) == k) / possible

    def facts(self) -> tuple[str, ...]:
        """``single`` or ``several``, and ``alternatives``."""
        size = len(self.accepted[0]) if self.accepted else 0
        names = {"single": size == 1, "several": size > 1, "alternatives": len(self.accepted) > 1}
        return tuple(name for name, true in names.items() if true)

    @classmethod
    def from_row(cls, row: Mapping[str, object], choices: Sequence[str], where: str) -> "Choices | None":
        """From ``answer`` (letters or numbers of one answer) or ``accepted`` (several answers)."""
        if not choices:
            return None
        name = "accepted" if "accepted" in row else "answer"
        if isinstance(given := row.get(name), int):
            raise IgakuError(f"{where}: field {name!r}: {_counted_from(given)}")
        given = need(row, name, (str, list), where)
        answers = given if name == "accepted" else [given]
        key = cls(tuple(positions(a, choices, name, where) for a in answers))
        if not key.accepted or () in key.accepted:
            raise IgakuError(
                f"{where}: field {name!r} must be letters of the choices, or a number where there are none"
            )
        return key


def positions(given: object, choices: Sequence[str], name: str, where: str) -> tuple[int, ...]:
    """Letters or numbers (``"ac"``, ``["a", "c"]``, ``"1, 3"``, ``"②"``) as sorted positions.

    Raises:
        IgakuError: something else, a choice that does not exist, or what may be read in two ways.
    """
    if isinstance(given, list) and any(type(g) is int for g in given):
        raise IgakuError(f"{where}: field {name!r}: {_counted_from(given)}")
    if not isinstance(given, str | list) or any(not isinstance(g, str) for g in given):
        raise IgakuError(f"{where}: field {name!r} must be letters, got {given!r}")
    try:
        found = [i for one in ([given] if isinstance(given, str) else given) for i in _named(one, choices)]
    except Unreadable as error:
        raise IgakuError(f"{where}: field {name!r} {error}") from None
    return tuple(sorted(set(found)))


def _named(text: str, choices: Sequence[str]) -> tuple[int, ...]:
    return named_choices(text, len(choices), choices)


def _counted_from(given: object) -> str:
    return f"{given!r} may be counted from 0 or from 1: write the letter, or as text the number counted from 1"
