"""Which way of scoring is right for the prompts at hand: measured on them, not taken from an architecture's name.

A fast way (``engines.scoring``) may be right for short prompts and wrong for long ones, or for a packed tree that is
longer than each of its sequences. So before a batch that is longer than all that was measured so far is scored, some
of its own questions are scored by the fast way and by one pass a sequence. Where they differ, the next way is tried.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from igaku.engines.boundaries import boundaries, rope_switch
from igaku.engines.families import WIDEST, families
from igaku.engines.logits import Failed, most_rows, projecting_only
from igaku.engines.scoring import SCORERS
from igaku.engines.tree import Scored

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import PreTrainedModel

EXACT, ROUNDED = 1e-3, 0.25
"""How far two ways of scoring may differ, in nats a token, times the square root of a continuation's tokens: in
float32, and with rounded weights or sums (Gemma 3 270M in bfloat16: 0.08; a wrong mask or position: several nats)."""
LEAK = 1.0
"""How far the likeliest token's log-probability may change with what follows it in half precision (Gemma 3 270M in
bfloat16: 0.05, and 0.5 for unlikely tokens); in float32 ``EXACT``, for each of the ``LIKELIEST``."""
FAILURES = (RuntimeError, TypeError, ValueError, AttributeError, KeyError, IndexError, NotImplementedError)
CACHED = ("headed", "shared")
"""Ways that keep what was computed for a beginning."""
NEVER = 1 << 60
"""Longer than any prompt."""
NOT_CAUSAL = (
    "this architecture, as transformers computes it, lets a token's probability depend on the tokens after it{}: "
    "likelihoods are those of one pass over prompt and choice, letters those of one over the prompt"
)
COMPARED, LIKELIEST = 256, 20
"""Positions, and likeliest tokens at each, on which causality is tried."""
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
        exact: whether weights and sums are in float32.
        notes: where the user is shown what falls back.
    """

    def __init__(
        self, model: "PreTrainedModel", budget: int, pad: int, *, first: str, exact: bool, notes: list[str]
    ) -> None:
        self._model, self._budget, self._pad = model, budget, pad
        self._exact, self._notes = exact, notes
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
        if longest and not self._is_causal(longest.tokens):
            yield Part("alone", members)
        elif self._switch and members:
            below, above, across = sides(questions, members, self._switch)
            yield from self._parts(questions, below, 0) if below else ()
            # what is cached below the switch has the wrong factors for sequences that reach beyond it
            yield from self._parts(questions, above, self._switch, cached=False) if above else ()
            yield from [Part("alone", across)] if across else ()
        elif members:
            yield from self._parts(questions, members, 0)

    def _is_causal(self, tokens: Sequence[int]) -> bool:
        """Whether numbers do not change with what follows, on a sequence as long as this."""
        if self._causal < len(tokens) < self._leaking:
            if is_causal(self._model, tokens, self._exact):
                self._causal = len(tokens)
            else:
                self._notes += [NOT_CAUSAL.format(f" ({len(tokens)} tokens)")] if self._leaking == NEVER else []
                self._leaking = len(tokens)
        return len(tokens) < self._leaking

    def _parts(
        self, questions: Sequence[Question], members: list[int], beyond: int, cached: bool = True
    ) -> Iterator[Part]:
        size = reach([questions[i] for i in members])
        for way in self._ways if cached else [w for w in self._ways if w not in CACHED]:
            if self._is_right(way, [questions[i] for i in members], size, beyond):
                yield Part(way, members)
                return
            limit = max((limit for limit in self._limits if beyond < limit < size), default=0)
            below, above, across = sides(questions, members, limit)
            if below and len(below) < len(members):
                yield from self._parts(questions, below, beyond, cached)
                yield from self._parts(questions, above, limit, cached) if above else ()
                yield from [Part("alone", across)] if across else ()
                return

    def _is_right(self, way: str, questions: list[Question], size: int, beyond: int) -> bool:
        key = way, beyond
        if way == "alone" or size <= self._right.get(key, 0):
            return True
        if size >= self._wrong.get(key, NEVER):
            return False
        found = self._measured(way, questions)
        if isinstance(found, tuple) and found[0] <= (EXACT if self._exact else ROUNDED):
            self._right[key] = size
            return True
        self._wrong[key] = size
        why = found if isinstance(found, str) else f"gives other numbers (by {found[1]:.3g} nat)"
        if way not in self._noted:
            self._noted.add(way)
            self._notes.append(
                f"likelihood {way!r} {why} on prompts laid out over {size} tokens, so such prompts take a slower way"
            )
        return False

    def _measured(self, way: str, questions: list[Question]) -> tuple[float, float] | str:
        """The largest difference on a sample, as ``EXACT`` counts it and in nats; or why the way does not run."""
        chosen, sequences = sample(questions)
        try:
            got = sums_of(way, self._model, chosen, self._budget, self._pad)
        except FAILURES as error:
            return f"does not run ({type(error).__name__})"
        alone = [[chosen[i][k]] for i, k in sequences]
        truth = sums_of("alone", self._model, alone, self._budget, self._pad)
        found = []
        for n, (i, k) in enumerate(sequences):
            difference, length = abs(got[i][k] - truth[n][0]), len(alone[n][0].tokens) - alone[n][0].start
            found.append((difference / max(1, length) ** 0.5, difference))
        return max(found)


