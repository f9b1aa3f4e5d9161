"""How sure an answer is, from what a run holds: letters' probabilities, the reply's own words, agreement of samples."""

import math
from collections import defaultdict
from collections.abc import Sequence
from typing import Literal, NamedTuple

from igaku.grading import METHODS, Graded
from igaku.grading.confidence import read_confidence
from igaku.grading.likelihood import how_many
from igaku.runs.sample_results import sampled
from igaku.statistics.majority import Agreement, agreement
from igaku.statistics.tally import CellKey

Source = Literal["letters", "stated", "agreement"]


class Agreed(NamedTuple):
    """One question asked for several samples, as the sample that gave the commonest answer first."""

    graded: Graded
    samples: int
    found: Agreement | None
    """None where nothing was read from any sample: no answer, and no confidence."""


def probability(item: Graded) -> float | None:
    """Probability of the likeliest choice among those shown, 0 to 1; None where several are to be chosen, whose joint
    probability the single ones do not give, or where there are none."""
    values = item.reply.answer.logprobs if item.reply else ()
    if how_many(item.question) != 1 or not values or not all(map(math.isfinite, values)):
        return None
    top = max(values)
    return 1 / math.fsum(math.exp(v - top) for v in values)


def beside(item: Graded) -> float | None:
    """What the file that was imported holds beside the reply."""
    return item.reply.answer.confidence if item.reply else None


def written(item: Graded) -> float | None:
    """What the reply says."""
    return read_confidence(item.reply.answer.text) if item.reply else None


def stated(items: Sequence[Graded]) -> list[float | None]:
    """What a file holds beside the replies, or what they say. Replies of a block that has such numbers are not read
    further, so that one row has one kind of number."""
    numbers = [beside(g) for g in items]
    return numbers if any(n is not None for n in numbers) else [written(g) for g in items]


def agreed(verdicts: Sequence[tuple[CellKey, Graded]]) -> dict[CellKey, list[Agreed]]:
    """Questions with two samples or more by their block and method, from one verdict a sample
    (``Run.graded(each_sample=True)``); questions with a sample that is not scored are left out."""
    groups: dict[tuple[CellKey, str], list[Graded]] = defaultdict(list)
    for key, item in verdicts:
        if METHODS[key.method.split(" by ")[0]].kind == "text":
            groups[key, item.question.id].append(item)
    out: dict[CellKey, list[Agreed]] = defaultdict(list)
    for (key, _), items in groups.items():
        if len(items) > 1 and all(g.verdict.scored for g in items):
            found = agreement(sampled(items).votes)
            out[key].append(Agreed(items[found.first if found else 0], len(items), found))
    return out
