"""Requests to one or more servers of a model: bounded, adaptive, retried where safe, each answered exactly once.

A request goes to the least loaded server that is alive. Too many requests (429, 503) halve a server's share and are
waited out as the server asks; success lets it grow again. A server that cannot be reached is left alone for a while,
and its work goes to the others. Asking again is safe here: a request changes nothing on the server, and only one reply
a request is handed on.

aiohttp, not httpx: half the processor time a request, and httpx's pool slows down with the number of open connections.
"""

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, cast

from igaku.engines.descriptors import TOO_FEW, room_for
from igaku.engines.fleet_calls import BadPayload, Call, ErrorInBody, Failed, bare_status, checked, seconds_of
from igaku.engines.fleet_errors import ServerError, read_error
from igaku.engines.fleet_notices import notify
from igaku.engines.fleet_retry import AGAIN, BUSY, Retries, RetryBudget, Server
from igaku.engines.fleet_work import Work
from igaku.engines.secrets import masker
from igaku.io.within import Drip

if TYPE_CHECKING:
    from aiohttp import ClientSession

__all__ = ["BadPayload", "Call", "Failed", "Fleet", "RetryBudget", "Server"]


class Fleet:
    """Servers of one model. ``ask`` answers a list of calls in any order, each once.

    Args:
        urls: base addresses, ``http://host:8000/v1``.
        key: sent to them as a bearer token, one for all or one each; hidden in all that they answer (``masker``).
        concurrency: most requests under way at one server.
        may_start: called before a call starts; False holds it back until another has ended, and leaves the rest if none
            is under way.
        on_end: called with each call that has ended and its result.

    Attributes:
        on_back: called when a server that was out of reach, or broke off, answers again: whether it is the same as
            before, so that its answer may be read. What it raises ends the run.
    """

    def __init__(
        self,
        urls: Sequence[str],
        key: str | Sequence[str] = "",
        concurrency: int = 32,
        budget: RetryBudget | None = None,
        may_start: Callable[[Call], bool] = lambda _: True,
        on_end: Callable[[Call, object], None] = lambda *_: None,
    ) -> None:
        keys = [key] * len(urls) if isinstance(key, str) else list(key)
        concurrency = _fitting(concurrency, len(urls))
        limit = min(concurrency, 16)
        self.servers = [Server(url.rstrip("/"), limit, key=k) for url, k in zip(urls, keys, strict=True)]
        self.budget = budget or RetryBudget()
        self.may_start, self.on_end = may_start, on_end
        self.on_back: Callable[[Server], bool] = lambda _: True
        self.masker = masker(*(s.key for s in self.servers))
        self._retries = Retries(self.servers, self.budget, concurrency, self.masker)

    def ask(self, calls: Sequence[Call]) -> Iterator[tuple[int, object]]:
        """Yield (index, checked body or ``Failed``) as they come, without those that ``may_start`` held back.

        Raises:
            IgakuError: the key is refused, the model or path is not found, or no server can be reached.
        """
        work = Work(self, calls)
        thread = threading.Thread(target=work.run, daemon=True)
        thread.start()
        try:
            while (item := work.out.get()) is not None:
                if isinstance(item, BaseException):
                    raise item
                yield item
        finally:
            work.stop()
            thread.join()

    def free(self, now: float) -> Server | None:
        """The least loaded server that may get a request."""
        fit = [s for s in self.servers if s.fits(now)]
        return min(fit, key=lambda s: (s.failures, s.busy / max(1.0, s.limit))) if fit else None

    async def attempt(self, session: "ClientSession", call: Call, server: Server) -> object:
        """One try: the checked body, ``Failed``, or ``RetryAfter``."""
        import aiohttp

        from igaku.engines.fleet_http import read_body

        status, wait, problem, reason = 0, 0.0, "", cast("ServerError | None", None)
        url, headers = server.url + call.path, {"Authorization": f"Bearer {server.key}"} if server.key else None
        total = self.budget.seconds(call)
        limit = aiohttp.ClientTimeout(total=total, sock_connect=min(20.0, total))
        try:
            async with session.post(
                url, data=call.body, headers=headers, allow_redirects=False, timeout=limit
            ) as response:
                status, wait = response.status, seconds_of(response.headers.get("Retry-After"))
                raw = self.masker.body(await read_body(response))
            if server.in_doubt and not await asyncio.to_thread(self.on_back, server):
                return self._retries.unreachable(server, ConnectionError("its weights are not known"))
            self._retries.reached(server)
            if status == 200:
                answer = checked(call, raw)
                self._retries.succeeded(server)
                return answer
            reason = read_error(raw)
            words = reason.message if raw.strip() else bare_status(status, response.headers.get("Location"))
            problem = self._retries.clean(words)[:500]
        except ErrorInBody as error:
            reason = error.error
            status = reason.status if reason.status in BUSY else status
            problem = self._retries.clean(reason.message)[:500]
            if call.probe and reason.status not in BUSY | AGAIN:
                return Failed(problem, reason.status, error=reason)
        except ValueError as error:
            problem = f"malformed answer: {error}"
            if call.probe:
                return Failed(self._retries.clean(problem))
        except Drip as error:
            return self._retries.dripped(server, call, error)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            if error.errno in TOO_FEW:
                return self._retries.crowded(server)
            return self._retries.unreachable(server, error)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            if isinstance(error, OSError) and error.errno in TOO_FEW:
                return self._retries.crowded(server)
            server.in_doubt = server.in_doubt or not isinstance(error, TimeoutError)
            problem = f"{type(error).__name__} {error}".strip()
        return self._retries.failed(server, call, status, problem, wait, reason)

    def silence(self, seconds: float, under_way: int, put_off: int, longest: float) -> None:
        """Say what is waited for, and for how long at most."""
        if all(s.gone_since for s in self.servers):
            return
        urls, problem = ", ".join(s.url for s in self.servers), self._retries.last_problem[:200]
        if under_way:
            what = f"{under_way} requests under way, each waited for up to {longest:.0f} s"
        else:
            what = f"{put_off} requests put off ({problem}), each up to {self.budget.waiting:.0f} s"
        notify(f"no reply from {urls} for {seconds:.0f} s: {what}")


def _fitting(concurrency: int, servers: int) -> int:
    """As many requests at one server as there are file descriptors for."""
    room = max(1, room_for(concurrency * servers) // servers)
    if room < concurrency:
        notify(f"too few file descriptors: {room} requests at a time instead of {concurrency} (more: ulimit -n 4096)")
    return room
