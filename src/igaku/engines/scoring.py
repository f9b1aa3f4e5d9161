"""Log-likelihood of continuations with a transformers model, by four scorers, fastest first.

``headed``: as packed, and what questions begin with goes through the model once, into a key-value cache: what all have
in common (instruction, examples), and the stem that several renderings of one question share (``engines.families``).
``packed``: one packed tree a question (``igaku.engines.tree``); needs attention that takes a mask of our own.
``shared``: the common beginning once, its key-value cache repeated for each continuation.
``alone``: each continuation in a pass of its own; always right, and the yardstick of the self-check.

All project onto the vocabulary only where something is predicted. For a packed tree a hook on the output layer picks
those positions, so that whatever a model does around that layer (scaling, soft-capping) still happens.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

import numpy as np

from igaku.engines.families import STEM, families, units, without
from igaku.engines.tree import Batch, Scored, Tree, additive, after_head, batches, pack

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import PreTrainedModel

Questions = Sequence[Sequence[Scored]]
T = TypeVar("T")


class Failed(NamedTuple):
    """Why one question has no numbers."""

    why: str


class Moments(NamedTuple):
    """Of a text's tokens from the second on: log-probabilities, and mean and deviation of those of all tokens there."""

    logprobs: tuple[float, ...]
    means: tuple[float, ...]
    deviations: tuple[float, ...]


Sums = list[float] | Failed
"""One log-likelihood a sequence of a question."""


class Scorer(Protocol):
    """Yields (question index, one log-likelihood a sequence); ``budget`` in tokens, ``pad`` a token's id."""

    def __call__(
        self, model: "PreTrainedModel", questions: Questions, budget: int, pad: int
    ) -> Iterator[tuple[int, Sums]]:
        """Score all questions, in any order."""
        ...


LOGIT_BYTES = 400_000_000
"""Logits held at once; a batch is cut where its scored positions would need more."""


PIECE = 1 << 20
"""Logits normalised at once: pieces that stay in the processor's cache are 3 to 8 times as fast as large ones."""

LEAST = 24
"""A beginning shared by all questions is computed once if it has 24 tokens; a shorter one costs more than it saves."""


def head_of(model: Any) -> Any:
    """The layer that projects onto the vocabulary (transformers leaves the method without types)."""
    return model.get_output_embeddings()


@contextmanager
def projecting_only(model: "PreTrainedModel", rows: "Tensor", columns: "Tensor") -> Iterator[None]:
    """Within it, a forward pass returns logits of shape (1, N, V) for the N positions (rows, columns) only."""

    def pick(_: object, args: "tuple[Tensor, ...]") -> "tuple[Tensor, ...]":
        return (args[0][rows, columns][None], *args[1:])

    handle = head_of(model).register_forward_pre_hook(pick)
    try:
        yield
    finally:
        handle.remove()


class Cached(NamedTuple):
    """Keys and values of each layer, (rows, heads, width, size); row r holds ``lengths[r]`` tokens, then padding."""

    layers: "list[tuple[Tensor, Tensor]]"
    lengths: list[int]

    @property
    def width(self) -> int:
        """Tokens a row, padding included."""
        return int(self.layers[0][0].shape[2]) if self.layers else 0


NOTHING = Cached([], [0])


def packed(
    model: "PreTrainedModel", questions: Questions, budget: int, pad: int, least: int = LEAST, stem: int = STEM
) -> Iterator[tuple[int, Sums]]:
    """Yield (question index, one log-likelihood a sequence), batch by batch, longest questions first.

    What all questions begin with (instruction, examples) is computed once for all of them, from ``least`` tokens on;
    what some begin with (the stem of one question's renderings) once for these, from ``stem`` tokens on.
    """
    head = common_head(questions)
    head = head if len(head) >= least and len(questions) > 1 else []
    rest = [without(q, len(head)) for q in questions]
    cached = _extended(model, NOTHING, [head], pad) if head else NOTHING
    grown = families(rest, stem)
    single = [f.members for f in grown if not f.stem]
    yield from _trees(model, [(0, m) for m in single], rest, cached, budget, pad)
    several = [f for f in grown if f.stem]
    for group in batches([len(f.stem) for f in several], budget):
        mine = [several[i] for i in group]
        stems = _extended(model, cached, [f.stem for f in mine], pad)
        short = {i: without(rest[i], len(f.stem)) for f in mine for i in f.members}
        rows = [
            (row, [f.members[k] for k in unit])
            for row, f in enumerate(mine)
            for unit in units([short[i] for i in f.members])
        ]
        yield from _trees(model, rows, short, stems, budget, pad)


