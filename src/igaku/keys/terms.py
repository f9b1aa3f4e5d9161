"""The key of an extraction: expressions to find in a text."""

import json
from collections.abc import Sequence

from igaku.keys.base import KeyBase, QuestionLike


class Terms(KeyBase, frozen=True, tag="terms"):
    """The key of an extraction: the set of expressions to find. It may be empty: there is nothing to find."""

    items: tuple[str, ...]

    def text(self) -> str:
        """The expressions, comma-separated."""
        return ", ".join(self.items)

    def gold_text(self, question: QuestionLike) -> str:
        """A JSON list of them."""
        return json.dumps(self.items, ensure_ascii=False)

    def wrong(self, words: Sequence[str]) -> "Terms":
        """An expression that stands in no text."""
        return Terms(("本文にない表現",))
