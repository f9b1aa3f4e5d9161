"""Which way of scoring is right for the prompts at hand: measured on them, not taken from an architecture's name.

A fast way (``engines.scoring``) may be right for short prompts and wrong for long ones, or for a packed tree that is
longer than each of its sequences. So before a batch that is longer than all that was measured so far is scored, some
of its own questions are scored by the fast way and by one pass a sequence. Where they differ, the next way is tried.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from igaku.engines.boundaries import boundaries
from igaku.engines.families import WIDEST, families
from igaku.engines.logits import Failed
from igaku.engines.scoring import SCORERS
from igaku.engines.tree import Scored

if TYPE_CHECKING:
    from transformers import PreTrainedModel

EXACT, ROUNDED = 1e-3, 0.25
"""How far two ways of scoring may differ, in nats a continuation: in float32, and with rounded weights or sums."""
FAILURES = (RuntimeError, TypeError, ValueError, AttributeError, KeyError, IndexError, NotImplementedError)
RELATIVES = 8
"""Renderings of one question in a sample: enough for the largest tree that is laid out."""

Question = Sequence[Scored]


class Part(NamedTuple):
    """Questions (by index) that are scored together, and how."""

    way: str
    members: list[int]


class Ways:
    """The ways of one model, with what was measured.

    Args:
        first: the fastest way that the check at load left.
        tolerance: nats a continuation that two ways may differ.
        notes: where the user is shown what falls back.
    """

    def __init__(
        self, model: "PreTrainedModel", budget: int, pad: int, *, first: str, tolerance: float, notes: list[str]
    ) -> None:
        self._model, self._budget, self._pad = model, budget, pad
        self._tolerance, self._notes = tolerance, notes
        self._ways = list(SCORERS)[list(SCORERS).index(first) :]
        self._limits = boundaries(model.config)
        self._right: dict[tuple[str, int], int] = {}
        """(way, length that all sequences exceed) -> the longest layout that was measured right."""
        self._wrong: dict[tuple[str, int], int] = {}

    def parts(self, questions: Sequence[Question]) -> Iterator[Part]:
        """Every question once; the prompts that fit below a boundary of the architecture stay together."""
        yield from self._parts(questions, list(range(len(questions))), 0) if questions else ()

    def _parts(self, questions: Sequence[Question], members: list[int], beyond: int) -> Iterator[Part]:
        size = reach([questions[i] for i in members])
        for way in self._ways:
            if self._is_right(way, [questions[i] for i in members], size, beyond):
                yield Part(way, members)
                return
            split = self._split(questions, members, size, beyond)
            if split:
                below, above, across = split
                yield from self._parts(questions, below, beyond)
                yield from self._parts(questions, above, self._boundary(size, beyond))
                yield from [Part("alone", across)] if across else []
                return

    def _boundary(self, size: int, beyond: int) -> int:
        """The greatest boundary that a layout crosses."""
        return max((limit for limit in self._limits if beyond < limit < size), default=0)

    def _split(
        self, questions: Sequence[Question], members: list[int], size: int, beyond: int
    ) -> tuple[list[int], list[int], list[int]] | None:
        """Questions below a boundary, above it, and across it; None where they are all on one side."""
        limit = self._boundary(size, beyond)
        lengths = {i: [len(s.tokens) for s in questions[i]] for i in members}
        below = [i for i in members if max(lengths[i]) <= limit]
        above = [i for i in members if min(lengths[i]) > limit + 1]
        if not limit or not below or len(below) == len(members):
            return None
        taken = {*below, *above}
        return below, above, [i for i in members if i not in taken]

    def _is_right(self, way: str, questions: list[Question], size: int, beyond: int) -> bool:
        key = way, beyond
        if way == "alone" or size <= self._right.get(key, 0):
            return True
        if size >= self._wrong.get(key, 1 << 60):
            return False
        found = self._measured(way, questions)
        if isinstance(found, float) and found <= self._tolerance:
            self._right[key] = size
            return True
        self._wrong[key] = size
        why = found if isinstance(found, str) else f"gives other numbers (by {found:.3g} nat)"
        self._notes.append(
            f"likelihood {way!r} {why} on prompts laid out over {size} tokens, so such prompts take a slower way"
        )
        return False

    def _measured(self, way: str, questions: list[Question]) -> float | str:
        """The largest difference on a sample; why there is none, where the way does not run."""
        chosen, sequences = sample(questions)
        try:
            got = sums_of(way, self._model, chosen, self._budget, self._pad)
        except FAILURES as error:
            return f"does not run ({type(error).__name__})"
        alone = [[chosen[i][k]] for i, k in sequences]
        truth = sums_of("alone", self._model, alone, self._budget, self._pad)
        return max(abs(got[i][k] - truth[n][0]) for n, (i, k) in enumerate(sequences))


def reach(questions: Sequence[Question]) -> int:
    """The longest layout that questions take: a tree of all renderings of one question, with what stands before it."""
    longest = 0
    for family in families(questions):
        own = [sum(len(s.tokens) - len(family.stem) for s in questions[i]) for i in family.members]
        widest = min(sum(own), max(WIDEST, *own)) if family.stem else own[0]
        longest = max(
            longest, len(family.stem) + widest, *(len(s.tokens) for i in family.members for s in questions[i])
        )
    return longest


def sample(questions: Sequence[Question]) -> tuple[list[Question], list[tuple[int, int]]]:
    """Questions as different as the batch has them, and the (question, sequence) pairs among them to compare.

    The renderings of one question that take the most room, the longest question, and the shortest one.
    """
    by_length = sorted(range(len(questions)), key=lambda i: max(len(s.tokens) for s in questions[i]))
    size = {i: sum(len(s.tokens) for s in q) for i, q in enumerate(questions)}
    family = max(families(questions), key=lambda f: (sum(size[i] for i in f.members[:RELATIVES]), len(f.members)))
    chosen = list(dict.fromkeys([*family.members[:RELATIVES], by_length[-1], by_length[0]]))
    relatives = len(family.members[:RELATIVES])
    ends = dict.fromkeys([(0, 0), (relatives - 1, -1), (relatives // 2, -1), (chosen.index(by_length[-1]), -1)])
    pairs = [*ends, (chosen.index(by_length[0]), -1)]
    pairs = list(dict.fromkeys((i, k % len(questions[chosen[i]])) for i, k in pairs))
    return [questions[i] for i in chosen], pairs


def sums_of(
    way: str, model: "PreTrainedModel", questions: Sequence[Question], budget: int, pad: int
) -> Mapping[int, list[float]]:
    """The numbers of all questions by one way.

    Raises:
        RuntimeError: one of them has none.
    """
    found = dict(SCORERS[way](model, questions, budget, pad))
    for sums in found.values():
        if isinstance(sums, Failed):
            raise RuntimeError(sums.why)
    return {i: sums for i, sums in found.items() if not isinstance(sums, Failed)}
