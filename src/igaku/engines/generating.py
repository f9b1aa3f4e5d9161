"""Batched generation with a transformers model: longest prompts first, stop strings, replies as batches finish."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from igaku.engines.logits import Failed, halving
from igaku.engines.tree import batches
from igaku.question import Answer, Sampling

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import PreTrainedModel, PreTrainedTokenizerBase, StoppingCriteriaList


def generate(
    model: "PreTrainedModel",
    tokenizer: "PreTrainedTokenizerBase",
    prompts: Sequence[Sequence[int]],
    samplings: Sequence[Sampling],
    budget: int,
) -> Iterator[tuple[int, Answer]]:
    """Yield (index, answer); prompts with the same sampling share a batch, padded on the left."""
    for sampling in dict.fromkeys(samplings):
        mine = [i for i, s in enumerate(samplings) if s == sampling]
        for group in batches([len(prompts[i]) + sampling.max_tokens for i in mine], budget):
            run = partial(_batch, model, tokenizer, prompts, sampling)
            for i, answer in halving([mine[g] for g in group], run):
                yield i, Answer(finish="error", error=answer.why) if isinstance(answer, Failed) else answer


def _batch(
    model: "PreTrainedModel",
    tokenizer: "PreTrainedTokenizerBase",
    all_prompts: Sequence[Sequence[int]],
    sampling: Sampling,
    part: list[int],
) -> list[Answer]:
    import torch

    prompts = [all_prompts[i] for i in part]

    pad = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else tokenizer.eos_token_id
    longest = max(map(len, prompts))
    tokens = torch.tensor([[pad] * (longest - len(p)) + list(p) for p in prompts], device=model.device)
    seen = torch.tensor([[0] * (longest - len(p)) + [1] * len(p) for p in prompts], device=model.device)
    torch.manual_seed(sampling.seed)
    drawn = (
        {"do_sample": True, "temperature": sampling.temperature, "top_p": sampling.top_p, "top_k": 0}
        if sampling.temperature > 0
        else {"do_sample": False, "temperature": None, "top_p": None, "top_k": None}
    )
    generator: Any = model
    with torch.inference_mode():
        out = generator.generate(
            input_ids=tokens,
            attention_mask=seen,
            max_new_tokens=sampling.max_tokens,
            pad_token_id=pad,
            stopping_criteria=_criteria(tokenizer, longest, sampling.stop),
            **drawn,
        )
    ends = _ends(model, tokenizer)
    return [_answer(tokenizer, row[longest:].tolist(), len(p), ends, sampling) for row, p in zip(out, prompts)]


def _criteria(tokenizer: "PreTrainedTokenizerBase", start: int, stop: tuple[str, ...]) -> "StoppingCriteriaList":
    import torch
    from transformers import StoppingCriteria, StoppingCriteriaList

    reach = max((len(s) for s in stop), default=0) * 2 + 8

    class Stops(StoppingCriteria):
        def __call__(self, input_ids: "Tensor", scores: "Tensor", **_: object) -> "Tensor":
            tails = tokenizer.batch_decode(input_ids[:, max(start, input_ids.shape[1] - reach) :])
            return torch.tensor([any(s in t for s in stop) for t in tails], device=input_ids.device)

    return StoppingCriteriaList([Stops()] if stop else [])


def _ends(model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase") -> set[int]:
    ends = model.generation_config.eos_token_id
    return {*(ends if isinstance(ends, list) else [ends]), tokenizer.eos_token_id} - {None}


def _answer(
    tokenizer: "PreTrainedTokenizerBase", new: list[int], prompt_tokens: int, ends: set[int], sampling: Sampling
) -> Answer:
    ended = next((i for i, t in enumerate(new) if t in ends), None)
    new = new if ended is None else new[:ended]
    text = str(tokenizer.decode(new, skip_special_tokens=True))
    cut = min((at for s in sampling.stop if (at := text.find(s)) >= 0), default=None)
    if cut is not None:
        text = text[:cut]
    whole = ended is not None or cut is not None
    return Answer(
        finish="stop" if whole else "length",
        text=text,
        prompt_tokens=prompt_tokens,
        new_tokens=len(new) + (ended is not None),
    )
