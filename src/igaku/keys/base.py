"""What every key type can do. A new kind of answer is one file beside this one, and its name in ``__init__``."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, Protocol

from msgspec import Struct

if TYPE_CHECKING:
    from typing import Self

LETTERS = "abcdefghijklmnopqrstuvwxyz"


class QuestionLike(Protocol):
    """What a key needs to know of its question (``igaku.question.Question`` is one)."""

    @property
    def key(self) -> "KeyBase":
        """Its key."""
        ...

    @property
    def choices(self) -> tuple[str, ...]:
        """Its choices in their own order."""
        ...

    @property
    def letters(self) -> str:
        """The letters of its choices."""
        ...

    @property
    def lang(self) -> str:
        """Its language."""
        ...

    @property
    def n_stated(self) -> int | None:
        """How many choices the stem asks for, where it says so."""
        ...


class KeyBase(Struct, frozen=True):
    """The key of a question. Methods that need its choices are given the question."""

    in_letters: ClassVar[bool] = False
    """Whether letters or a number answer it, so that a blind guess can be right."""
    needs_judge: ClassVar[bool] = False
    """Whether only a judge can say how right an answer is."""

    def text(self) -> str:
        """The key as people read it."""
        raise NotImplementedError

    def gold_text(self, question: QuestionLike) -> str:
        """The (first accepted) right answer in words, as a reply gives it."""
        raise NotImplementedError

    def gold_letters(self, question: QuestionLike, labels: Sequence[str]) -> str:
        """The (first accepted) right answer by the labels of the choices; in words where it has no labels."""
        return self.gold_text(question)

    def wrong(self, words: Sequence[str]) -> "KeyBase":
        """A key whose gold answer is wrong by this one; ``words`` are the choices as text graders compare them."""
        raise NotImplementedError

    def problem(self, question: QuestionLike) -> str:
        """Why no answer could be right; empty where the key is in order."""
        return ""

    def chance(self, question: QuestionLike) -> float:
        """Probability that a blind guess is right."""
        return 0.0

    def facts(self) -> tuple[str, ...]:
        """The groups in which ``igaku bench show`` counts it."""
        return ()

    def accepts(self, positions: tuple[int, ...]) -> bool:
        """Whether these choices (in the question's own order, as they were named) are an accepted answer."""
        return False

    def as_rubric(self, question: QuestionLike) -> "KeyBase | None":
        """A ``Rubric`` with what a judge looks for; None where the key has no points of its own."""
        return None

    @property
    def choice_sets(self) -> tuple[tuple[int, ...], ...]:
        """The accepted sets of choices; () where the answer is not a set of choices."""
        return ()

    @classmethod
    def from_row(cls, row: Mapping[str, object], choices: Sequence[str], where: str) -> "Self | None":
        """The key of a row of a user's own file; None where the row has another kind of key.

        Raises:
            IgakuError: it has this kind of key, which is malformed; ``where`` names file and line.
        """
        return None