def is_causal(model: "PreTrainedModel", tokens: Sequence[int], exact: bool) -> bool:
    """Whether what follows a token leaves its probabilities alone: one pass then gives those of all tokens."""
    if len(tokens) < 3:
        return True
    most = min(COMPARED, most_rows(model), len(tokens) - 1)
    positions = sorted({round(k * (len(tokens) - 2) / max(1, most - 1)) for k in range(most)})
    whole, shorter = (_logs_at(model, t, positions) for t in (tokens, tokens[:-1]))
    top = shorter.topk(min(LIKELIEST, shorter.shape[-1]) if exact else 1).indices
    return float((whole.gather(-1, top) - shorter.gather(-1, top)).abs().max()) <= (EXACT if exact else LEAK)


def _logs_at(model: "PreTrainedModel", tokens: Sequence[int], positions: Sequence[int]) -> "Tensor":
    """Log-probabilities at some positions of a sequence, by one plain pass."""
    import torch

    columns = torch.tensor(positions, device=model.device)
    with torch.inference_mode(), projecting_only(model, torch.zeros_like(columns), columns):
        logits = model(input_ids=torch.tensor([list(tokens)], device=model.device), use_cache=False).logits[0]
    return torch.log_softmax(logits.float(), -1)


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

    The renderings of one question that take the most room, the question that takes the most, the longest, the middle
    one and the shortest. Of each, the sequence is compared that is laid out last and has tokens of its own.
    """
    by_length = sorted(range(len(questions)), key=lambda i: max(len(s.tokens) for s in questions[i]))
    size = {i: q[0].start + sum(len(s.tokens) - s.start for s in q) for i, q in enumerate(questions)}
    relatives = max(families(questions), key=lambda f: sum(size[i] for i in f.members[:RELATIVES])).members[:RELATIVES]
    others = [max(size, key=size.__getitem__), by_length[-1], by_length[len(by_length) // 2], by_length[0]]
    chosen = list(dict.fromkeys([*relatives, *others]))
    pairs = [(n, _last(questions[i])) for n, i in enumerate(chosen)]
    return [questions[i] for i in chosen], list(dict.fromkeys([(0, 0), *pairs]))


def _last(question: Question) -> int:
    """The sequence that a tree lays out last, of those of which a token of their own is computed.

    Nothing is predicted from a last token, and a tree stands in the order of its tokens (``engines.tree``).
    """
    several = [k for k, s in enumerate(question) if len(s.tokens) - s.start > 1]
    return max(several or range(len(question)), key=lambda k: list(question[k].tokens[:-1]))


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
