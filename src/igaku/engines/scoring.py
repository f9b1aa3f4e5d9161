"""Log-likelihood of continuations with a transformers model, four ways, fastest first.

``headed``: as packed, and what all questions begin with goes through the model once, into a key-value cache.
``packed``: one packed tree a question (``igaku.engines.tree``); needs attention that takes a mask of our own.
``shared``: the common beginning once, its key-value cache repeated for each continuation.
``alone``: each continuation in a pass of its own; always right, and the yardstick of the self-check.

All project onto the vocabulary only where something is predicted. For a packed tree a hook on the output layer picks
those positions, so that whatever a model does around that layer (scaling, soft-capping) still happens.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, NamedTuple

from igaku.engines.tree import Batch, Scored, Tree, additive, after_head, batches, pack


class Failed(NamedTuple):
    """Why one question has no numbers."""

    why: str


LOGIT_BYTES = 400_000_000
"""Logits held at once; a batch is cut where its scored positions would need more."""


LEAST = 24
"""A beginning shared by all questions is computed apart from so many tokens on; a shorter one costs more than it saves."""


@contextmanager
def projecting_only(model: Any, rows: Any, columns: Any) -> Iterator[None]:
    """Within it, a forward pass returns logits of shape (1, N, V) for the N positions (rows, columns) only."""

    def pick(_: Any, args: tuple[Any, ...]) -> tuple[Any, ...]:
        return (args[0][rows, columns][None], *args[1:])

    handle = model.get_output_embeddings().register_forward_pre_hook(pick)
    try:
        yield
    finally:
        handle.remove()


def packed(
    model: Any, questions: Sequence[Sequence[Scored]], budget: int, pad: int, least: int = LEAST
) -> Iterator[tuple[int, list[float] | Failed]]:
    """Yield (question index, one log-likelihood a sequence), batch by batch, longest questions first.

    What all questions begin with (instruction, examples) is computed once for all of them, from ``least`` tokens on.
    """
    head = common_head(questions)
    head = head if len(head) >= least and len(questions) > 1 else []
    trees = [Tree([Scored(s.tokens[len(head) :], s.start - len(head)) for s in q]) for q in questions]
    prefix = _prefix(model, head) if head else None
    vocab = model.get_output_embeddings().weight.shape[0]
    most = max(1, LOGIT_BYTES // (4 * vocab))
    for group in batches([len(t) for t in trees], budget):
        for part in _cut(group, trees, most):
            yield from halving(part, lambda p: _run(model, pack([trees[i] for i in p], pad), len(head), prefix))


def common_head(questions: Sequence[Sequence[Scored]]) -> list[int]:
    """The tokens that every sequence begins with, short of the last one before any of them is scored."""
    sequences = [s for q in questions for s in q]
    if not sequences:
        return []
    first, last = (f([list(s.tokens) for s in sequences]) for f in (min, max))
    most = min(s.start for s in sequences) - 1
    same = next((i for i, (a, b) in enumerate(zip(first, last)) if a != b), min(len(first), len(last)))
    return first[: min(same, most)]


def _prefix(model: Any, head: list[int]) -> list[tuple[Any, Any]]:
    """Keys and values of each layer for a head that all questions share."""
    import torch
    from transformers import DynamicCache

    with torch.inference_mode():
        tokens = torch.tensor([head], device=model.device)
        cache = model(
            input_ids=tokens, past_key_values=DynamicCache(), use_cache=True, logits_to_keep=1
        ).past_key_values
    return [(layer.keys, layer.values) for layer in cache.layers]


def _repeated(prefix: list[tuple[Any, Any]], rows: int) -> Any:
    from transformers import DynamicCache

    cache = DynamicCache()
    for i, (keys, values) in enumerate(prefix):
        cache.update(keys.expand(rows, -1, -1, -1), values.expand(rows, -1, -1, -1), i)
    return cache


def halving(part: list[int], run: Callable[[list[int]], list[Any]]) -> Iterator[tuple[int, Any]]:
    """Run a batch; where it fails (out of memory, say) run its halves, down to one item, whose failure is a ``Failed``."""
    try:
        yield from zip(part, run(part))
    except RuntimeError as error:
        if len(part) == 1:
            yield part[0], Failed(f"{type(error).__name__}: {str(error).splitlines()[0][:300]}")
        else:
            for half in (part[: len(part) // 2], part[len(part) // 2 :]):
                yield from halving(half, run)


def _cut(group: list[int], trees: Sequence[Tree], most: int) -> Iterator[list[int]]:
    part: list[int] = []
    held = 0
    for i in group:
        n = len({node for targets in trees[i].targets for node, _ in targets})
        if part and held + n > most:
            yield part
            part, held = [], 0
        part.append(i)
        held += n
    yield part


def _run(model: Any, batch: Batch, head: int, prefix: list[tuple[Any, Any]] | None) -> list[list[float]]:
    import torch

    device = model.device
    rows, columns = (torch.from_numpy(a).to(device) for a in (batch.rows, batch.columns))
    with torch.inference_mode(), projecting_only(model, rows, columns):
        logits = model(
            input_ids=torch.from_numpy(batch.tokens).to(device),
            position_ids=torch.from_numpy(batch.positions + head).to(device),
            attention_mask=masks(model, batch, head),
            past_key_values=_repeated(prefix, len(batch.tokens)) if prefix else None,
            use_cache=prefix is not None,
        ).logits[0]
    return gather(logits, batch.lookup)


def masks(model: Any, batch: Batch, head: int = 0) -> Any:
    """The mask a model's layers need: one tensor, or one a kind of layer where full and sliding attention mix."""
    config = model.config.get_text_config()
    kinds = set(getattr(config, "layer_types", None) or ())
    window = getattr(config, "sliding_window", None)
    dtype, device = model.dtype, model.device
    full = additive(after_head(batch, head), dtype, device)
    if not window or (kinds and "sliding_attention" not in kinds):
        return dict.fromkeys(kinds, full) if len(kinds) > 1 else full
    reach = head + batch.tokens.shape[1]
    sliding = full if reach <= window else additive(after_head(batch, head, window), dtype, device)
    if not kinds:
        return sliding
    return {kind: sliding if kind == "sliding_attention" else full for kind in kinds}