def _trees(
    model: "PreTrainedModel",
    rows: Sequence[tuple[int, list[int]]],
    questions: Mapping[int, Sequence[Scored]] | Questions,
    cached: Cached,
    budget: int,
    pad: int,
) -> Iterator[tuple[int, Sums]]:
    """Score (row of the cache, questions in one tree) pairs."""
    trees = [Tree([s for i in members for s in questions[i]]) for _, members in rows]
    for group in batches([len(t) for t in trees], budget):
        for part in _cut(group, trees, most_rows(model)):
            run = partial(_run_rows, model, trees, [row for row, _ in rows], cached, pad)
            for k, sums in halving(part, run):
                yield from _shared_out(rows[k][1], questions, sums)


def most_rows(model: "PreTrainedModel") -> int:
    """Positions whose logits, in float32, fit ``LOGIT_BYTES``."""
    return max(1, LOGIT_BYTES // (4 * len(head_of(model).weight)))


def _shared_out(
    members: list[int], questions: Mapping[int, Sequence[Scored]] | Questions, sums: Sums
) -> Iterator[tuple[int, Sums]]:
    """A tree's numbers as those of the questions in it."""
    at = 0
    for i in members:
        if isinstance(sums, Failed):
            yield i, sums
        else:
            yield i, sums[at : at + len(questions[i])]
            at += len(questions[i])


def _run_rows(
    model: "PreTrainedModel", trees: Sequence[Tree], row_of: Sequence[int], cached: Cached, pad: int, part: list[int]
) -> list[list[float]]:
    return _run(model, pack([trees[k] for k in part], pad), _picked(cached, [row_of[k] for k in part]))


def _picked(cached: Cached, rows: list[int]) -> Cached:
    """A cache with one row for each tree of a batch."""
    if not cached.layers:
        return Cached([], [0] * len(rows))
    single = cached.layers[0][0].shape[0] == 1
    layers = [
        (k.expand(len(rows), -1, -1, -1), v.expand(len(rows), -1, -1, -1)) if single else (k[rows], v[rows])
        for k, v in cached.layers
    ]
    return Cached(layers, [cached.lengths[0 if single else r] for r in rows])


def _extended(model: "PreTrainedModel", cached: Cached, stems: Sequence[list[int]], pad: int) -> Cached:
    """Keys and values of stems behind what is cached already (one row for all)."""
    import torch

    batch = pack([Tree([Scored([*stem, pad], len(stem))]) for stem in stems], pad)
    before = _picked(cached, [0] * len(stems))
    with torch.inference_mode():
        cache: Any = _forward(model, batch, before, use_cache=True, logits_to_keep=1).past_key_values
    lengths = [n + len(stem) for n, stem in zip(before.lengths, stems)]
    return Cached([(layer.keys, layer.values) for layer in cache.layers], lengths)


def _forward(model: "PreTrainedModel", batch: Batch, before: Cached, use_cache: bool, **settings: int) -> Any:
    """The model's output (``CausalLMOutputWithPast``) on a batch behind what is cached."""
    import torch
    from transformers import DynamicCache

    cache = DynamicCache()
    for i, (keys, values) in enumerate(before.layers):
        cache.update(keys, values, i)
    positions = batch.positions + np.asarray(before.lengths)[:, None]
    return model(
        input_ids=torch.from_numpy(batch.tokens).to(model.device),
        position_ids=torch.from_numpy(positions).to(model.device),
        attention_mask=masks(model, batch, before.lengths, before.width),
        past_key_values=cache if use_cache else None,
        use_cache=use_cache,
        **settings,
    )


def common_head(questions: Questions) -> list[int]:
    """The tokens that every sequence begins with, short of the last one before any of them is scored."""
    sequences = [s for q in questions for s in q]
    if not sequences:
        return []
    first, last = (f([list(s.tokens) for s in sequences]) for f in (min, max))
    most = min(s.start for s in sequences) - 1
    same = next((i for i, (a, b) in enumerate(zip(first, last)) if a != b), min(len(first), len(last)))
    return first[: min(same, most)]


def halving(part: list[int], run: Callable[[list[int]], list[T]]) -> Iterator[tuple[int, T | Failed]]:
    """Run a batch; where it fails (e.g. out of memory) its halves, down to one item, whose failure is ``Failed``."""
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


def _run(model: "PreTrainedModel", batch: Batch, before: Cached) -> list[list[float]]:
    import torch

    rows, columns = (torch.from_numpy(a).to(model.device) for a in (batch.rows, batch.columns))
    with torch.inference_mode(), projecting_only(model, rows, columns):
        logits = _forward(model, batch, before, use_cache=bool(before.layers)).logits[0]
    return gather(logits, batch.lookup)


def masks(model: "PreTrainedModel", batch: Batch, heads: Sequence[int], width: int) -> "Tensor | dict[str, Tensor]":
    """The mask a model's layers need: one tensor, or one a kind of layer where full and sliding attention mix."""
    config = model.config.get_text_config()
    kinds = set(getattr(config, "layer_types", None) or ())
    window = getattr(config, "sliding_window", None)
    dtype, device = model.dtype, model.device
    full = additive(after_head(batch, heads, width), dtype, device)
    if not window or (kinds and "sliding_attention" not in kinds):
        return dict.fromkeys(kinds, full) if len(kinds) > 1 else full
    reach = max(heads) + batch.tokens.shape[1]
    sliding = full if reach <= window else additive(after_head(batch, heads, width, window), dtype, device)
    if not kinds:
        return sliding
    return {kind: sliding if kind == "sliding_attention" else full for kind in kinds}


def _rows(logits: "Tensor") -> int:
    return max(1, PIECE // logits.shape[-1]) if logits.device.type == "cpu" else 256


def gather(logits: "Tensor", lookup: list[list[list[tuple[int, int]]]]) -> list[list[float]]:
    """Sum of log-probabilities of each sequence's targets; logits (N, V), normalised in float32 in small pieces."""
    import torch

    flat = [pair for tree in lookup for sequence in tree for pair in sequence]
    index = torch.tensor([p[0] for p in flat], device=logits.device)
    token = torch.tensor([p[1] for p in flat], device=logits.device)
    norm = torch.cat([torch.logsumexp(piece.float(), -1) for piece in torch.split(logits, _rows(logits))])
    values = (logits[index, token].float() - norm[index]).tolist()
    out, at = [], 0
    for tree in lookup:
        sums = []
        for sequence in tree:
            sums.append(float(sum(values[at : at + len(sequence)])))
            at += len(sequence)
        out.append(sums)
    return out


def token_moments(
    model: "PreTrainedModel", texts: Sequence[Sequence[int]], budget: int, pad: int
) -> Iterator[tuple[int, Moments | Failed]]:
    """Yield (index, moments of the tokens from the second on), longest texts first.

    Mean and standard deviation of the log-probability under the model's own distribution at each position.
    """
    import torch

    def run(part: list[int]) -> list[Moments]:
        longest = max(len(texts[i]) for i in part)
        tokens = torch.tensor([[*texts[i], *[pad] * (longest - len(texts[i]))] for i in part], device=model.device)
        seen = torch.tensor([[1] * len(texts[i]) + [0] * (longest - len(texts[i])) for i in part], device=model.device)
        rows = torch.tensor([b for b, i in enumerate(part) for _ in texts[i][1:]], device=model.device)
        columns = torch.tensor([j for i in part for j in range(len(texts[i]) - 1)], device=model.device)
        with torch.inference_mode(), projecting_only(model, rows, columns):
            logits = model(input_ids=tokens, attention_mask=seen, use_cache=False).logits[0]
        targets = torch.tensor([t for i in part for t in texts[i][1:]], device=model.device)
        size = _rows(logits)
        pieces = [_moments(some, t) for some, t in zip(torch.split(logits, size), torch.split(targets, size))]
        found = torch.cat(pieces).tolist()
        out, at = [], 0
        for i in part:
            mine, at = found[at : at + len(texts[i]) - 1], at + len(texts[i]) - 1
            out.append(Moments(*zip(*mine)) if mine else Moments((), (), ()))
        return out

    for group in batches([len(t) for t in texts], min(budget, most_rows(model))):
        yield from halving(group, run)


def _moments(logits: "Tensor", targets: "Tensor") -> "Tensor":
    import torch

    logs = torch.log_softmax(logits.float(), -1)
    p = logs.exp()
    mean = (p * logs).sum(-1)
    deviation = ((p * logs.square()).sum(-1) - mean.square()).clamp_min(0).sqrt()
    return torch.stack([logs.gather(-1, targets[:, None])[:, 0], mean, deviation], -1)


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
    """As ``packed``, one full pass a sequence: no mask, no cache, no padding."""
    import torch

    for index, sequences in enumerate(questions):
        scores = []
        for s in sequences:
            tokens = torch.tensor([list(s.tokens)], device=model.device)
            last = len(s.tokens) - s.start + 1
            with torch.inference_mode():
                logits = model(input_ids=tokens, use_cache=False, logits_to_keep=last).logits[:, -last:]
            scores += _sums(logits, [Scored(s.tokens[s.start - 1 :], 1)])
        yield index, scores


def _sums(logits: "Tensor", sequences: Sequence[Scored]) -> list[float]:
    lookup = [[[(j - 1, s.tokens[j]) for j in range(s.start, len(s.tokens))]] for s in sequences]
    return [gather(logits[b], [pairs])[0][0] for b, pairs in enumerate(lookup)]


SCORERS: dict[str, Scorer] = {
    "headed": packed,
    "packed": partial(packed, least=1 << 30, stem=1 << 30),
    "shared": shared,
    "alone": alone,
}
"""From the fastest to the slowest; all give the same numbers on an architecture that can do them."""
