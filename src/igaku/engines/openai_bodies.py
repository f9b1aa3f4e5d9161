"""What is sent to a server with OpenAI's interface: one JSON body a request, or one a continuation that is scored."""

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from igaku.engines.llamacpp import FORCED
from igaku.engines.openai_replies import Replies
from igaku.engines.pictures import read_picture
from igaku.errors import IgakuError
from igaku.question import Message, Request, Sampling
from igaku.thinking import opens

SHORTEST = 16
"""Tokens of a reply that the Responses API takes at least."""
UNLIMITED = 131_072
"""Tokens reckoned for a reply without a limit, and sent to completions, whose own limit is a few words."""
Json = dict[str, object]


CHAT, COMPLETIONS, RESPONSES = "/chat/completions", "/completions", "/responses"


@dataclass
class Dialect:
    """Which of the interface's paths, parameters and answers one server has; found out at load."""

    model: str
    has_chat: bool = False
    has_completions: bool = False
    has_responses: bool = False
    chat_top: int = 0
    """Log-probabilities a token in chats; 0 for none."""
    completions_top: int = 0
    no_chat_letters: str = ""
    """Why the first token of a chat's answer is no letter."""
    length_field: str = "max_tokens"
    """Its name for the longest reply in chats: newer vendors' models take only ``max_completion_tokens``."""
    letter_tokens: int = 1
    """Tokens asked for where one would do; some servers refuse so short a reply."""
    refused: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Path -> parameters that it does not take."""
    least_temperature: float = 0.0
    """What is sent for temperature 0, where that must be positive."""
    is_llamacpp: bool = False
    extras: Json = field(default_factory=dict)
    """Sent with every chat."""

    def drawn(self, path: str, s: Sampling) -> Json:
        """How a reply is drawn, in the parameters that this path takes. Temperature 0 and the seed are sent too, so
        that a server's own defaults do not count. Replies are cut at the stop strings here as well."""
        whole: Json = {"temperature": max(s.temperature, self.least_temperature), "top_p": s.top_p, "seed": s.seed}
        if s.stop:
            whole["stop"] = list(s.stop)
        left_out = (*self.refused.get(path, ()), *(("seed", "stop") if path == RESPONSES else ()))
        return {name: value for name, value in whole.items() if name not in left_out}


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
    by_turns = bool(request.messages or request.images) or not dialect.has_completions
    if by_turns and dialect.has_responses:
        return [_response(request, dialect, replies)]
    path = CHAT if dialect.has_chat and by_turns else COMPLETIONS
    base: Json = {**turns(request), **dialect.extras} if path == CHAT else {"prompt": request.prompt}
    base["model"] = dialect.model
    make = _text if request.kind == "text" else _letters
    return [make(request, path, base, dialect, replies)]


def _text(request: Request, path: str, base: Json, dialect: Dialect, replies: Replies) -> Body:
    s = request.sampling
    length = dialect.length_field if path == CHAT else "max_tokens"
    longest = s.max_tokens or (0 if path == CHAT else UNLIMITED)
    limit: Json = {length: longest} if longest else {}
    opened = path != CHAT and opens(request.prompt)
    json = base | limit | dialect.drawn(path, s)
    return Body(path, json, lambda body: replies.text(body, path == CHAT, s, opened), s.max_tokens or UNLIMITED)


def _response(request: Request, dialect: Dialect, replies: Replies) -> Body:
    s = request.sampling
    rows = [{"role": row["role"], "content": _for_response(row["content"])} for row in turn_rows(request)]
    limit = max(s.max_tokens, SHORTEST) if s.max_tokens else 0
    json: Json = {
        **dialect.extras,
        "model": dialect.model,
        "input": rows,
        "store": False,
        **({"max_output_tokens": limit} if limit else {}),
    }
    drawn = dialect.drawn(RESPONSES, s)
    return Body(RESPONSES, json | drawn, lambda body: replies.response(body, s, limit), limit or UNLIMITED)


def _for_response(content: object) -> object:
    """A turn's content as the Responses API names its parts."""
    if not isinstance(content, list):
        return content
    return [
        {"type": "input_image", "image_url": part["image_url"]["url"]}
        if part["type"] == "image_url"
        else {"type": "input_text", "text": part["text"]}
        for part in content
    ]


def _letters(request: Request, path: str, base: Json, dialect: Dialect, replies: Replies) -> Body:
    if path == CHAT and dialect.no_chat_letters:
        use = "use --method letter, which reads a written answer, or a prompt without turns (--prompt standard)"
        raise IgakuError(f"no letters of a chat's answer: {dialect.no_chat_letters}; {use}")
    length, n = (dialect.length_field, dialect.letter_tokens) if path == CHAT else ("max_tokens", 1)
    top: Json = {"logprobs": dialect.completions_top}
    if path == CHAT:
        top = {"logprobs": True, "top_logprobs": dialect.chat_top}
    greedy = {k: v for k, v in dialect.drawn(path, Sampling()).items() if k == "temperature"}
    json = base | {length: n} | greedy | top
    if dialect.is_llamacpp and path != CHAT:  # else it says nothing of a token that is half a character: see LlamaCpp
        json["logit_bias"] = [[request.continuations[0], FORCED]]
    return Body(path, json, lambda body: replies.letters(body, request.continuations), n)


def _scored(prompt: str, continuation: str, blank: int, dialect: Dialect, replies: Replies) -> Body:
    length = blank + len(continuation)
    return Body(COMPLETIONS, echo(dialect.model, prompt + continuation), lambda body: replies.scored(body, length))


def echo(model: str, text: str) -> Json:
    """A completion that gives the log-probabilities of its own prompt."""
    return {"model": model, "prompt": text, "echo": True, "logprobs": 1, "max_tokens": 1, "temperature": 0.0}


def turns(request: Request) -> Json:
    """The messages of a chat."""
    return {"messages": turn_rows(request)}


def turn_rows(request: Request) -> list[Json]:
    """A chat's turns; images stand before the last one's text."""
    messages = request.messages or [Message("user", request.prompt)]
    rows: list[Json] = [{"role": m.role, "content": m.content} for m in messages]
    if request.images:
        pictures = [{"type": "image_url", "image_url": {"url": data_url(p)}} for p in request.images]
        rows[-1]["content"] = [*pictures, {"type": "text", "text": rows[-1]["content"]}]
    return rows


def data_url(path: str) -> str:
    """A picture file as it is sent, by its content's type.

    Raises:
        IgakuError: as ``read_picture``.
    """
    content, kind = read_picture(path)
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"
