"""Log-likelihood of continuations with a transformers model, by four scorers, fastest first.

``headed``: as packed, and what questions begin with goes through the model once, into a key-value cache: what all have
in common (instruction, examples), and the stem that several renderings of one question share (``engines.families``).
``packed``: one packed tree a question (``igaku.engines.tree``); needs attention that takes a mask of our own.
``shared``: the common beginning once, its key-value cache repeated for each continuation.
``alone``: each continuation in a pass of its own; always right, and the yardstick of the self-check.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Protocol

from igaku.engines.logits import Questions, Sums, log_probs
from igaku.engines.packed import packed
from igaku.engines.tree import Scored

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import PreTrainedModel


class Scorer(Protocol):
    """Yields (question index, one log-likelihood a sequence); ``budget`` in tokens, ``pad`` a token's id."""

    def __call__(
        self, model: "PreTrainedModel", questions: Questions, budget: int, pad: int
    ) -> Iterator[tuple[int, Sums]]:
        """Score all questions, in any order."""
        ...


def shared(model: "PreTrainedModel", questions: Questions, budget: int, pad: int) -> Iterator[tuple[int, Sums]]:
    """As ``packed``, with ordinary causal attention: the common beginning's cache is repeated for each sequence."""
    import torch

    for index in sorted(range(len(questions)), key=lambda i: -max(len(s.tokens) for s in questions[i])):
        sequences = questions[index]
        common = min(s.start for s in sequences) - 1
        head = sequences[0].tokens[:common]
        while any(s.tokens[: len(head)] != head for s in sequences):
            head = head[:-1]
        if not head:
            yield from ((index, scores) for _, scores in alone(model, [sequences], budget, pad))
            continue
        rest = [Scored(s.tokens[len(head) :], s.start - len(head)) for s in sequences]
        longest = max(len(s.tokens) for s in rest)
        tokens = torch.tensor([[*s.tokens, *[pad] * (longest - len(s.tokens))] for s in rest], device=model.device)
        seen = torch.tensor([[1] * (len(head) + len(s.tokens)) + [0] * (longest - len(s.tokens)) for s in rest])
        with torch.inference_mode():
            first = model(input_ids=torch.tensor([list(head)], device=model.device), use_cache=True, logits_to_keep=1)
            first.past_key_values.batch_repeat_interleave(len(rest))
            logits = model(
                input_ids=tokens,
                attention_mask=seen.to(model.device),
                past_key_values=first.past_key_values,
                use_cache=True,
            ).logits
        yield index, _sums(logits, rest)


def alone(model: "PreTrainedModel", questions: Questions, budget: int, pad: int) -> Iterator[tuple[int, Sums]]:
    """As ``packed``, one full pass a sequence: no mask, no cache, no padding.

    Single tokens (letters) behind one prompt have one pass, over the prompt.
    """
    import torch

    for index, sequences in enumerate(questions):
        scores: list[float] = []
        prompt: Sequence[int] = ()
        for s in sequences:
            single = len(s.tokens) == s.start + 1
            last = 1 if single else len(s.tokens) - s.start + 1
            given = s.tokens[:-1] if single else s.tokens
            if not single or given != prompt:
                with torch.inference_mode():
                    tokens = torch.tensor([list(given)], device=model.device)
                    logits = model(input_ids=tokens, use_cache=False, logits_to_keep=last).logits[:, -last:]
                prompt = given if single else ()
            scores += _sums(logits, [Scored(s.tokens[s.start - 1 :], 1)])
        yield index, scores


def _sums(logits: "Tensor", sequences: Sequence[Scored]) -> list[float]:
    return [_sum(logits[b], s) for b, s in enumerate(sequences)]


def _sum(logits: "Tensor", sequence: Scored) -> float:
    import torch

    rows = torch.arange(sequence.start - 1, len(sequence.tokens) - 1, device=logits.device)
    targets = torch.tensor(list(sequence.tokens[sequence.start :]), dtype=torch.long, device=logits.device)
    values: list[float] = log_probs(logits, rows, targets).tolist()
    return float(sum(values))


SCORERS: dict[str, Scorer] = {
    "headed": packed,
    "packed": partial(packed, least=1 << 30, stem=1 << 30),
    "shared": shared,
    "alone": alone,
}
"""From the fastest to the slowest; all give the same numbers on an architecture that can do them."""
