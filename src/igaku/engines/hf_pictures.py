"""Requests with pictures through a transformers model, one at a time: no padding, no packing, no sharing of beginnings.

Letters and choices are scored by plain passes over prompt, pictures and continuation, as ``alone`` scores text: a
picture takes part in attention and positions by each architecture's own rules, which nothing faster was measured for.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from igaku.engines.eyes import Eyes, Seen
from igaku.engines.generating import Prompt, Writer, generate
from igaku.engines.tree import Scored
from igaku.question import Answer, Request
from igaku.thinking import opens

if TYPE_CHECKING:
    from transformers import PreTrainedModel

FAILURES = (RuntimeError, TypeError, ValueError, AttributeError, KeyError, IndexError, NotImplementedError)


def placed(seen: Seen, model: "PreTrainedModel") -> Seen:
    """What goes with the tokens on the model's device, numbers with a point in its own width."""
    kind, device = model.dtype, model.device
    return Seen(
        seen.tokens,
        {k: v.to(device, dtype=kind) if v.is_floating_point() else v.to(device) for k, v in seen.extras.items()},
    )


def write_seen(eyes: Eyes, writer: Writer, request: Request, context: int) -> Answer:
    """A written reply."""
    seen = placed(eyes.see(request.prompt, request.images), writer.model)
    if len(seen.tokens) + request.sampling.max_tokens > context:
        return Answer(finish="overlong", prompt_tokens=len(seen.tokens))
    prompt = Prompt(seen.tokens, opens(request.prompt), seen.extras)
    try:
        return next(a for _, a in generate(writer._replace(way="single"), [prompt], [request.sampling], 0))
    except FAILURES as error:
        return _failed(error, seen)


def score_seen(
    eyes: Eyes, model: "PreTrainedModel", scored: Sequence[Scored], request: Request, context: int
) -> Answer:
    """Log-probability of each continuation: of a letter as the next token, of a text as the sum over its tokens.

    Args:
        scored: prompt (its pictures as their places) and each continuation as token ids.
    """
    prompt = request.prompt if request.kind == "letters" else request.prompt.rstrip() or request.prompt
    seen = placed(eyes.see(prompt, request.images, request.prompt), model)
    after = [list(s.tokens[s.start :]) for s in scored]
    if len(seen.tokens) + max(map(len, after)) > context:
        return Answer(finish="overlong", prompt_tokens=len(seen.tokens))
    try:
        if request.kind == "letters":
            sums = _letters(model, seen, [a[-1] for a in after])
        else:
            sums = [_text(model, seen, a) for a in after]
    except FAILURES as error:
        return _failed(error, seen)
    return Answer(logprobs=tuple(sums), tokens=tuple(map(len, after)), prompt_tokens=len(seen.tokens))


def _letters(model: "PreTrainedModel", seen: Seen, letters: Sequence[int]) -> list[float]:
    last = _logs(model, seen, 1)[-1]
    return [last[letter] for letter in letters]


def _text(model: "PreTrainedModel", seen: Seen, after: Sequence[int]) -> float:
    """The sum over a continuation's tokens, by one pass."""
    rows = _logs(model, seen.between((), after), len(after) + 1)
    return sum(row[token] for row, token in zip(rows, after))


def _logs(model: "PreTrainedModel", seen: Seen, last: int) -> "list[list[float]]":
    """Log-probabilities over the vocabulary after each of the last tokens."""
    import torch

    with torch.inference_mode():
        ids = torch.tensor([seen.tokens], device=model.device)
        out = model(input_ids=ids, attention_mask=torch.ones_like(ids), use_cache=False, **seen.extras)
        return torch.log_softmax(out.logits[0, -last:].float(), -1).tolist()


def _failed(error: Exception, seen: Seen) -> Answer:
    first = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return Answer(
        finish="error", error=f"this model fails on the pictures ({first[:200]})", prompt_tokens=len(seen.tokens)
    )
