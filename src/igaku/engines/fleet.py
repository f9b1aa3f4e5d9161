"""Requests to one or more servers of the same model: bounded, adaptive, retried where that is safe, each answered exactly once.

A request goes to the least loaded server that is alive. Too many requests (429, 503) halve a server's share and are waited out as the server
asks; success lets it grow again. A server that cannot be reached is left alone for a while, and its work goes to the others. Asking again is
safe here: a request changes nothing on the server, and only one reply a request is handed on.

aiohttp, not httpx: half the processor time a request, and httpx's pool slows down with the number of open connections.
"""

import asyncio
import contextlib
import heapq
import json
import queue
import random
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, cast

from igaku.errors import IgakuError, missing_extra

BUSY = frozenset((429, 503, 529))
AGAIN = frozenset((408, 409, 425, 500, 502, 504, 520, 522, 524))
FATAL = frozenset((401, 402, 403, 404, 405))
LARGEST = 64 << 20
"""Bytes of one response; a longer one is not read to its end."""


@dataclass
class Call:
    """One request; ``check`` turns a decoded body into what is handed on, or raises ``Malformed``."""

    index: int
    path: str
    body: bytes
    check: Callable[[Any], Any]
    reserve: float = 0.0
    """What it may cost at most."""
    probe: bool = False
    """Whether a path that is not there is an answer, not the end of the run."""
    started: bool = False
    tries: int = 0
    put_off: float = 0.0
    pause: float = 0.0


@dataclass
class Failed:
    """No answer: the server refused this request (``status`` 4xx), or every try failed."""

    message: str
    status: int = 0


class Malformed(ValueError):
    """A body that is no answer."""


@dataclass
class Again:
    """The call is to be tried again after so many seconds."""

    seconds: float


@dataclass
class Server:
    """One base address, and how it has been doing."""

    url: str
    limit: float
    busy: int = 0
    failures: int = 0
    rest_until: float = 0.0
    key: str = field(default="", repr=False)
    gone_since: float = 0.0
    """When it was first out of reach since it last answered anything."""

    def fits(self, now: float) -> bool:
        """Whether it may get one more request now."""
        return now >= self.rest_until and self.busy < max(1, int(self.limit))


@dataclass
class Patience:
    """How long to try. Seconds, but for ``tries``."""

    timeout: float = 600.0
    """One request from its start to its last byte."""
    tries: int = 6
    """Failures of one request (errors, resets, malformed bodies)."""
    waiting: float = 900.0
    """How long one request may be put off by busy servers."""
    pause: float = 0.5
    """First pause; it doubles, with jitter, up to half a minute."""
    unreachable: float = 120.0
    """How long all servers may be out of reach."""


