"""Log-likelihoods by packed trees, what questions begin with computed once, in a key-value cache."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from igaku.engines.families import STEM, families, units, without
from igaku.engines.logits import Failed, Questions, Sums, gather, halving, most_rows, projecting_only
from igaku.engines.tree import Batch, Scored, Tree, additive, after_head, batches, pack

if TYPE_CHECKING:
    from torch import Tensor
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
    for group in batches([len(t) for t in trees], budget):
        for part in _cut(group, trees, most_rows(model)):
            run = partial(_run_rows, model, trees, [row for row, _ in rows], cached, pad)
            for k, sums in halving(part, run):
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
