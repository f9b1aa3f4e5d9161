"""When does the choice of grader change the ranking? The same replies by several methods, over questions all could
grade."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from igaku.errors import IgakuError
from igaku.grading import methods_for
from igaku.question import Verdict
from igaku.runs.specs import Names, names
from igaku.runs.store import Run, open_runs
from igaku.statistics.rank_correlation import Switch, switches
from igaku.statistics.respondents import full_name
from igaku.tables import Kind, Table, Value, View, percent

METHODS = ("letter", "gestalt", "exact", "likelihood", "letter-logprob")
PARTS = ("model", "prompt", "order")
Scores = dict[str, dict[str, dict[str, float]]]
"""Benchmark and language -> method -> respondent -> share."""


class GradersReport(View, Struct, kw_only=True):
    """Accuracy and share unparsed by each method, and the pairs of respondents whose order depends on it."""

    accuracy: Scores
    unparsed: Scores
    switches: dict[str, list[Switch]]

    def tables(self) -> list[Table]:
        """For each benchmark: every respondent by every method, and the switches."""
        return [t for where in self.accuracy for t in (self._scores(where), self._switches(where))]

    def _scores(self, where: str) -> Table:
        by, unread = self.accuracy[where], self.unparsed[where]
        columns: dict[str, Kind] = {"respondent": "text"}
        for method in by:
            columns |= {method: "share", f"{method} unparsed": "share"}
        respondents = dict.fromkeys(r for one in by.values() for r in one)
        rows: list[list[Value]] = [[r, *(v for m in by for v in (by[m].get(r), unread[m].get(r)))] for r in respondents]
        return Table(name="graders", title=where, columns=columns, rows=rows)

    def _switches(self, where: str) -> Table:
        columns = ("the order of", "and", "by", "A / B by it", "but by", "A / B by the other")
        rows: list[list[Value]] = [
            [s.a, s.b, s.grader, _pair(s.accuracies), s.other_grader, _pair(s.other_accuracies)]
            for s in self.switches[where]
        ]
        return Table(name="switches", columns=dict.fromkeys(columns, "text"), rows=rows)

    def notes(self) -> list[str]:
        """Over which questions."""
        return ["over the questions that all of the methods could grade"]


def _pair(accuracies: tuple[float, float]) -> str:
    return " / ".join(map(percent, accuracies))


def graders(*runs: Run | str | Path | Sequence[Run | str | Path], method: Names = METHODS) -> GradersReport:
    """The same replies by several methods.

    Raises:
        IgakuError: none of the methods can grade anything in the runs.
    """
    verdicts = _verdicts(open_runs(*runs), names(method))
    if not verdicts:
        raise IgakuError("nothing in these runs can be graded by these methods")
    accuracy, unparsed = _table(verdicts, "right"), _table(verdicts, "unparsed")
    return GradersReport(accuracy=accuracy, unparsed=unparsed, switches={w: switches(by) for w, by in accuracy.items()})


ByMethod = dict[str, dict[str, Verdict]]
"""Method -> question -> verdict."""


def _verdicts(runs: Sequence[Run], methods: Sequence[str]) -> Mapping[tuple[str, str], ByMethod]:
    """Benchmark with language, and respondent -> verdicts by method; a method that a run's replies do not allow is
    left out."""
    out: dict[tuple[str, str], ByMethod] = defaultdict(lambda: defaultdict(dict))
    for k, run in enumerate(runs):
        for method in methods_for(methods):
            try:
                graded = run.grade([method])
            except IgakuError:
                continue
            for key, item in graded:
                if item.verdict.scored and key.question_format == "choices":
                    name = full_name((f"{k}", key), PARTS, several_runs=len(runs) > 1, original_order=False)
                    out[f"{key.benchmark} {key.language}", name][method][item.question.id] = item.verdict
    return out


def _table(verdicts: Mapping[tuple[str, str], ByMethod], outcome: str) -> Scores:
    """Share of one outcome over the questions that all methods of a respondent graded."""
    out: Scores = {}
    for (where, name), by in verdicts.items():
        shared = set.intersection(*(set(v) for v in by.values()))
        for method, mine in by.items():
            if shared:
                share = sum(mine[q].outcome == outcome for q in shared) / len(shared)
                out.setdefault(where, {}).setdefault(method, {})[name] = share
    return out