class Fleet:
    """Servers of one model. ``ask`` answers a list of calls in any order, each once.

    Args:
        urls: base addresses, ``http://host:8000/v1``.
        key: sent to them as a bearer token, one for all or one each; never in a message.
        concurrency: most requests under way at one server.
        may_start: asked before a call starts; False holds it back until another has ended, and leaves the rest if none is under way.
        on_end: told each call that has ended with its result.
    """

    def __init__(
        self,
        urls: Sequence[str],
        key: str | Sequence[str] = "",
        concurrency: int = 32,
        patience: Patience | None = None,
        may_start: Callable[[Call], bool] = lambda _: True,
        on_end: Callable[[Call, Any], None] = lambda *_: None,
    ) -> None:
        names = [key] * len(urls) if isinstance(key, str) else list(key)
        self.servers = [
            Server(url.rstrip("/"), min(concurrency, 16), key=k) for url, k in zip(urls, names, strict=True)
        ]
        self._most, self._may_start, self._on_end = concurrency, may_start, on_end
        self.patience = patience or Patience()

    def ask(self, calls: Sequence[Call]) -> Iterator[tuple[int, Any]]:
        """Yield (index, checked body or ``Failed``) as they come; those that ``may_start`` held back are not among them.

        Raises:
            IgakuError: the key is refused, the model or path is not there, or no server can be reached.
        """
        work = _Work(self, calls)
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

    async def attempt(self, session: Any, call: Call, server: Server) -> Any:
        """One try: the checked body, ``Failed``, or ``Again``."""
        import aiohttp

        status, wait, problem = 0, 0.0, ""
        headers = {"Authorization": f"Bearer {server.key}"} if server.key else None
        try:
            async with session.post(
                server.url + call.path, data=call.body, headers=headers, allow_redirects=False
            ) as response:
                status, wait = response.status, _seconds(response.headers.get("Retry-After"))
                raw = await _read(response)
            server.gone_since = 0.0
            if status == 200:
                answer = _checked(call, raw)
                self._well(server)
                return answer
            problem = self._clean(_told(raw))[:500]
        except ValueError as error:
            problem = f"malformed answer: {error}"
            if call.probe:
                return Failed(self._clean(problem))
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            return self._gone(server, error)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            problem = f"{type(error).__name__} {error}".strip()
        spent_up = status == 429 and any(
            word in problem for word in ("insufficient_quota", "exceeded your current quota")
        )
        if spent_up or (status in FATAL and not (call.probe and status in (404, 405))):
            raise IgakuError(self._clean(f"{server.url}{call.path} says {status}: {problem}{_hint(status)}"))
        if status in BUSY:
            return self._put_off(server, call, wait, problem, status)
        if status not in AGAIN and status not in (0, 200):
            return Failed(self._clean(problem), status)
        return self._retry(server, call, wait, problem, status)

    def _put_off(self, server: Server, call: Call, wait: float, problem: str, status: int) -> Any:
        call.pause = min(30.0, call.pause * 2 or self.patience.pause)
        seconds = wait or random.uniform(0.5, 1.0) * call.pause
        if monotonic() >= server.rest_until:  # of a burst of refusals only the first counts
            server.limit = max(1.0, server.limit / 2)
            server.rest_until = monotonic() + seconds
        call.put_off += seconds
        if call.put_off > self.patience.waiting:
            return Failed(self._clean(f"{problem or 'busy'} ({status}, put off for {call.put_off:.0f} s)"))
        return Again(seconds)

    def _retry(self, server: Server, call: Call, wait: float, problem: str, status: int) -> Any:
        call.tries += 1
        if call.tries >= self.patience.tries:
            return Failed(
                self._clean(f"{problem or 'no answer'} ({f'status {status}, ' if status else ''}{call.tries} tries)")
            )
        server.failures += 1
        if server.failures >= 5 and len(self.servers) > 1:
            server.rest_until = monotonic() + min(30.0, self.patience.pause * 2 ** min(server.failures - 5, 6))
        call.pause = min(30.0, call.pause * 2 or self.patience.pause)
        return Again(wait or random.uniform(0.5, 1.0) * call.pause)

    def _gone(self, server: Server, error: Exception) -> Again:
        now = monotonic()
        server.failures += 1
        server.gone_since = server.gone_since or now
        server.rest_until = now + min(30.0, self.patience.pause * 2 ** min(server.failures, 6))
        if all(s.gone_since and now - s.gone_since > self.patience.unreachable for s in self.servers):
            told = f"no server answers ({error}); what was answered is kept: start one and give the same command again"
            raise IgakuError(self._clean(told))
        return Again(0.0)

    def _well(self, server: Server) -> None:
        server.failures = 0
        server.limit = min(float(self._most), server.limit + 1 / max(1.0, server.limit))

    def _clean(self, text: str) -> str:
        """Without the key, wherever a server repeats it."""
        for server in self.servers:
            text = text.replace(server.key, "***") if server.key else text
        return text


