"""When does the choice of grader change the ranking? The same replies by several methods, over questions all could
grade.

Two models whose order differs between graders differ by little, often by no more than luck. So each order is tested by
the paired test of ``igaku compare``, and a switch is shown only where both orders are.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import asdict

from igaku.errors import IgakuError
from igaku.grading import Graded, methods_for
from igaku.runs.counted import counts
from igaku.runs.specs import Names, names
from igaku.runs.store import Run, open_runs
from igaku.statistics.paired import LEVEL, Outcomes, adjusted, compare
from igaku.statistics.rank_correlation import Switch, switches
from igaku.statistics.respondents import full_name
from igaku.tables import Kind, Table, Value, View, percent

METHODS = ("letter", "gestalt", "exact", "likelihood", "letter-logprob")
PARTS = ("model", "prompt", "order")
Scores = dict[str, dict[str, dict[str, float]]]
"""Benchmark and language -> method -> respondent -> share."""


class TestedSwitch(Switch, frozen=True, kw_only=True):
    """A switch with the p values of its two orders, adjusted (Holm) over all switches of the report."""

    __test__ = False

    p: float
    """That A and B are equally good by the one grader,"""
    other_p: float
    """and by the other."""

    @property
    def shown(self) -> bool:
        """Whether both orders are shown at 5 %."""
        return max(self.p, self.other_p) < LEVEL


class GradersReport(View, Struct, kw_only=True):
    """Accuracy and share unparsed by each method, and the pairs of respondents whose order depends on it."""

    accuracy: Scores
    unparsed: Scores
    switches: dict[str, list[TestedSwitch]]

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
        columns: dict[str, Kind] = {
            "the order of A": "text",
            "and B": "text",
            "by": "text",
            "A / B by it": "text",
            "p (holm)": "p",
            "but by": "text",
            "A / B by the other": "text",
            "p (holm), other": "p",
            "switch": "text",
        }
        rows: list[list[Value]] = [
            [
                s.a,
                s.b,
                s.grader,
                _pair(s.accuracies),
                s.p,
                s.other_grader,
                _pair(s.other_accuracies),
                s.other_p,
                "shown" if s.shown else "not shown",
            ]
            for s in self.switches[where]
        ]
        return Table(name="switches", columns=columns, rows=rows)

    def notes(self) -> list[str]:
        """Over which questions, and when a switch is shown."""
        n = sum(map(len, self.switches.values()))
        tested = (
            f"p (holm): of the paired test that A and B are equally good by that grader, over the {2 * n} orders; a "
            "switch is shown where both are below 5 %, else it may be luck"
        )
        return [
            "over the questions that all of the methods could grade, without those that need an image",
            *([tested] if n else ["no two respondents change their order with the grader"]),
        ]


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
    found = [(where, s) for where, by in accuracy.items() for s in switches(by)]
    return GradersReport(accuracy=accuracy, unparsed=unparsed, switches=_tested(found, list(accuracy), verdicts))


ByMethod = dict[str, dict[str, Graded]]
"""Method -> question -> verdict."""


def _tested(
    found: Sequence[tuple[str, Switch]], boards: Sequence[str], verdicts: Mapping[tuple[str, str], ByMethod]
) -> dict[str, list[TestedSwitch]]:
    """Each switch with the p values of both orders."""
    raw = [
        compare(_outcomes(s.a, verdicts[where, s.a], method), _outcomes(s.b, verdicts[where, s.b], method)).p
        for where, s in found
        for method in (s.grader, s.other_grader)
    ]
    ps = iter(adjusted(raw))
    out: dict[str, list[TestedSwitch]] = {where: [] for where in boards}
    for where, s in found:
        out[where].append(TestedSwitch(**asdict(s), p=next(ps), other_p=next(ps)))
    return out


def _outcomes(name: str, by: ByMethod, method: str) -> Outcomes:
    """By one method, over the questions that all could grade."""
    mine = {q: g for q, g in by[method].items() if all(q in other for other in by.values())}
    right = {q: float(g.verdict.share_right) for q, g in mine.items()}
    return Outcomes(name, right, {q: g.question.group for q, g in mine.items()})


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
                if counts(item) and key.question_format == "choices":
                    name = full_name((f"{k}", key), PARTS, several_runs=len(runs) > 1, original_order=False)
                    out[f"{key.benchmark} {key.language}", name][method][item.question.id] = item
    return out


def _table(verdicts: Mapping[tuple[str, str], ByMethod], outcome: str) -> Scores:
    """Share of one outcome over the questions that all methods of a respondent graded."""
    out: Scores = {}
    for (where, name), by in verdicts.items():
        shared = set.intersection(*(set(v) for v in by.values()))
        for method, mine in by.items():
            if shared:
                share = sum(mine[q].verdict.outcome == outcome for q in shared) / len(shared)
                out.setdefault(where, {}).setdefault(method, {})[name] = share
    return out
