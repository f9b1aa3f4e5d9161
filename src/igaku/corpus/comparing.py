"""Pairs of texts that may be copies, compared in batches: here, over processes, or over the machines of a Ray cluster.

What two texts are to each other does not depend on any other pair, so batches can be compared anywhere; what follows
from it is decided here, in the order of the pairs. The result is the same for any number of workers.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Literal, NamedTuple

from igaku.corpus.copies import adds_nothing, contains
from igaku.corpus.progress import Progress
from igaku.corpus.steps import Workers
from igaku.corpus.stream import spread

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

BATCH = 500
"""Pairs that are compared together."""
Gone = Literal["later", "earlier", ""]
"""Which of two texts says nothing that the other does not say."""


class Pair(NamedTuple):
    """Two documents by their numbers, with their plain sentences."""

    earlier: int
    later: int
    first: str
    second: str


class Comparing:
    """What is done with one batch of pairs; those of a document that goes are not looked at any further."""

    def __init__(self, alike: float) -> None:
        self._alike = alike

    def __call__(self, batch: list[Pair]) -> list[Gone]:
        """For each pair, which of the two goes."""
        out: list[Gone] = []
        gone: set[int] = set()
        for pair in batch:
            which = "" if gone & {pair.earlier, pair.later} else self._which(pair.first, pair.second)
            gone |= {pair.later} if which == "later" else {pair.earlier} if which else set()
            out.append(which)
        return out

    def _which(self, earlier: str, later: str) -> Gone:
        if contains(earlier, later) or (_alike(earlier, later, self._alike) and adds_nothing(later, earlier)):
            return "later"
        return "earlier" if contains(later, earlier) else ""


def decide(
    pairs: Iterator[tuple[int, int]],
    text: Callable[[int], str],
    fates: "Ints",
    alike: float,
    workers: Workers,
    progress: Progress,
) -> None:
    """Set the fates of near copies: for each document, in order, the first earlier one that is kept and makes it add
    nothing; an earlier one that a later one holds whole goes for it.

    Args:
        pairs: (earlier, later), by the later and then the earlier.
        fates: -1 where a document is kept so far; ``2 i + 1`` where it goes for document i.
    """
    for batch, which in spread(Comparing(alike), _batches(pairs, text, fates, progress), workers):
        for pair, gone in zip(batch, which):
            if fates[pair.earlier] >= 0 or fates[pair.later] >= 0:
                continue
            if gone == "later":
                fates[pair.later] = 2 * pair.earlier + 1
            elif gone:
                fates[pair.earlier] = 2 * pair.later + 1


def _batches(
    pairs: Iterator[tuple[int, int]], text: Callable[[int], str], fates: "Ints", progress: Progress
) -> Iterator[list[Pair]]:
    """Pairs of documents that are both kept so far."""
    batch: list[Pair] = []
    late, mine = -1, ""
    for i, j in pairs:
        progress.add()
        if fates[i] >= 0 or fates[j] >= 0:
            continue
        if j != late:
            late, mine = j, text(j)
        batch.append(Pair(i, j, text(i), mine))
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _alike(a: str, b: str, share: float) -> bool:
    from rapidfuzz.distance import Indel

    return Indel.normalized_similarity(a, b, score_cutoff=share) >= share
