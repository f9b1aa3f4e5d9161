"""What is sent to a server with OpenAI's interface: one JSON body a request, or one a continuation that is scored."""

import base64
import mimetypes
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from igaku.engines.llamacpp import FORCED
from igaku.engines.openai_replies import Replies
from igaku.errors import IgakuError
from igaku.question import Message, Request, Sampling

IMAGE_MB = 10
UNLIMITED = 131_072
"""Tokens reckoned for a reply without a limit, and sent to completions, whose own limit is a few words."""
Json = dict[str, object]


@dataclass
class Dialect:
    """Which of the interface's paths, parameters and answers one server has; found out at load."""

    model: str
    has_chat: bool = False
    has_completions: bool = False
    chat_top: int = 0
    """Log-probabilities a token in chats; 0 for none."""
    completions_top: int = 0
    length_field: str = "max_tokens"
    """Its name for the longest reply in chats: newer vendors' models take only ``max_completion_tokens``."""
    takes_sampling: bool = True
    """Whether its chats take a temperature and a seed."""
    is_llamacpp: bool = False
    extras: Json = field(default_factory=dict)
    """Sent with every chat."""


class Body(NamedTuple):
    """One call: its path, what is sent, and what reads the decoded answer."""

    path: str
    json: Json
    read: Callable[[object], object]
    new_tokens: int = 1


def bodies(request: Request, dialect: Dialect, replies: Replies) -> list[Body]:
    """The calls that one request becomes: one, or one a continuation whose text is scored."""
    if request.kind == "likelihood":
        blank = len(request.prompt) - len(request.prompt.rstrip() or request.prompt)
        return [_scored(request.prompt, c, blank, dialect, replies) for c in request.continuations]
    by_chat = bool(request.messages or request.images) or not dialect.has_completions
    as_chat = dialect.has_chat and by_chat
    base: Json = {**turns(request), **dialect.extras} if as_chat else {"prompt": request.prompt}
    base["model"] = dialect.model
    make = _text if request.kind == "text" else _letters
    return [make(request, as_chat, base, dialect, replies)]


def _text(request: Request, as_chat: bool, base: Json, dialect: Dialect, replies: Replies) -> Body:
    s = request.sampling
    length = dialect.length_field if as_chat else "max_tokens"
    drawn = sampling_fields(s) if dialect.takes_sampling or not as_chat else {}
    longest = s.max_tokens or (0 if as_chat else UNLIMITED)
    limit: Json = {length: longest} if longest else {}
    json = base | limit | drawn | ({"stop": list(s.stop)} if s.stop else {})
    return Body(_path(as_chat), json, lambda body: replies.text(body, as_chat, s), s.max_tokens or UNLIMITED)


def _letters(request: Request, as_chat: bool, base: Json, dialect: Dialect, replies: Replies) -> Body:
    length = dialect.length_field if as_chat else "max_tokens"
    top: Json = {"logprobs": dialect.completions_top}
    if as_chat:
        top = {"logprobs": True, "top_logprobs": dialect.chat_top}
    greedy: Json = {"temperature": 0.0} if dialect.takes_sampling or not as_chat else {}
    json = base | {length: 1} | greedy | top
    if dialect.is_llamacpp and not as_chat:  # else it says nothing of a token that is half a character: see LlamaCpp
        json["logit_bias"] = [[request.continuations[0], FORCED]]
    return Body(_path(as_chat), json, lambda body: replies.letters(body, request.continuations))


def _scored(prompt: str, continuation: str, blank: int, dialect: Dialect, replies: Replies) -> Body:
    length = blank + len(continuation)
    return Body("/completions", echo(dialect.model, prompt + continuation), lambda body: replies.scored(body, length))


def echo(model: str, text: str) -> Json:
    """A completion that gives the log-probabilities of its own prompt."""
    return {"model": model, "prompt": text, "echo": True, "logprobs": 1, "max_tokens": 1, "temperature": 0.0}


def _path(as_chat: bool) -> str:
    return "/chat/completions" if as_chat else "/completions"


def sampling_fields(s: Sampling) -> Json:
    """Temperature 0 and the seed are sent too, so that a server's own defaults do not count."""
    return {"temperature": s.temperature, "top_p": s.top_p, "seed": s.seed}


def turns(request: Request) -> Json:
    """The messages of a chat; images stand before the last one's text."""
    messages = request.messages or [Message("user", request.prompt)]
    rows: list[Json] = [{"role": m.role, "content": m.content} for m in messages]
    if request.images:
        pictures = [{"type": "image_url", "image_url": {"url": data_url(p)}} for p in request.images]
        rows[-1]["content"] = [*pictures, {"type": "text", "text": rows[-1]["content"]}]
    return {"messages": rows}


def data_url(path: str) -> str:
    """An image file as it is sent.

    Raises:
        IgakuError: it cannot be read, is larger than 10 MB, or is not an image by its name.
    """
    file = Path(path)
    try:
        size = file.stat().st_size
        if size > IMAGE_MB << 20:
            raise IgakuError(f"{file}: {size / 1e6:.1f} MB, more than the {IMAGE_MB} MB that are sent; make it smaller")
        kind = mimetypes.guess_type(file.name)[0] or ""
        if not kind.startswith("image/"):
            raise IgakuError(f"{file}: not an image by its name; use .png, .jpg or .webp")
        return f"data:{kind};base64,{base64.b64encode(file.read_bytes()).decode()}"
    except OSError as error:
        raise IgakuError(f"{file}: cannot be read ({error.strerror})") from None
