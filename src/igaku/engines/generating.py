"""Batched generation with a transformers model: longest prompts first, stop strings, replies as batches finish."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from msgspec.structs import replace

from igaku.engines.logits import Failed, halving
from igaku.engines.recommended import only_tokens
from igaku.engines.stopping import StopStrings, criteria
from igaku.engines.tree import batches
from igaku.engines.written import written
from igaku.question import Answer, Sampling

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import PreTrainedModel, PreTrainedTokenizerBase, StoppingCriteriaList

WritingWay = Literal["compiled", "shared", "batched", "single", "uncached"]
"""``compiled``: on a GPU, as ``batched``, with a cache of fixed size, so that a step is compiled and sent whole;
``batched``: prompts of several lengths together, padded on the left; ``shared``: likewise, and a prompt that
several replies are written to (samples) is read once; ``single``: one prompt at a time; ``uncached``: one at a time,
each token by a plain pass over all before it."""
SIZE = 512
"""Lengths of fixed caches are multiples of 512 tokens."""


class Prompt(NamedTuple):
    """What is continued: token ids, whether they open the model's thinking, and what the model is given beside them
    (pictures as tensors, by name), which only a prompt that is written alone may have."""

    tokens: Sequence[int]
    opened: bool = False
    extras: Mapping[str, "Tensor"] = {}


class Writer(NamedTuple):
    """A model that writes."""

    model: "PreTrainedModel"
    tokenizer: "PreTrainedTokenizerBase"
    sampling: Mapping[str, float] = {}
    """The model's own recommended sampling, used above temperature 0."""
    way: WritingWay = "batched"


def generate(
    writer: Writer, prompts: Sequence[Prompt], samplings: Sequence[Sampling], budget: int
) -> Iterator[tuple[int, Answer]]:
    """Yield (index, answer); prompts with the same sampling share a batch of ``budget`` tokens, new ones included.

    Seeds may differ within a batch, which is drawn by that of its first prompt: each row has random numbers of its own.
    """
    for sampling in dict.fromkeys(replace(s, seed=0) for s in samplings):
        mine = [i for i, s in enumerate(samplings) if replace(s, seed=0) == sampling]
        mine.sort(key=lambda i: list(prompts[i].tokens))  # samples of one prompt side by side
        together = budget if writer.way in ("compiled", "shared", "batched") else 0
        for group in batches([len(prompts[i].tokens) + sampling.max_tokens for i in mine], together):
            run = partial(_batch_or_plain, writer, prompts, samplings)
            for i, answer in halving([mine[g] for g in group], run):
                yield i, Answer(finish="error", error=answer.why) if isinstance(answer, Failed) else answer


def _batch_or_plain(
    writer: Writer, prompts: Sequence[Prompt], samplings: Sequence[Sampling], part: list[int]
) -> list[Answer]:
    """A batch; without compiling where that fails, as it may for one size and not for others."""
    try:
        return _batch(writer, prompts, samplings, part)
    except Exception:  # a compiler raises what it likes
        if writer.way != "compiled":
            raise
    return _batch(writer._replace(way="batched"), prompts, samplings, part)


def _batch(writer: Writer, prompts: Sequence[Prompt], samplings: Sequence[Sampling], part: list[int]) -> list[Answer]:
    import torch

    sampling = samplings[part[0]]
    chosen = [prompts[i] for i in part]
    ends = end_tokens(writer)
    if writer.way == "uncached" and sampling.temperature <= 0:
        return [
            _answer(writer.tokenizer, _plain(writer, p, sampling), len(p.tokens), ends, sampling, p.opened)
            for p in chosen
        ]
    torch.manual_seed(sampling.seed)
    more = {**_drawn(writer, sampling), **_criteria(writer.tokenizer, chosen, sampling.stop), **chosen[0].extras}
    out = run_generate(writer, [p.tokens for p in chosen], sampling.max_tokens, **more)
    longest = max(len(p.tokens) for p in chosen)
    return [
        _answer(writer.tokenizer, row[longest:].tolist(), len(p.tokens), ends, sampling, p.opened)
        for row, p in zip(out.sequences, chosen)
    ]


def _plain(writer: Writer, prompt: Prompt, sampling: Sampling) -> list[int]:
    """Greedy tokens by a pass over all before each: what every other way is measured against."""
    import torch

    ends, stops = end_tokens(writer), _stops(writer.tokenizer, [prompt], sampling.stop)
    tokens = list(prompt.tokens)
    for _ in range(sampling.max_tokens):
        with torch.inference_mode():
            ids = torch.tensor([tokens], device=writer.model.device)
            tokens.append(int(writer.model(input_ids=ids, use_cache=False).logits[0, -1].argmax()))
        ids = torch.tensor([tokens], device=writer.model.device)
        if tokens[-1] in ends or (sampling.stop and stops.met(ids)[0]):
            break
    return tokens[len(prompt.tokens) :]


