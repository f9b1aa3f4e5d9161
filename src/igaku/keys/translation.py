"""The key of a translation."""

from collections.abc import Sequence

from igaku.keys.base import KeyBase, QuestionLike


class Translation(KeyBase, frozen=True, tag="translation"):
    """The key of a translation: reference translations, which a good one resembles."""

    references: tuple[str, ...]

    def text(self) -> str:
        """The references, one a line."""
        return "\n".join(self.references)

    def gold_text(self, question: QuestionLike) -> str:
        """The first reference."""
        return self.references[0]

    def wrong(self, words: Sequence[str]) -> "Translation":
        """A sign that no translation holds."""
        return Translation(("§",))

    def problem(self, question: QuestionLike) -> str:
        """No reference at all."""
        return "" if any(r.strip() for r in self.references) else "a translation needs a reference"
