"""The key of a text to be written: a reference, and what a judge looks for."""

from collections.abc import Sequence

from igaku.keys.base import QuestionLike
from igaku.keys.rubric import Point, Rubric


class Writing(Rubric, frozen=True, tag="writing"):
    """The key of a summary or a rewriting: what a person wrote, to be compared with, and points for a judge."""

    def wrong(self, words: Sequence[str]) -> "Writing":
        """A sign that no such text consists of."""
        return Writing((Point("何も述べていない"),), "§")

    def problem(self, question: QuestionLike) -> str:
        """No reference, or no point that a good text could meet."""
        return super().problem(question) if self.reference.strip() else "a text to be written needs a reference"
