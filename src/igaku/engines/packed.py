"""Log-likelihoods by packed trees, what questions begin with computed once, in a key-value cache."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from igaku.engines.attention import attention_for
from igaku.engines.families import STEM, families, units, without
from igaku.engines.logits import Failed, Questions, Sums, brought_back, log_probs, most_rows, projecting_only, summed
from igaku.engines.masks import Seen, masks
from igaku.engines.pipeline import through
from igaku.engines.tree import Batch, Scored, Tree, batches, pack, same_beginning

if TYPE_CHECKING:
    from torch import Tensor
    from torch import device as Device
    from transformers import PreTrainedModel

LEAST = 24
"""A beginning shared by all questions is computed once if it has 24 tokens; a shorter one costs more than it saves."""


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
    on_card = model.device.type == "cuda"
    most = most_rows(model)
    parts = [part for group in batches([len(t) for t in trees], budget) for part in _cut(group, trees, most)]

    def plan(part: list[int]) -> tuple[Given, list[int]]:
        return _given(pack([trees[k] for k in part], pad), on_card), [rows[k][0] for k in part]

    def launch(planned: tuple[Given, list[int]]) -> Callable[[], list[list[float]]]:
        given, which = planned
        return _launched(model, given, _picked(cached, which))

    for k, sums in through(parts, plan, launch, late=1 if on_card else 0):
        yield from _shared_out(rows[k][1], questions, sums)


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

    batch = _given(pack([Tree([Scored([*stem, pad], len(stem))]) for stem in stems], pad), False).on(model.device)
    before = _picked(cached, [0] * len(stems))
    with torch.inference_mode():
        cache: Any = _forward(model, batch, before, use_cache=True, logits_to_keep=1).past_key_values
    lengths = [n + len(stem) for n, stem in zip(before.lengths, stems)]
    return Cached([(layer.keys, layer.values) for layer in cache.layers], lengths)


class Given(NamedTuple):
    """A batch as tensors (``engines.tree.Batch``)."""

    tokens: "Tensor"
    positions: "Tensor"
    last: "Tensor"
    rows: "Tensor"
    columns: "Tensor"
    which: "Tensor"
    target: "Tensor"
    lengths: list[list[int]]

    def on(self, device: "Device") -> "Given":
        """On a device; from pinned memory the copy runs beside what the device computes."""
        return Given._make([*(t.to(device, non_blocking=True) for t in self[:-1]), self.lengths])


def _given(batch: Batch, pinned: bool) -> Given:
    import torch

    tensors = (torch.from_numpy(a) for a in batch[:-1])
    return Given._make([*(t.pin_memory() if pinned else t for t in tensors), batch.lengths])


def _forward(model: "PreTrainedModel", batch: Given, before: Cached, use_cache: bool, **settings: int) -> Any:
    """The model's output (``CausalLMOutputWithPast``) on a batch, on its device, behind what is cached."""
    import torch
    from transformers import DynamicCache

    cache = DynamicCache()
    for i, (keys, values) in enumerate(before.layers):
        cache.update(keys, values, i)
    heads = torch.tensor(before.lengths).to(model.device, non_blocking=True)
    with attention_for(model, batch.tokens.shape, before.width):
        return model(
            input_ids=batch.tokens,
            position_ids=batch.positions + heads[:, None],
            attention_mask=masks(model, Seen(batch.last, batch.positions, heads, before.width)),
            past_key_values=cache if use_cache else None,
            use_cache=use_cache,
            **settings,
        )


def common_head(questions: Questions) -> list[int]:
    """The tokens that every sequence begins with, short of the last one before any of them is scored."""
    sequences = [s for q in questions for s in q]
    if not sequences:
        return []
    first, last = (list(f(sequences, key=lambda s: list(s.tokens)).tokens) for f in (min, max))
    most = min(s.start for s in sequences) - 1
    return first[: min(same_beginning(first, last), most)]


def _cut(group: list[int], trees: Sequence[Tree], most: int) -> Iterator[list[int]]:
    part: list[int] = []
    held = 0
    for i in group:
        n = trees[i].scored
        if part and held + n > most:
            yield part
            part, held = [], 0
        part.append(i)
        held += n
    yield part


def _launched(model: "PreTrainedModel", given: Given, before: Cached) -> Callable[[], list[list[float]]]:
    """Start scoring a batch; what is returned waits for its numbers."""
    import torch

    batch = given.on(model.device)
    with torch.inference_mode(), projecting_only(model, batch.rows, batch.columns):
        logits = _forward(model, batch, before, use_cache=bool(before.layers)).logits[0]
        wait = brought_back(log_probs(logits, batch.which, batch.target))
    return lambda: summed(wait(), batch.lengths)
