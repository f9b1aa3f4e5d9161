"""A way of scoring tried on some of the questions at hand, against one plain pass a sequence.

What a trial computes is not computed again: the numbers of the plain passes stay known, so that the next way is
measured against them, and those of the fast way are the questions' own.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from igaku.engines.families import Family, families, without
from igaku.engines.logits import Failed, head_of, most_rows, projecting_only
from igaku.engines.packed import LEAST, common_head
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
STEADY = 3e-5
"""How far the last layer's states may change with what follows, as a share of their length, in float32 (28
architectures: at most 5e-6); then log-probabilities are compared at ``FEW`` positions, else at ``COMPARED``."""
FAILURES = (RuntimeError, TypeError, ValueError, AttributeError, KeyError, IndexError, NotImplementedError)
COMPARED, FEW, LIKELIEST = 256, 32, 20
"""Positions, and likeliest tokens at each, on which causality is tried."""
RELATIVES = 8
"""Renderings of one question in a sample: enough for the largest tree that is laid out."""

Question = Sequence[Scored]


class Measured(NamedTuple):
    """How far a way is from one pass a sequence, at most: as ``EXACT`` counts it, and in nats.

    ``sums`` are the way's numbers of the questions that were tried, by index.
    """

    scaled: float
    nats: float
    sums: Mapping[int, list[float]]


class Trial:
    """Of one model; ``budget`` in tokens a batch, ``pad`` a token's id, ``exact``: weights and sums in float32."""

    def __init__(self, model: "PreTrainedModel", budget: int, pad: int, exact: bool) -> None:
        self._model, self._budget, self._pad, self._exact = model, budget, pad, exact
        self._truths: dict[tuple[tuple[int, ...], int], float] = {}

    def measured(self, way: str, questions: list[Question]) -> Measured | str:
        """The way on a sample of the questions, or why it does not run."""
        chosen, pairs = sample(questions)
        try:
            sums = sums_of(way, self._model, [questions[i] for i in chosen], self._budget, self._pad)
        except FAILURES as error:
            return f"does not run ({type(error).__name__})"
        found = []
        for n, k in pairs:
            sequence = questions[chosen[n]][k]
            difference = abs(sums[n][k] - self._truth(sequence))
            found.append((difference / max(1, len(sequence.tokens) - sequence.start) ** 0.5, difference))
        return Measured(*max(found), {chosen[n]: values for n, values in sums.items()})

    def is_causal(self, sequence: Scored) -> bool:
        """As ``causality``; the sequence's own number is known from then on."""
        found = causality(self._model, sequence, self._exact)
        if found.own is not None:
            self._truths[_key(sequence)] = found.own
        return found.holds

    def _truth(self, sequence: Scored) -> float:
        if _key(sequence) not in self._truths:
            self._truths[_key(sequence)] = sums_of("alone", self._model, [[sequence]], self._budget, self._pad)[0][0]
        return self._truths[_key(sequence)]


class Causality(NamedTuple):
    """Whether what follows a token leaves its probabilities alone, and the log-likelihood by one of the passes.

    ``own`` is None where a text is too short, or a continuation too long, to be read off beside.
    """

    holds: bool
    own: float | None