def run_generate(writer: Writer, prompts: Sequence[Sequence[int]], new: int, **settings: Any) -> Any:
    """``generate`` of transformers on prompts padded on the left, with nothing of a file's settings."""
    import torch

    model: Any = writer.model
    longest = max(map(len, prompts))
    pad = padding(writer.tokenizer)
    tokens = torch.tensor([[pad] * (longest - len(p)) + list(p) for p in prompts], device=model.device)
    seen = torch.tensor([[0] * (longest - len(p)) + [1] * len(p) for p in prompts], device=model.device)
    with torch.inference_mode(), only_tokens(model):
        if writer.way == "compiled":
            settings["past_key_values"] = _fixed(model, longest + new)
        if writer.way == "shared" and longest > 1:
            settings["past_key_values"] = _read_once(model, prompts, tokens, seen)
        return model.generate(
            input_ids=tokens,
            attention_mask=seen,
            max_new_tokens=new,
            pad_token_id=pad,
            use_cache=writer.way != "uncached",
            return_dict_in_generate=True,
            **settings,
        )


def _fixed(model: Any, length: int) -> Any:
    """An empty cache of one of few sizes: for each size a step is compiled once."""
    from transformers import StaticCache

    return StaticCache(config=model.config.get_text_config(decoder=True), max_cache_len=-(-length // SIZE) * SIZE)


def _read_once(model: Any, prompts: Sequence[Sequence[int]], tokens: "Tensor", seen: "Tensor") -> Any:
    """The model's cache of all prompts but their last tokens; each distinct prompt went through it once."""
    import torch

    first: dict[tuple[int, ...], int] = {}
    which = [first.setdefault(tuple(p), len(first)) for p in prompts]
    rows = torch.tensor([which.index(k) for k in range(len(first))], device=tokens.device)
    mask = seen[rows, :-1]
    positions = (mask.cumsum(-1) - 1).clamp(min=0)
    out = model(input_ids=tokens[rows, :-1], attention_mask=mask, position_ids=positions, use_cache=True)
    cache = out.past_key_values
    cache.reorder_cache(torch.tensor(which, device=tokens.device))
    return cache


def padding(tokenizer: "PreTrainedTokenizerBase") -> int:
    """The padding token, or any other where there is none."""
    pad = tokenizer.pad_token_id
    return int(pad if pad is not None else tokenizer.eos_token_id or 0)


def _drawn(writer: Writer, sampling: Sampling) -> dict[str, Any]:
    """How tokens are drawn: greedily, or by the model's own recommended sampling at the request's temperature."""
    if sampling.temperature <= 0:
        return {"do_sample": False, "temperature": None, "top_p": None, "top_k": None}
    own = {"top_p": sampling.top_p} if sampling.top_p < 1 else {}
    return {"do_sample": True, "temperature": sampling.temperature, "top_k": 0, "top_p": 1.0, **writer.sampling, **own}


def _stops(tokenizer: "PreTrainedTokenizerBase", prompts: Sequence[Prompt], stop: tuple[str, ...]) -> StopStrings:
    start = max(len(p.tokens) for p in prompts)
    return StopStrings(tokenizer, [p.opened for p in prompts], stop, special_texts(tokenizer), start)


def _criteria(
    tokenizer: "PreTrainedTokenizerBase", prompts: Sequence[Prompt], stop: tuple[str, ...]
) -> "dict[str, StoppingCriteriaList]":
    """Ends a reply at a stop string, unless it stands in its thinking."""
    return {"stopping_criteria": criteria(_stops(tokenizer, prompts, stop))} if stop else {}


def special_texts(tokenizer: "PreTrainedTokenizerBase") -> list[str]:
    """The texts of a tokenizer's special tokens, longest first."""
    return sorted({str(t) for t in tokenizer.all_special_tokens}, key=len, reverse=True)


def end_tokens(writer: Writer) -> set[int]:
    """The tokens that end a reply."""
    config: Any = writer.model.generation_config
    ends = config.eos_token_id
    return {*(ends if isinstance(ends, list) else [ends]), writer.tokenizer.eos_token_id} - {None}


def _answer(
    tokenizer: "PreTrainedTokenizerBase",
    new: list[int],
    prompt_tokens: int,
    ends: Collection[int],
    sampling: Sampling,
    opened: bool = False,
) -> Answer:
    ended = next((i for i, t in enumerate(new) if t in ends), None)
    mine = new if ended is None else new[:ended]
    return written(
        str(tokenizer.decode(mine, skip_special_tokens=False)),
        plain=str(tokenizer.decode(mine, skip_special_tokens=True)),
        specials=special_texts(tokenizer),
        opened=opened,
        stop=sampling.stop,
        ended=ended is not None,
        prompt_tokens=prompt_tokens,
        new_tokens=len(mine) + (ended is not None),
        count=lambda text: len(tokenizer.encode(text, add_special_tokens=False)),
    )
