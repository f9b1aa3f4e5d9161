"""Does a model know when it does not know? What it answers where it may abstain, and how well its confidence ranks.

Two questions, each of the runs that can answer it. Where a prompt offered "I do not know" (``igaku eval --abstain``):
how much was answered, how right that is, and the score with what wrong answers cost. Where letters or choices have
probabilities: if only the surest were answered, how right would they be (risk-coverage curve and its area)?
"""

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from igaku.errors import IgakuError
from igaku.grading import Graded
from igaku.runs.specs import Names, names
from igaku.runs.store import Run, open_runs
from igaku.statistics.selective import penalised, risk_coverage, share, surest
from igaku.statistics.tally import CellKey
from igaku.studies.abstain_report import AbstainReport, AbstainRow, AtCoverage, ConfidenceRow
from igaku.studies.exam import prohibited_chosen

COVERAGES = (0.25, 0.5, 0.75)
"""Shares of the questions for which the accuracy of the surest is shown."""
ANSWERED = ("right", "wrong")
BY_PROBABILITY = ("letter-logprob", "likelihood")
Verdicts = Mapping[tuple[str, CellKey], Sequence[Graded]]
"""By the run's folder, and under which key they are counted."""


def abstain(
    *runs: Run | str | Path | Sequence[Run | str | Path],
    penalty: float | None = None,
    prohibited: float | None = None,
    method: Names = None,
) -> AbstainReport:
    """Answered share, accuracy of what was answered, penalised score, and the risk-coverage curve.

    Args:
        runs: runs or their folders.
        penalty: points that a wrong answer costs, for all runs, also those that were not offered to abstain; each
            prompt's own if left out.
        prohibited: points that a wrong answer with a prohibited choice (禁忌肢) costs; as any other if left out.
        method: grading methods; those that the runs were made for if left out.

    Raises:
        IgakuError: a penalty below 0, or nothing in the runs that was offered to abstain or has probabilities.
    """
    for name, value in (("penalty", penalty), ("prohibited", prohibited)):
        if value is not None and not 0 <= value < math.inf:
            raise IgakuError(f"--{name} {value:g}: points that are taken off, 0 or above")
    report = AbstainReport(rows=[], confidence=[])
    for (run, key), items in _verdicts(open_runs(*runs), names(method), report).items():
        if key.method in BY_PROBABILITY:
            _add_confidence(report, run, key, items)
        elif row := _row(run, key, items, penalty, prohibited):
            report.rows.append(row)
    if not report.rows and not report.confidence:
        raise IgakuError(
            "nothing here was offered to abstain (igaku eval --abstain 1) or has probabilities "
            "(--method letter-logprob); --penalty POINTS scores runs that always answered"
        )
    return report


def _verdicts(runs: Sequence[Run], methods: Sequence[str], report: AbstainReport) -> Verdicts:
    """What counts: scored by accuracy, and with its picture, where it needs one."""
    found: dict[tuple[str, CellKey], list[Graded]] = defaultdict(list)
    for run in runs:
        graded, waiting = run.graded(methods or None)
        report.unfinished += sum(waiting.values())
        seen = {t.cell_key(""): run.shown(t) for t in run.manifest.tasks if t.images}
        for key, one in graded:
            shown = one.question.text_only or one.question.id in seen.get(_without_method(key), ())
            counted = key.aggregate == "accuracy" and one.verdict.scored
            report.blind += counted and not shown
            if counted and shown:
                found[str(run.path), key].append(one)
    return found


def _without_method(key: CellKey) -> CellKey:
    return replace(key, method="")


def _row(
    run: str, key: CellKey, items: Sequence[Graded], penalty: float | None, prohibited: float | None
) -> AbstainRow | None:
    """One way of asking by one method; None where no penalty is known."""
    stated = next((i.reply.penalty for i in items if i.reply and i.reply.penalty is not None), None)
    cost = stated if penalty is None else penalty
    if cost is None:
        return None
    worst = cost if prohibited is None else prohibited
    outcomes = Counter(i.verdict.outcome for i in items)
    answered = [i for i in items if i.verdict.outcome in ANSWERED]
    costs = [worst if _fatal(i) else cost for i in items]
    points = [_points(i, c) for i, c in zip(items, costs)]
    unread = len(items) - len(answered) - outcomes["abstained"]
    known = sum(bool(i.question.prohibited) for i in items)
    groups, lowest = _groups(items), -(max(cost, worst) if known else cost)
    score, part = penalised(points, lowest, groups), share([i in answered for i in items], groups)
    assert score and part
    return AbstainRow(
        run=run,
        key=key,
        stated=stated,
        penalty=cost,
        n=len(items),
        answered=part,
        accuracy=share([i.verdict.right for i in answered], _groups(answered)),
        right=outcomes["right"],
        wrong=outcomes["wrong"],
        abstained=outcomes["abstained"],
        unread=unread,
        known=known,
        prohibited=sum(map(_fatal, items)),
        score=score,
        score_unread_wrong=score.value - cost * unread / len(items),
    )


def _fatal(item: Graded) -> bool:
    """Whether a wrong answer holds a prohibited choice."""
    return item.verdict.outcome == "wrong" and bool(prohibited_chosen([item]))


def _points(item: Graded, cost: float) -> float:
    return 1.0 if item.verdict.right else -cost if item.verdict.outcome == "wrong" else 0.0


def _groups(items: Sequence[Graded]) -> list[str]:
    return [i.question.group or i.question.id for i in items]


def _add_confidence(report: AbstainReport, run: str, key: CellKey, items: Sequence[Graded]) -> None:
    usable = [(i, p) for i in items if (p := probability(i)) is not None]
    report.several += len(items) - len(usable)
    mine, sureness = [i for i, _ in usable], [p for _, p in usable]
    right, groups = [i.verdict.right for i in mine], _groups(mine)
    if found := risk_coverage(sureness, right, groups):
        at = [_at(c, sureness, right, groups) for c in COVERAGES]
        report.confidence.append(ConfidenceRow(run=run, key=key, risk_coverage=found, at=at))


def _at(coverage: float, sureness: Sequence[float], right: Sequence[bool], groups: Sequence[str]) -> AtCoverage:
    taken = surest(sureness, coverage)
    accuracy = share([right[i] for i in taken], [groups[i] for i in taken])
    assert accuracy
    return AtCoverage(wanted=coverage, coverage=len(taken) / len(right), accuracy=accuracy)


def probability(item: Graded) -> float | None:
    """Probability of the likeliest choice among those shown (0 to 1); None where several are to be chosen, whose joint
    probability the single ones do not give, or where there are none."""
    values = item.reply.answer.logprobs if item.reply else ()
    if len(item.verdict.read) != 1 or len(values) < 2 or not all(map(math.isfinite, values)):
        return None
    top = max(values)
    return 1 / math.fsum(math.exp(v - top) for v in values)
