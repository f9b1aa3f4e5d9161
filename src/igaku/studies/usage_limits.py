"""Replies held against what they took: who is beaten for less, and what a shorter limit would have left."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from statistics import fmean

from igaku.grading import Graded
from igaku.statistics.respondents import PromptVariant
from igaku.statistics.usage import beaten_by
from igaku.studies.usage_replies import Unit, is_written, right_within, size
from igaku.studies.usage_rows import Curve, Front, UsageRow

LEAST_BUDGET = {"tokens": 64, "characters": 128}
MOST_BUDGETS = 8


def fronts(rows: Sequence[UsageRow], ways: Mapping[PromptVariant, list[Graded]], by: str) -> list[Front]:
    """Who is beaten by whom, among those that answered the same questions of one benchmark in one unit."""
    groups: dict[object, list[UsageRow]] = defaultdict(list)
    for row, items in zip(rows, ways.values()):
        ids = frozenset(g.question.id for g in items)
        groups[row.benchmark, row.language, row.unit if by == "written" else "", ids].append(row)
    out = []
    for mine in groups.values():
        costs = [r.written if by == "written" else r.cost.total / r.n if r.cost else None for r in mine]
        beaten = beaten_by([r.accuracy for r in mine], costs)
        out += [
            Front(
                by=by if by == "cost" else r.unit, row=r, amount=cost, beaten_by="" if j is None else mine[j].respondent
            )
            for r, cost, j in zip(mine, costs, beaten)
            if cost is not None
        ]
    return out


def curves(
    rows: Sequence[UsageRow], ways: Mapping[PromptVariant, list[Graded]], given: Sequence[int] | None
) -> list[Curve]:
    """Accuracy under each limit: those given, or powers of two below the longest reply of a unit."""
    out = []
    for unit in ("tokens", "characters"):
        mine = [(r, items) for r, items in zip(rows, ways.values()) if r.unit == unit and r.written]
        longest = max((_longest(items, r.unit) for r, items in mine), default=0.0)
        limits = sorted(set(given)) if given else _limits(unit, longest)
        for row, items in mine if limits else ():
            values = [fmean(right_within(items, b, row.unit)) for b in limits]
            out.append(Curve(respondent=row.respondent, unit=unit, budgets=limits, accuracy=values, whole=row.accuracy))
    return out


def _longest(items: Sequence[Graded], unit: Unit) -> float:
    return max((size(g.reply.answer, unit).written for g in items if g.reply and is_written(g.reply.answer)), default=0)


def _limits(unit: str, longest: float) -> list[int]:
    """Powers of two below the longest reply, the last eight of them."""
    out, limit = [], LEAST_BUDGET[unit]
    while limit < longest:
        out.append(limit)
        limit *= 2
    return out[-MOST_BUDGETS:]
