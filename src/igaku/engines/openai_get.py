"""Plain questions to a server (its models, its version, its weights), one at a time, before the work begins."""

import contextlib
import json
import select
import socket
import ssl
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from time import sleep
from typing import Any
from urllib.parse import quote, urlsplit

from igaku.engines.descriptors import TOO_FEW, too_few
from igaku.engines.fleet_notices import waiting
from igaku.engines.secrets import masker
from igaku.errors import IgakuError
from igaku.io.within import within

SECONDS = 12.0
"""Of one question, from looking up the host to the last byte."""
QUICK = 4.0
"""Of one that the server may not know."""
LARGEST = 8 << 20
"""Bytes of an answer that are read."""
Json = dict[str, Any]


@dataclass(frozen=True)
class Page:
    """What a server answered: a status, 0 where there was none, and the decoded JSON object, empty where it is none."""

    status: int = 0
    json: Json = field(default_factory=dict)
    problem: str = ""
    reached: bool = True
    """Whether a connection was made at all."""
    started: bool = False
    """Whether an answer began, and did not end in time."""


def root(url: str) -> str:
    """A server's own address, without the ``/v1`` of OpenAI's interface."""
    return url.removesuffix("/v1")


def get(url: str, key: str, model: str = "", post: Json | None = None, seconds: float = 0.0) -> Page:
    """One question. Redirects are not followed: they would carry the key on. The key is hidden in what comes back.

    Args:
        model: sent as the query's ``model``, for servers of several.
        post: sent as a body, instead of asking by GET.
        seconds: for all of it, however often a byte comes; 0: ``SECONDS``.

    Raises:
        IgakuError: there is no such host, or it speaks another protocol (http for https).
    """
    seconds = seconds or SECONDS
    one = _Question(url, key, model, post, seconds)
    try:
        with waiting(f"waiting for {url} to answer, {seconds:.0f} s at most"):
            return within(seconds, one.answer, one.stop)
    except (socket.gaierror, ssl.SSLError) as error:
        raise IgakuError(f"{url}: {error.strerror or error}; check --base-url") from None
    except (OSError, HTTPException, ValueError) as error:
        if isinstance(error, OSError) and error.errno in TOO_FEW:
            raise too_few() from None
        started = isinstance(error, TimeoutError) and one.started
        why = f"it began to answer and did not end within {seconds:.0f} s" if started else _named(error)
        return Page(problem=masker(key).error(why), reached=one.reached, started=started)
    finally:
        one.stop()


def _named(error: Exception) -> str:
    return f"{type(error).__name__} {error}".strip()[:500]


class _Question:
    """One connection with one question, and how far it came."""

    def __init__(self, url: str, key: str, model: str, post: Json | None, seconds: float) -> None:
        parts = urlsplit(url)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        self._connection = kind(parts.hostname or "", parts.port, timeout=seconds)
        self._path = parts.path + (f"?model={quote(model, safe='')}" if model else "")
        self._key, self._post, self._seconds = key, post, seconds
        self.reached = self.started = False

    def answer(self) -> Page:
        """Ask, and read the answer."""
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {self._key}"} if self._key else {})
        post = json.dumps(self._post) if self._post else None
        self._connection.connect()
        self.reached = True
        self._connection.request("POST" if post else "GET", self._path, post, headers)
        poll = select.poll()
        poll.register(self._connection.sock, select.POLLIN)
        self.started = bool(poll.poll(self._seconds * 1000))
        response = self._connection.getresponse()
        return Page(response.status, _object(masker(self._key).body(response.read(LARGEST))))

    def stop(self) -> None:
        """End a read that waits, in whichever thread."""
        if sock := self._connection.sock:
            with contextlib.suppress(OSError):
                socket.socket.shutdown(sock, socket.SHUT_RDWR)
        self._connection.close()


class NotKnownError(IgakuError):
    """A server does not say for the moment what it serves."""


def facts(url: str, key: str, model: str = "", post: Json | None = None, *, sure: bool = True) -> Json:
    """A page that a server has or has not; empty where it has not.

    Args:
        sure: whether such a server has such pages; one that does not come for the moment is then asked for again.

    Raises:
        NotKnownError: it still does not come, or began and does not end, so that it cannot be known which weights are
            served.
    """
    for pause in (0.2, 1.0, 0.0):
        page = get(url, key, model, post, SECONDS if sure else QUICK)
        if page.status == 200:
            return page.json
        if page.started:
            break
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