class _Work:
    """One list of calls on its way, in an event loop of its own thread."""

    def __init__(self, fleet: Fleet, calls: Sequence[Call]) -> None:
        self.out: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._fleet = fleet
        self._ready = deque(calls)
        self._later: list[tuple[float, int, Call]] = []
        self._active: set[asyncio.Task[None]] = set()
        self._stopped = False
        self._loop = asyncio.new_event_loop()
        self._wake = asyncio.Event()
        self._error: Exception | None = None

    def run(self) -> None:
        try:
            self._loop.run_until_complete(self._all())
        except BaseException as error:
            self.out.put(error)
        finally:
            self._loop.close()
            self.out.put(None)

    def stop(self) -> None:
        self._stopped = True
        with contextlib.suppress(RuntimeError):  # the loop has ended already
            self._loop.call_soon_threadsafe(self._wake.set)

    async def _all(self) -> None:
        try:
            import aiohttp
        except ImportError:
            raise missing_extra("aiohttp", "openai") from None
        fleet = self._fleet
        headers = {"Content-Type": "application/json"}
        timeout = aiohttp.ClientTimeout(total=fleet.patience.timeout, sock_connect=min(20.0, fleet.patience.timeout))
        async with aiohttp.ClientSession(
            headers=headers, timeout=timeout, connector=aiohttp.TCPConnector(limit=0)
        ) as session:
            try:
                while not self._stopped and not self._error and (self._ready or self._later or self._active):
                    if self._start(session) and not self._active and not self._later:
                        break
                    await self._sleep()
            finally:
                for task in list(self._active):
                    task.cancel()
                await asyncio.gather(*list(self._active), return_exceptions=True)
        if self._error:
            raise self._error

    def _start(self, session: Any) -> bool:
        """Start what may start now; whether something is held back."""
        now = monotonic()
        while self._later and self._later[0][0] <= now:
            self._ready.append(heapq.heappop(self._later)[2])
        held = False
        while self._ready and (server := self._fleet.free(now)):
            call = self._next(held)
            if call is None:
                return True
            if not call.started and not self._fleet._may_start(call):
                self._ready.appendleft(call)
                held = True
                continue
            call.started = True
            server.busy += 1
            self._active.add(self._loop.create_task(self._one(session, call, server)))
        return held

    def _next(self, held: bool) -> Call | None:
        """The next call; where a new one was held back, the next that was started before (its cost is set aside already)."""
        if not held:
            return self._ready.popleft()
        call = next((c for c in self._ready if c.started), None)
        if call:
            self._ready.remove(call)
        return call

    async def _one(self, session: Any, call: Call, server: Server) -> None:
        try:
            result = await self._fleet.attempt(session, call, server)
        except Exception as error:
            self._error = self._error or error
        else:
            if isinstance(result, Again):
                heapq.heappush(self._later, (monotonic() + result.seconds, call.index, call))
            else:
                self._fleet._on_end(call, result)
                self.out.put((call.index, result))
        finally:
            server.busy -= 1
            self._active.discard(cast("asyncio.Task[None]", asyncio.current_task()))
            self._wake.set()

    async def _sleep(self) -> None:
        """Until something has ended, or a pause is over."""
        now = monotonic()
        times = [
            t for t in (*(s.rest_until for s in self._fleet.servers), *(t for t, _, _ in self._later[:1])) if t > now
        ]
        if not times and not self._active:
            return
        timer = self._loop.call_later(min(times) - now + 0.001, self._wake.set) if times else None
        await self._wake.wait()
        self._wake.clear()
        if timer:
            timer.cancel()


async def _read(response: Any) -> bytes:
    parts, size = [], 0
    async for part in response.content.iter_any():
        parts.append(part)
        if (size := size + len(part)) > LARGEST:
            raise Malformed("a body of more than 64 MB")
    return b"".join(parts)


def _checked(call: Call, raw: bytes) -> Any:
    """What the call makes of a body; whatever shape it has, it is an answer or malformed."""
    try:
        return call.check(_decoded(raw))
    except (AttributeError, TypeError, KeyError, IndexError, OverflowError) as error:
        raise Malformed(f"not in the form of an answer ({type(error).__name__})") from None


def _decoded(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise Malformed(f"no JSON ({error})") from None


def _told(raw: bytes) -> str:
    """What the server says of an error, in one line."""
    text = raw[:4000].decode("utf-8", "replace")
    try:
        said = json.loads(raw[:100_000])
        inner = said.get("error", said) if isinstance(said, dict) else said
        text = str(inner.get("message") or inner) if isinstance(inner, dict) else str(inner)
    except (ValueError, RecursionError):
        pass
    return " ".join(text.split())


def _seconds(header: str | None) -> float:
    try:
        return min(300.0, max(0.0, float(header or 0)))
    except ValueError:
        return 0.0


def _hint(status: int) -> str:
    if status in (401, 403):
        return "; set IGAKU_API_KEY, or write the key into keys.toml"
    return "; check --base-url and --model" if status in (404, 405) else ""
