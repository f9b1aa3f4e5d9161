"""Which way of scoring is right for the prompts at hand: measured on them, not taken from an architecture's name.

A fast way (``engines.scoring``) may be right for short prompts and wrong for long ones, or for a packed tree that is
longer than each of its sequences. So before a batch that is longer than all that was measured so far is scored, some
of its own questions are scored by the fast way and by one pass a sequence (``engines.trial``). Where they differ, the
next way is tried.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from igaku.engines.boundaries import boundaries, rope_switch
from igaku.engines.families import WIDEST
from igaku.engines.scoring import SCORERS
from igaku.engines.tree import Scored
from igaku.engines.trial import EXACT, ROUNDED, Question, Trial, behind_head

if TYPE_CHECKING:
    from transformers import PreTrainedModel

CACHED = ("headed", "shared")
"""Ways that keep what was computed for a beginning."""
NEVER = 1 << 60
"""Longer than any prompt."""
NOT_CAUSAL = (
    "this architecture, as transformers computes it, lets a token's probability depend on the tokens after it{}: "
    "likelihoods are those of one pass over prompt and choice, letters those of one over the prompt"
)


class Part(NamedTuple):
    """Questions (by index) that are scored together, how, and the numbers that the trial gave for some of them."""

    way: str
    members: list[int]
    known: Mapping[int, list[float]] = {}


class Ways:
    """The ways of one model, with what was measured.

    Args:
        first: the fastest way that the check at load left.
        exact: whether weights and sums are in float32.
        notes: where the user is shown what falls back.
    """

    def __init__(
        self, model: "PreTrainedModel", budget: int, pad: int, *, first: str, exact: bool, notes: list[str]
    ) -> None:
        self._trial, self._exact, self._notes = Trial(model, budget, pad, exact), exact, notes
        self._ways = list(SCORERS)[list(SCORERS).index(first) :]
        self._limits, self._switch = boundaries(model.config), rope_switch(model.config)
        self._right: dict[tuple[str, int], int] = {}
        """(way, length that all sequences exceed) -> the longest layout that was measured right."""
        self._wrong: dict[tuple[str, int], int] = {}
        self._causal = 0
        """The longest sequence whose numbers did not change with what follows it."""
        self._leaking = NEVER
        """The shortest one whose numbers did."""
        self._noted: set[str] = set()
        self.used: set[str] = set()
        """The ways that were taken."""

    def parts(self, questions: Sequence[Question]) -> Iterator[Part]:
        """Every question once; the prompts that fit below a boundary of the architecture stay together."""
        for part in self._split(questions):
            self.used.add(part.way)
            yield part

    def _split(self, questions: Sequence[Question]) -> Iterator[Part]:
        members = list(range(len(questions)))
        longest = max((s for q in questions for s in q), key=lambda s: len(s.tokens), default=None)
        if longest and not self._is_causal(longest):
            yield Part("alone", members)
        elif self._switch and members:
            below, above, across = sides(questions, members, self._switch)
            yield from self._parts(questions, below, 0) if below else ()
            # what is cached below the switch has the wrong factors for sequences that reach beyond it
            yield from self._parts(questions, above, self._switch, cached=False) if above else ()
            yield from [Part("alone", across)] if across else ()
        elif members:
            yield from self._parts(questions, members, 0)

    def _is_causal(self, sequence: Scored) -> bool:
        """Whether numbers do not change with what follows, on a sequence as long as this."""
        length = len(sequence.tokens)
        if self._causal < length < self._leaking:
            if self._trial.is_causal(sequence):
                self._causal = length
            else:
                self._notes += [NOT_CAUSAL.format(f" ({length} tokens)")] if self._leaking == NEVER else []
                self._leaking = length
        return length < self._leaking

    def _parts(
        self, questions: Sequence[Question], members: list[int], beyond: int, cached: bool = True
    ) -> Iterator[Part]:
        size = reach([questions[i] for i in members])
        for way in self._ways if cached else [w for w in self._ways if w not in CACHED]:
            known = self._known(way, [questions[i] for i in members], size, beyond)
            if known is not None:
                yield Part(way, members, {members[k]: sums for k, sums in known.items()})
                return
            limit = max((limit for limit in self._limits if beyond < limit < size), default=0)
            below, above, across = sides(questions, members, limit)
            if below and len(below) < len(members):
                yield from self._parts(questions, below, beyond, cached)
                yield from self._parts(questions, above, limit, cached) if above else ()
                yield from [Part("alone", across)] if across else ()
                return

    def _known(self, way: str, questions: list[Question], size: int, beyond: int) -> Mapping[int, list[float]] | None:
        """What is known of the questions by a way that is right for them; None where it is not right."""
        key = way, beyond
        if way == "alone" or size <= self._right.get(key, 0):
            return {}
        if size >= self._wrong.get(key, NEVER):
            return None
        found = self._trial.measured(way, questions)
        if not isinstance(found, str) and found.scaled <= (EXACT if self._exact else ROUNDED):
            self._right[key] = size
            return found.sums
        self._wrong[key] = size
        why = found if isinstance(found, str) else f"gives other numbers (by {found.nats:.3g} nat)"
        if way not in self._noted:
            self._noted.add(way)
            self._notes.append(
                f"likelihood {way!r} {why} on prompts laid out over {size} tokens, so such prompts take a slower way"
            )
        return None


def sides(questions: Sequence[Question], members: Sequence[int], limit: int) -> tuple[list[int], list[int], list[int]]:
    """Questions all of whose sequences fit a length, those all of whose sequences exceed it, and the others.

    A tree leaves out the last token of a sequence, from which nothing is predicted: one that exceeds the length by no
    more than that token is of neither side.
    """
    parts: tuple[list[int], list[int], list[int]] = [], [], []
    for i in members:
        lengths = [len(s.tokens) for s in questions[i]]
        parts[0 if max(lengths) <= limit else 1 if min(lengths) > limit + 1 else 2].append(i)
    return parts


def reach(questions: Sequence[Question]) -> int:
    """The longest layout that questions take: a tree of all renderings of one question, with what stands before it."""
    head, grown = behind_head(questions)
    longest = max(len(s.tokens) for q in questions for s in q)
    for family in grown:
        before = head + len(family.stem)
        own = [_laid_out(questions[i]) - before for i in family.members]
        longest = max(longest, before + (min(sum(own), max(WIDEST, *own)) if family.stem else own[0]))
    return longest


def _laid_out(question: Question) -> int:
    """Tokens of its tree: the prompt once, and every continuation."""
    return max(s.start for s in question) + sum(len(s.tokens) - s.start for s in question)
