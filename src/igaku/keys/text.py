"""The key of a question that is answered in words."""

from collections.abc import Sequence

from igaku.keys.base import KeyBase, QuestionLike


class Text(KeyBase, frozen=True, tag="text"):
    """The key of a question answered in words: any of these, as written."""

    accepted: tuple[str, ...]

    def text(self) -> str:
        """The accepted words, with a slash between."""
        return " / ".join(self.accepted)

    def gold_text(self, question: QuestionLike) -> str:
        """The first of them."""
        return self.accepted[0]

    def wrong(self, words: Sequence[str]) -> "Text":
        """A name that nothing has."""
        return Text(("これではない名前",))

    def problem(self, question: QuestionLike) -> str:
        """No word at all."""
        return "" if any(a.strip() for a in self.accepted) else "the key is empty"