def gather(logits: Any, lookup: list[list[list[tuple[int, int]]]]) -> list[list[float]]:
    """Sum of log-probabilities of each sequence's targets; logits (N, V), normalised in float32 in small pieces."""
    import torch

    flat = [pair for tree in lookup for sequence in tree for pair in sequence]
    index = torch.tensor([p[0] for p in flat], device=logits.device)
    token = torch.tensor([p[1] for p in flat], device=logits.device)
    norm = torch.cat([torch.logsumexp(piece.float(), -1) for piece in logits.split(64)])
    values = (logits[index, token].float() - norm[index]).tolist()
    out, at = [], 0
    for tree in lookup:
        sums = []
        for sequence in tree:
            sums.append(float(sum(values[at : at + len(sequence)])))
            at += len(sequence)
        out.append(sums)
    return out


def shared(
    model: Any, questions: Sequence[Sequence[Scored]], budget: int, pad: int
) -> Iterator[tuple[int, list[float] | Failed]]:
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


def alone(
    model: Any, questions: Sequence[Sequence[Scored]], budget: int, pad: int
) -> Iterator[tuple[int, list[float] | Failed]]:
    """As ``packed``, one full pass a sequence: no mask, no cache, no padding."""
    import torch

    for index, sequences in enumerate(questions):
        scores = []
        for s in sequences:
            tokens = torch.tensor([list(s.tokens)], device=model.device)
            kept = len(s.tokens) - s.start + 1
            with torch.inference_mode():
                logits = model(input_ids=tokens, use_cache=False, logits_to_keep=kept).logits[:, -kept:]
            scores += _sums(logits, [Scored(s.tokens[s.start - 1 :], 1)])
        yield index, scores


def _sums(logits: Any, sequences: Sequence[Scored]) -> list[float]:
    lookup = [[[(j - 1, s.tokens[j]) for j in range(s.start, len(s.tokens))]] for s in sequences]
    return [gather(logits[b], [pairs])[0][0] for b, pairs in enumerate(lookup)]


WAYS: dict[str, Callable[..., Iterator[tuple[int, list[float] | Failed]]]] = {
    "headed": packed,
    "packed": partial(packed, least=1 << 30),
    "shared": shared,
    "alone": alone,
}
"""From the fastest to the slowest; all give the same numbers on an architecture that can do them."""
