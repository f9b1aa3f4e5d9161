"""Plain questions to a server (its models, its version, its weights), one at a time, before the work begins."""

import json
import socket
import ssl
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from time import sleep
from typing import Any
from urllib.parse import quote, urlsplit

from igaku.engines.fleet_notices import waiting
from igaku.errors import IgakuError

SECONDS = 20.0
"""Of one question."""
QUICK = 5.0
"""Of one that the server may not know."""
Json = dict[str, Any]


@dataclass(frozen=True)
class Page:
    """What a server answered: a status, 0 where there was none, and the decoded JSON object, empty where it is none."""

    status: int = 0
    json: Json = field(default_factory=dict)
    problem: str = ""
    reached: bool = True
    """Whether a connection was made at all."""


def root(url: str) -> str:
    """A server's own address, without the ``/v1`` of OpenAI's interface."""
    return url.removesuffix("/v1")


def get(url: str, key: str, model: str = "", post: Json | None = None, seconds: float = SECONDS) -> Page:
    """One question. Redirects are not followed: they would carry the key on.

    Args:
        model: sent as the query's ``model``, for servers of several.
        post: sent as a body, instead of asking by GET.

    Raises:
        IgakuError: there is no such host, or it speaks another protocol (http for https).
    """
    parts = urlsplit(url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=seconds)
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {key}"} if key else {})
    path, reached = parts.path + (f"?model={quote(model, safe='')}" if model else ""), False
    try:
        with waiting(f"waiting for {url} to answer, {seconds:.0f} s at most"):
            connection.connect()
            reached = True
            connection.request("POST" if post else "GET", path, json.dumps(post) if post else None, headers)
            response = connection.getresponse()
            return Page(response.status, _object(response.read(8 << 20)))
    except (socket.gaierror, ssl.SSLError) as error:
        raise IgakuError(f"{url}: {error.strerror or error}; check --base-url") from None
    except (OSError, HTTPException, ValueError) as error:
        return Page(problem=f"{type(error).__name__} {error}".strip(), reached=reached)
    finally:
        connection.close()


class NotKnownError(IgakuError):
    """A server does not say for the moment what it serves."""


def facts(url: str, key: str, model: str = "", post: Json | None = None, *, sure: bool = True) -> Json:
    """A page that a server has or has not; empty where it has not.

    Args:
        sure: whether such a server has such pages; one that does not come for the moment is then asked for again.

    Raises:
        NotKnownError: it still does not come, so that it cannot be known which weights are served.
    """
    for pause in (0.2, 1.0, 0.0):
        page = get(url, key, model, post, SECONDS if sure else QUICK)
        if page.status == 200:
            return page.json
        if not sure or (300 <= page.status < 500 and page.status not in (408, 429)):
            return {}
        sleep(pause)
    why = f"status {page.status}" if page.status else page.problem
    raise NotKnownError(f"{url} does not answer ({why}), so that the weights it serves are not known; run it again")


def _object(raw: bytes) -> Json:
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}
