"""The key of a "put in order" question."""

from collections.abc import Sequence

from igaku.keys.base import LETTERS, KeyBase, QuestionLike


class Ordering(KeyBase, frozen=True, tag="ordering"):
    """The key of a "put in order" question: positions in the right order, each once.

    Chance counts as 0: 1/n! would be of no use.
    """

    in_letters = True

    sequence: tuple[int, ...]

    def accepts(self, positions: tuple[int, ...]) -> bool:
        """In this order only."""
        return positions == self.sequence

    def text(self) -> str:
        """``c → a → b``."""
        return " → ".join(LETTERS[i] for i in self.sequence)

    def gold_text(self, question: QuestionLike) -> str:
        """The letters in order."""
        return self.gold_letters(question, question.letters)

    def gold_letters(self, question: QuestionLike, labels: Sequence[str]) -> str:
        """``c, a, b``."""
        return ", ".join(labels[i] for i in self.sequence)

    def wrong(self, words: Sequence[str]) -> "Ordering":
        """The first one moved to the end."""
        return Ordering(self.sequence[1:] + self.sequence[:1])

    def problem(self, question: QuestionLike) -> str:
        """A choice that is missing or named twice."""
        in_order = sorted(self.sequence) == list(range(len(question.choices)))
        return "" if in_order else "an ordering key must name each choice once"
