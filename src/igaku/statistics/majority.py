"""The commonest of several answers to one question: who has it, and how often it is right over all draws of k."""

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from statistics import fmean

from msgspec import Struct


class Agreement(Struct, frozen=True, kw_only=True):
    """How far a question's samples agree."""

    share: float
    """Of all samples, those with the commonest answer; one from which nothing was read agrees with none."""
    first: int
    """The first sample with it, from 0; of answers that are equally common the one that came first."""
    tied: bool
    """Whether several answers are equally common."""
    silent: int
    """Samples from which nothing was read."""


def agreement(votes: Sequence[str]) -> Agreement | None:
    """Of what was read from each sample, empty where nothing was; None where nothing was read at all."""
    counts = Counter(v for v in votes if v)
    if not counts:
        return None
    (commonest, most), *others = counts.most_common(2)
    return Agreement(
        share=most / len(votes),
        first=votes.index(commonest),
        tied=any(n == most for _, n in others),
        silent=len(votes) - counts.total(),
    )


def majority_at(votes: Sequence[str], scores: Sequence[float], k: int) -> tuple[float, float]:
    """Expected score of the commonest answer of k drawn samples, and probability that several are equally common.

    Samples from which nothing was read do not vote; where none of the k can vote, the score is 0 and nothing is tied.
    """
    found: dict[str, list[float]] = defaultdict(list)
    for vote, score in zip(votes, scores):
        if vote:
            found[vote].append(score)
    counts = Counter({vote: len(mine) for vote, mine in found.items()})
    silent, whole = len(scores) - counts.total(), math.comb(len(scores), k)
    value = tied = 0.0
    for vote, mine in found.items():
        others = [n for other, n in counts.items() if other != vote]
        for drawn in range(1, min(k, counts[vote]) + 1):
            chosen = math.comb(counts[vote], drawn)
            for equal, draws in enumerate(_with_equals(others, silent, k - drawn, drawn)):
                share = chosen * draws / whole / (1 + equal)
                value += share * fmean(mine)
                tied += share * (equal > 0)
    return value, tied


def _with_equals(others: Sequence[int], silent: int, left: int, most: int) -> list[int]:
    """Ways to draw ``left`` samples of the other answers, none more than ``most`` times, by how many come to just that.

    A table over (drawn so far, answers equal so far), one answer after the other.
    """
    table = {(drawn, 0): math.comb(silent, drawn) for drawn in range(min(left, silent) + 1)}
    for n in others:
        grown: dict[tuple[int, int], int] = defaultdict(int)
        for (drawn, equal), ways in table.items():
            for more in range(min(n, most, left - drawn) + 1):
                grown[drawn + more, equal + (more == most)] += ways * math.comb(n, more)
        table = grown
    return [table.get((left, equal), 0) for equal in range(len(others) + 1)]
