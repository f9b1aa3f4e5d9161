"""Does a model know when it does not know? What it answers where it may abstain, and how well its confidence ranks.

Two questions, each of the runs that can answer it. Where a prompt offered "I do not know" (``igaku eval --abstain``):
how much was answered, how right that is, and the score with what wrong answers cost. Where letters or choices have
probabilities, or a question has several samples: if only the surest were answered, how right would they be
(risk-coverage curve and its area)?
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from msgspec.structs import replace

from igaku.errors import IgakuError
from igaku.grading import Graded
from igaku.runs.specs import Names, names
from igaku.runs.store import Run, open_runs
from igaku.statistics.selective import penalised, risk_coverage, share, surest
from igaku.statistics.tally import CellKey
from igaku.studies.abstain_report import AbstainReport, AbstainRow, AtCoverage, ConfidenceRow
from igaku.studies.confidence import Source, agreed, probability
from igaku.studies.exam import prohibited_chosen

COVERAGES = (0.25, 0.5, 0.75)
"""Shares of the questions for which the accuracy of the surest is shown."""
ANSWERED = ("right", "wrong")
BY_PROBABILITY = ("letter-logprob", "likelihood")
Verdicts = Sequence[tuple[CellKey, Graded]]


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
        IgakuError: a penalty below 0, or nothing in the runs that was offered to abstain, has probabilities or samples.
    """
    for name, value in (("penalty", penalty), ("prohibited", prohibited)):
        if value is not None and not 0 <= value < math.inf:
            raise IgakuError(f"--{name} {value:g}: points that are taken off, 0 or above")
    report = AbstainReport(rows=[], confidence=[])
    for run in open_runs(*runs):
        _add(report, run, names(method), penalty, prohibited)
    if not report.rows and not report.confidence:
        raise IgakuError(
            "nothing here was offered to abstain (igaku eval --abstain 1), has probabilities (--method letter-logprob) "
            "or several samples (--samples 8); --penalty POINTS scores runs that always answered"
        )
    return report


def _add(
    report: AbstainReport, run: Run, methods: Sequence[str], penalty: float | None, prohibited: float | None
) -> None:
    verdicts, waiting = run.graded(methods or None, each_sample=True)
    report.unfinished += sum(waiting.values())
    counted = _counted(run, verdicts)
    name = str(run.path)
    report.blind += sum(g.verdict.scored and key.aggregate == "accuracy" for key, g in verdicts) - len(counted)
    for key, items in _by_key(counted).items():
        if key.method in BY_PROBABILITY:
            usable = [(i, p) for i in items if (p := probability(i)) is not None]
            report.several += len(items) - len(usable)
            _add_confidence(report, name, key, usable, "letters")
        elif row := _row(name, key, items, penalty, prohibited):
            report.rows.append(row)
    for key, drawn in agreed(counted).items():
        pairs = [(a.graded, a.found.share) for a in drawn if a.found]
        report.silent += len(drawn) - len(pairs)
        _add_confidence(report, name, key, pairs, "agreement")


def _by_key(verdicts: Iterable[tuple[CellKey, Graded]]) -> dict[CellKey, list[Graded]]:
    found: dict[CellKey, list[Graded]] = defaultdict(list)
    for key, one in verdicts:
        found[key].append(one)
    return found


def _counted(run: Run, verdicts: Verdicts) -> list[tuple[CellKey, Graded]]:
    """What counts: scored by accuracy, and with its picture, where it needs one."""
    seen = {t.cell_key(""): run.shown(t) for t in run.manifest.tasks if t.images}
    return [
        (key, one)
        for key, one in verdicts
        if key.aggregate == "accuracy"
        and one.verdict.scored
        and (one.question.text_only or one.question.id in seen.get(_without_method(key), ()))
    ]


def _without_method(key: CellKey) -> CellKey:
    return replace(key, method="")


def _row(
    run: str, key: CellKey, items: Sequence[Graded], penalty: float | None, prohibited: float | None
) -> AbstainRow | None:
    """One way of asking by one method, each sample a reply of its own, linked with those of its question; None where no
    penalty is known."""
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
        questions=len({i.question.id for i in items}),
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


def _add_confidence(
    report: AbstainReport, run: str, key: CellKey, pairs: Sequence[tuple[Graded, float]], source: Source
) -> None:
    mine, sureness = [i for i, _ in pairs], [p for _, p in pairs]
    right, groups = [i.verdict.right for i in mine], _groups(mine)
    if found := risk_coverage(sureness, right, groups):
        at = [_at(c, sureness, right, groups) for c in COVERAGES]
        report.confidence.append(ConfidenceRow(run=run, key=key, source=source, risk_coverage=found, at=at))


def _at(coverage: float, sureness: Sequence[float], right: Sequence[bool], groups: Sequence[str]) -> AtCoverage:
    taken = surest(sureness, coverage)
    accuracy = share([right[i] for i in taken], [groups[i] for i in taken])
    assert accuracy
    return AtCoverage(wanted=coverage, coverage=len(taken) / len(right), accuracy=accuracy)
