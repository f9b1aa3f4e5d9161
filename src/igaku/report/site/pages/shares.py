"""A respondent's share of right answers over some questions, with its interval."""

from collections import defaultdict
from collections.abc import Iterable
from statistics import fmean

from msgspec import Struct

from igaku.grading import Graded
from igaku.report.site.numbers import percent
from igaku.statistics.interval import clustered
from igaku.tables import interval


class Share(Struct, frozen=True):
    """Accuracy, its 95 % interval (linked questions together; None where it is not computed), number of questions."""

    accuracy: float
    ci95: tuple[float, float] | None
    n: int

    @property
    def ci(self) -> str:
        """The interval in percent, or nothing."""
        return interval(self.ci95)

    @property
    def label(self) -> str:
        """Both, for those who do not see the bar."""
        return f"{percent(self.accuracy)} ({self.ci})" if self.ci95 else percent(self.accuracy)


def share_of(items: Iterable[Graded]) -> Share:
    """Of verdicts that were scored, one or more; a question asked in several ways counts once, with its mean."""
    right: dict[str, list[float]] = defaultdict(list)
    groups: dict[str, str] = {}
    for g in items:
        right[g.question.id].append(g.verdict.share_right)
        groups[g.question.id] = g.question.group or g.question.id
    values = [fmean(v) for v in right.values()]
    return Share(fmean(values), clustered(values, [groups[q] for q in right]), len(values))
