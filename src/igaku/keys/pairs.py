"""The key of a comparison of two documents."""

import json
from collections.abc import Sequence

from igaku.keys.base import KeyBase, QuestionLike


class Pairs(KeyBase, frozen=True, tag="pairs"):
    """The key of a comparison of two documents: each discrepancy as (before, after), with its kind where known."""

    pairs: tuple[tuple[str, str], ...]
    kinds: tuple[str, ...] = ()

    def text(self) -> str:
        """``before → after``, one a line."""
        return "\n".join(f"{before} → {after}" for before, after in self.pairs)

    def gold_text(self, question: QuestionLike) -> str:
        """A JSON list of objects with ``before`` and ``after``."""
        return json.dumps([{"before": before, "after": after} for before, after in self.pairs], ensure_ascii=False)

    def wrong(self, words: Sequence[str]) -> "Pairs":
        """A change that stands in no document."""
        return Pairs((("どこにもない前", "どこにもない後"),))

    def problem(self, question: QuestionLike) -> str:
        """Kinds that are neither left out nor given for every pair."""
        return "" if len(self.kinds) in (0, len(self.pairs)) else "a pairs key must give a kind for each pair, or none"