def causality(model: "PreTrainedModel", sequence: Scored, exact: bool) -> Causality:
    """Compare a sequence with the same without its last token, by a plain pass each.

    In float32 the last layer's states tell it at every position; what a model does behind them (and whatever states do
    not settle) shows in the log-probabilities of some positions.
    """
    length = len(sequence.tokens)
    if length < 3:
        return Causality(True, None)
    rows = most_rows(model)
    own = list(range(sequence.start - 1, length - 1))
    fits = len(own) <= rows // 2
    tried = _spread(min(rows // 2, length - 1, FEW if exact else COMPARED), length)
    positions = sorted({*tried, *own} if fits else tried)
    whole, shorter = _both(model, sequence.tokens, positions)
    holds = _agree(whole, shorter, exact)
    if exact and not _steady(whole, shorter):
        holds = holds and _agree(
            *_both(model, sequence.tokens, _spread(min(rows, length - 1, COMPARED), length)), exact=True
        )
    logs = (shorter if len(own) == 1 else whole).logs
    at = {position: row for row, position in enumerate(positions)}
    value = sum(float(logs[at[p], sequence.tokens[p + 1]]) for p in own) if fits else None
    return Causality(holds, value)


class Passed(NamedTuple):
    """Log-probabilities (N, V) at N positions of a text of T tokens, and the last layer's states (T, D)."""

    logs: "Tensor"
    states: "Tensor"


def _both(model: "PreTrainedModel", tokens: Sequence[int], positions: Sequence[int]) -> tuple[Passed, Passed]:
    """A text, and the same without its last token."""
    return _passed(model, tokens, positions), _passed(model, tokens[:-1], positions)


def _passed(model: "PreTrainedModel", tokens: Sequence[int], positions: Sequence[int]) -> Passed:
    """One plain pass."""
    import torch

    states: list[Tensor] = []
    handle = head_of(model).register_forward_pre_hook(lambda _, args: states.append(args[0][0]))
    columns = torch.tensor(positions, device=model.device)
    try:
        with torch.inference_mode(), projecting_only(model, torch.zeros_like(columns), columns):
            logits = model(input_ids=torch.tensor([list(tokens)], device=model.device), use_cache=False).logits[0]
    finally:
        handle.remove()
    return Passed(torch.log_softmax(logits.float(), -1), states[0])


def _spread(n: int, length: int) -> list[int]:
    """At most n positions of a text, from its first to the one before its last."""
    return sorted({round(k * (length - 2) / max(1, n - 1)) for k in range(max(1, n))})


def _agree(whole: Passed, shorter: Passed, exact: bool) -> bool:
    """Whether the likeliest tokens have the same log-probabilities."""
    top = shorter.logs.topk(min(LIKELIEST, shorter.logs.shape[-1]) if exact else 1).indices
    difference = (whole.logs.gather(-1, top) - shorter.logs.gather(-1, top)).abs().max()
    return float(difference) <= (EXACT if exact else LEAK)


def _steady(whole: Passed, shorter: Passed) -> bool:
    """Whether the states of all positions are the same."""
    change = (whole.states[: len(shorter.states)] - shorter.states).norm(dim=-1)
    return bool((change <= STEADY * shorter.states.norm(dim=-1)).all())


def _key(sequence: Scored) -> tuple[tuple[int, ...], int]:
    return tuple(sequence.tokens), sequence.start


def sample(questions: Sequence[Question]) -> tuple[list[int], list[tuple[int, int]]]:
    """Questions (by index) as different as the batch has them, and (place in that list, sequence) pairs to compare.

    The renderings of one question that take the most room, the question that takes the most, the longest and the
    shortest. Of each, the sequence is compared that is laid out last and has tokens of its own; of the first also
    its first.
    """
    longest = [max(len(s.tokens) for s in q) for q in questions]
    size = [q[0].start + sum(len(s.tokens) - s.start for s in q) for q in questions]
    relatives = max(behind_head(questions)[1], key=lambda f: sum(size[i] for i in f.members[:RELATIVES])).members[
        :RELATIVES
    ]
    everyone = range(len(questions))
    others = [max(everyone, key=size.__getitem__), max(everyone, key=longest.__getitem__)]
    chosen = list(dict.fromkeys([*relatives, *others, min(everyone, key=longest.__getitem__)]))
    pairs = [(n, _last(questions[i])) for n, i in enumerate(chosen)]
    return chosen, list(dict.fromkeys([(0, 0), *pairs]))


def behind_head(questions: Sequence[Question]) -> tuple[int, list[Family]]:
    """How many tokens all questions begin with (instruction, examples), and the families of what follows them."""
    head = len(common_head(questions))
    head = head if head >= LEAST and len(questions) > 1 else 0
    return head, families([without(q, head) for q in questions])


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
