"""Models whose replies too often were cut before an answer stood in them: these are not ranked.

A truncated reply is wrong in every accuracy, and a model that ran into a limit is judged by the limit and not by what
it knows. So it stands below the ranked ones with both numbers: truncated replies as wrong, and without them. Neither is
what it would have had with more room: the questions that it finished may be the easier ones.
"""

from collections.abc import Sequence
from statistics import fmean

from msgspec import Struct

from igaku.errors import IgakuError
from igaku.grading import Graded
from igaku.statistics.interval import clustered

MOST_TRUNCATED = 0.05
"""Above this share of truncated replies a model is not ranked."""


class Truncated(Struct, frozen=True, kw_only=True):
    """A model with too many truncated replies."""

    share: float
    """Of its replies to questions that count, more than ``most``;"""
    most: float
    n: int
    """the replies (of several samples of a question their mean is one)."""
    accuracy: float
    """Truncated replies as wrong answers;"""
    rest: float | None
    """without them; None where all are truncated."""
    rest_ci95: tuple[float, float] | None

    @property
    def count(self) -> int:
        """Truncated replies."""
        return round(self.share * self.n)


def truncated(items: Sequence[Graded], most: float = MOST_TRUNCATED) -> Truncated | None:
    """What stands beside a model that is not to be ranked; None for one that is, and of nothing.

    Args:
        items: its verdicts, of questions that count.
        most: the share of truncated replies that is let pass, 0 to 1.

    Raises:
        IgakuError: another share.
    """
    if not 0 <= most <= 1:
        raise IgakuError(f"--max-truncated {most:g}: a share of truncated replies is 0 to 1")
    share = fmean(g.verdict.share_truncated for g in items) if items else 0.0
    if share <= most:
        return None
    rest = [g for g in items if g.verdict.share_truncated < 1]
    right = [g.verdict.share_right / (1 - g.verdict.share_truncated) for g in rest]
    return Truncated(
        share=share,
        most=most,
        n=len(items),
        accuracy=fmean(g.verdict.share_right for g in items),
        rest=fmean(right) if right else None,
        rest_ci95=clustered(right, [g.question.group or g.question.id for g in rest]) if right else None,
    )
