"""What every key type can do. A new kind of answer is one file beside this one, and its name in ``__init__``."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from msgspec import Struct

if TYPE_CHECKING:
    from typing import Self

    from igaku.keys import Key
    from igaku.question import Question

LETTERS = "abcdefghijklmnopqrstuvwxyz"


class KeyBase(Struct, frozen=True):
    """The key of a question. Methods that need its choices are given the question."""

    in_letters: ClassVar[bool] = False
    """Whether letters or a number answer it, so that a blind guess can be right."""
    needs_judge: ClassVar[bool] = False
    """Whether only a judge can say how right an answer is."""

    def text(self) -> str:
        """The key as people read it."""
        raise NotImplementedError

    def gold_text(self, question: "Question") -> str:
        """The (first accepted) right answer in words, as a reply gives it."""
        raise NotImplementedError

    def gold_letters(self, question: "Question", labels: Sequence[str]) -> str:
        """The (first accepted) right answer by the labels of the choices; in words where it has no labels."""
        return self.gold_text(question)

    def wrong(self, words: Sequence[str]) -> "Key":
        """A key whose gold answer is wrong by this one; ``words`` are the choices as text graders compare them."""
        raise NotImplementedError

    def problem(self, question: "Question") -> str:
        """Why no answer could be right; empty where the key is in order."""
        return ""

    def chance(self, question: "Question") -> float:
        """Probability that a blind guess is right."""
        return 0.0

    def facts(self) -> tuple[str, ...]:
        """The groups in which ``igaku bench show`` counts it."""
        return ()

    def accepts(self, positions: tuple[int, ...]) -> bool:
        """Whether these choices (in the question's own order, as they were named) are an accepted answer."""
        return False

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
