"""How long a reply may be: the template's own length, and room to think where the model may do that.

A limit costs nothing where a model stops by itself, and a thinking model that meets it has no answer at all: of twenty
published models on one exam, one thought for 73,789 characters. So the room is as large as the model's context allows.
The key of a reply holds the wanted length only, so that a server with another context is not asked all again.
"""

from collections import defaultdict
from collections.abc import Sequence

from msgspec.structs import replace

from igaku.engines.base import Engine, EngineBase
from igaku.prompts import Prompt
from igaku.question import Request, Sampling

THINKING = 65_536
"""Tokens for thinking, beside the template's own length."""
UNKNOWN = 1 << 30
"""The context of an engine that does not know it."""
SLACK = 256
"""Tokens that a server's chat template and its way to count may take beyond what is counted here."""


def sampling_of(engine: Engine, prompt: Prompt, temperature: float, seed: int, given: int | None = None) -> Sampling:
    """How a reply to a template is drawn: without stop strings where there may be a thought, which they would end."""
    sampling = prompt.sampling(temperature, seed, wanted_length(engine, prompt, given))
    return replace(sampling, stop=()) if _may_think(engine, prompt) else sampling


def wanted_length(engine: Engine, prompt: Prompt, given: int | None = None) -> int:
    """The longest reply to a template in tokens: as given by the user, else its own length and the room to think."""
    return given or prompt.card.max_tokens + (THINKING if _may_think(engine, prompt) else 0)


def _may_think(engine: Engine, prompt: Prompt) -> bool:
    """A local model thinks where its chat template knows of it; of a server's, nothing is known but what is set."""
    thinking = getattr(engine, "thinking", None)
    if thinking is False:
        return False
    served = engine.sends_messages and (thinking is True or prompt.card.reply == "reasoning")
    return prompt.is_chat or served


def fitted(engine: Engine, requests: Sequence[Request], least: Sequence[int]) -> list[Request]:
    """The requests with their lengths brought down to what the engine's context leaves.

    Args:
        least: of each, the tokens that its answer needs in any case; 0 where its length is not to be touched. Below
            it the engine is left to say that the prompt is too long.
    """
    out = list(requests)
    groups: dict[tuple[Sampling, int, bool], list[int]] = defaultdict(list)
    for i, one in enumerate(requests):
        if one.kind == "text" and 0 < least[i] < one.sampling.max_tokens:
            groups[replace(one.sampling, seed=0), least[i], bool(one.images)].append(i)
    for (sampling, shortest, _), mine in groups.items():
        length = _length(engine, [requests[i] for i in mine], sampling.max_tokens, shortest)
        for i in mine:
            out[i] = replace(requests[i], sampling=replace(requests[i].sampling, max_tokens=length))
    return out


def _length(engine: Engine, requests: Sequence[Request], wanted: int, shortest: int) -> int:
    """One length for requests that share a sampling but for the seed, so that they can share a batch; 0: the server's
    own limit."""
    if engine.context >= UNKNOWN:
        if not engine.sends_messages:
            return wanted
        return 0 if getattr(engine, "leaves_length_out", False) else shortest
    counts = engine.count([r.prompt for r in requests])
    if isinstance(engine, EngineBase):
        counts = [n + engine.count_images(r.images) if r.images else n for n, r in zip(counts, requests)]
    if engine.sends_messages:
        counts = [n + n // 4 + SLACK for n in counts]
    room = engine.context - max((n for n in counts if n + shortest <= engine.context), default=engine.context)
    return max(shortest, min(wanted, room))


def most_new_tokens(engine: Engine, requests: Sequence[Request]) -> int:
    """The most that written replies may take together."""
    return sum(min(r.sampling.max_tokens, engine.context) for r in requests if r.kind == "text")
