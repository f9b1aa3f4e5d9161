"""Connections to servers that are watched: an answer that has begun must go on.

A server that works on a reply is silent, or sends blanks, and is waited for as long as ``RetryBudget`` says. One that
has begun its status line, its headers or its body has the reply: it must come faster than a drip (``igaku.io.within``).
"""

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

from aiohttp import TCPConnector
from aiohttp.client_proto import ResponseHandler

from igaku.engines.fleet_calls import LARGEST, BadPayload
from igaku.io.within import GRACE, RATE, Drip

if TYPE_CHECKING:
    from aiohttp import ClientResponse


def connector() -> TCPConnector:
    """A pool without a limit of its own, whose connections are watched."""
    pool = TCPConnector(limit=0)
    pool._factory = partial(Watched, loop=asyncio.get_running_loop())  # type: ignore[assignment]
    return pool


class Watched(ResponseHandler):
    """A connection whose headers must end soon after their first byte."""

    _headers_seen = b"\r\n\r\n"
    _headers_timer: asyncio.TimerHandle | None = None

    def set_response_params(self, **params: Any) -> None:
        """A request has been sent: its answer is awaited."""
        self._headers_seen = b""
        super().set_response_params(**params)

    def data_received(self, data: bytes) -> None:
        """Some bytes."""
        if data and b"\r\n\r\n" not in self._headers_seen:
            self._headers_timer = self._headers_timer or self._loop.call_later(GRACE, self._give_up)
            self._headers_seen = (self._headers_seen + data)[-(len(data) + 3) :]
        if b"\r\n\r\n" in self._headers_seen:
            self._rest()
        super().data_received(data)

    def connection_lost(self, exc: BaseException | None) -> None:
        """It has ended."""
        self._rest()
        super().connection_lost(exc)

    def _rest(self) -> None:
        if self._headers_timer:
            self._headers_timer.cancel()
        self._headers_timer = None

    def _give_up(self) -> None:
        self.set_exception(Drip(f"its headers did not end within {GRACE:.0f} s"))
        self.close()


async def read_body(response: "ClientResponse") -> bytes:
    """A response's bytes.

    Raises:
        BadPayload: more than 64 MB.
        Drip: what is no blank has begun, and comes slower than a drip.
    """
    parts: list[bytes] = []
    size, since, clock = 0, 0.0, asyncio.get_running_loop().time
    while True:
        limit = since + GRACE + size / RATE if since else None
        try:
            async with asyncio.timeout_at(limit):
                part = await response.content.readany()
        except TimeoutError:
            if limit is None or clock() < limit:
                raise
            raise Drip(f"only {size:,} bytes of its reply came in {clock() - since:.0f} s") from None
        if not part:
            return b"".join(parts)
        parts.append(part)
        since = since or (clock() if part.strip() else 0.0)
        if (size := size + len(part)) > LARGEST:
            raise BadPayload("a body of more than 64 MB")
