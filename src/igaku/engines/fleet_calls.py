"""One request to a server, what becomes of it, and the reading of response bodies, whatever they hold."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from math import isfinite
from urllib.parse import urlsplit

from igaku.engines.fleet_errors import Kind, ServerError

LARGEST = 64 << 20
"""Bytes of one response; a longer one is not read to its end."""


@dataclass
class Call:
    """One request; ``check`` turns a decoded body into what is handed on, or raises ``BadPayload``."""

    index: int
    path: str
    body: bytes
    check: Callable[[object], object]
    reserve: float = 0.0
    """What it may cost at most."""
    new_tokens: int = 1
    """The longest reply that it may bring: a long one is waited for longer."""
    probe: bool = False
    """Whether a path that is not found is an answer, not the end of the run."""
    optional: bool = False
    """Whether it asks for something that a key may not be allowed (403), which is an answer too."""
    started: bool = False
    seconds: float = 0.0
    """How long its last try took, from sending it to the whole of its reply."""
    tries: int = 0
    put_off: float = 0.0
    """Seconds that busy servers have made it wait."""
    pause: float = 0.0
    """Seconds of its last pause."""


@dataclass
class Failed:
    """No answer: the server refused this request (``status`` 4xx), or every try failed."""

    message: str
    status: int = 0
    kind: Kind = field(default="error", compare=False)
    error: ServerError | None = field(default=None, compare=False)
    """What the server said of it, where it said anything."""


@dataclass
class RetryAfter:
    """The call is to be tried again after some seconds."""

    seconds: float


class BadPayload(ValueError):
    """A body that is not an answer."""


class ErrorInBody(BadPayload):
    """An error that came with status 200."""

    def __init__(self, error: ServerError) -> None:
        super().__init__(error.message)
        self.error = error


def checked(call: Call, raw: bytes) -> object:
    """What the call makes of a body.

    Raises:
        BadPayload: it is not JSON, or has not the form of an answer.
    """
    try:
        return call.check(_decoded(raw))
    except (AttributeError, TypeError, KeyError, IndexError, OverflowError) as error:
        raise BadPayload(f"not in the form of an answer ({type(error).__name__})") from None


def bare_status(status: int, location: str | None = None) -> str:
    """What there is to say of an answer without words: its status, and where it sends one to, without the query."""
    if not 300 <= status < 400:
        return f"status {status} with an empty body"
    try:
        to = urlsplit(location or "")
    except ValueError:
        to = urlsplit("")
    where = f" to {to.scheme}://{to.netloc.rpartition('@')[2]}{to.path}" if to.netloc else f" to {to.path}"
    return f"status {status}, a redirect{where[:200] if to.path or to.netloc else ''} that is not followed"


def _decoded(raw: bytes) -> object:
    if not raw.strip():
        raise BadPayload("an empty body")
    try:
        return json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise BadPayload(f"no JSON ({error})") from None


def seconds_of(header: str | None) -> float:
    """``Retry-After`` in seconds, at most 300; 0 where there is none, or where it is a date or no finite number."""
    try:
        seconds = float(header or 0)
        return min(300.0, max(0.0, seconds)) if isfinite(seconds) else 0.0
    except ValueError:
        return 0.0
