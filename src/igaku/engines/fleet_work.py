"""A list of calls on its way to a fleet's servers, in an event loop of its own thread."""

import asyncio
import contextlib
import heapq
import queue
from collections import deque
from collections.abc import Callable, Sequence
from time import monotonic
from typing import TYPE_CHECKING, Protocol, cast

from igaku.engines.fleet_calls import Call, RetryAfter
from igaku.engines.fleet_notices import Silence
from igaku.engines.fleet_retry import RetryBudget, Server
from igaku.errors import missing_extra

if TYPE_CHECKING:
    from aiohttp import ClientSession


class Servers(Protocol):
    """What one list of calls needs of the servers that it goes to (``igaku.engines.fleet.Fleet``)."""

    servers: list[Server]
    budget: RetryBudget
    may_start: Callable[[Call], bool]
    on_end: Callable[[Call, object], None]

    def free(self, now: float) -> Server | None:
        """The server that may get a request."""
        ...

    async def attempt(self, session: "ClientSession", call: Call, server: Server) -> object:
        """One try: the checked body, ``Failed``, or ``RetryAfter``."""
        ...

    def silence(self, seconds: float, under_way: int, put_off: int, longest: float) -> None:
        """Say what is waited for."""
        ...


class Work:
    """One list of calls; what becomes of each comes out of a queue, and None at the end."""

    def __init__(self, fleet: Servers, calls: Sequence[Call]) -> None:
        self.out: queue.SimpleQueue[tuple[int, object] | BaseException | None] = queue.SimpleQueue()
        self._fleet = fleet
        self._ready = deque(calls)
        self._later: list[tuple[float, int, Call]] = []
        self._active: set[asyncio.Task[None]] = set()
        self._stopped = False
        self._loop = asyncio.new_event_loop()
        self._wake = asyncio.Event()
        self._error: Exception | None = None
        self._silence = Silence()
        self._longest = max(map(fleet.budget.seconds, calls), default=0.0)

    def run(self) -> None:
        """Carry it all out; an error comes out of the queue as well."""
        try:
            self._loop.run_until_complete(self._all())
        except BaseException as error:
            self.out.put(error)
        finally:
            self._loop.close()
            self.out.put(None)

    def stop(self) -> None:
        """Start nothing more."""
        self._stopped = True
        with contextlib.suppress(RuntimeError):  # the loop has ended already
            self._loop.call_soon_threadsafe(self._wake.set)

    async def _all(self) -> None:
        try:
            import aiohttp
        except ImportError:
            raise missing_extra("aiohttp", "openai") from None
        from igaku.engines.fleet_http import connector

        headers = {"Content-Type": "application/json"}
        async with aiohttp.ClientSession(headers=headers, connector=connector()) as session:
            self._watch()
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

    def _watch(self) -> None:
        """Look each second whether a silence has grown long."""
        if seconds := self._silence.grown():
            put_off = len(self._later) + len(self._ready)
            self._fleet.silence(seconds, len(self._active), put_off, self._longest)
        self._loop.call_later(1.0, self._watch)

    def _start(self, session: "ClientSession") -> bool:
        """Start what may start now; whether something is held back."""
        now = monotonic()
        while self._later and self._later[0][0] <= now:
            self._ready.append(heapq.heappop(self._later)[2])
        held = False
        while self._ready and (server := self._fleet.free(now)):
            call = self._next(held)
            if call is None:
                return True
            if not call.started and not self._fleet.may_start(call):
                self._ready.appendleft(call)
                held = True
                continue
            call.started = True
            server.busy += 1
            self._active.add(self._loop.create_task(self._one(session, call, server)))
        return held

    def _next(self, held: bool) -> Call | None:
        """The next call; where a new one is held back, the next that was started before (its cost is reserved)."""
        if not held:
            return self._ready.popleft()
        call = next((c for c in self._ready if c.started), None)
        if call:
            self._ready.remove(call)
        return call

    async def _one(self, session: "ClientSession", call: Call, server: Server) -> None:
        sent = monotonic()
        try:
            result = await self._fleet.attempt(session, call, server)
            call.seconds = monotonic() - sent
        except Exception as error:
            self._error = self._error or error
        else:
            if isinstance(result, RetryAfter):
                heapq.heappush(self._later, (monotonic() + result.seconds, call.index, call))
            else:
                self._silence.broken()
                self._fleet.on_end(call, result)
                self.out.put((call.index, result))
        finally:
            server.busy -= 1
            self._active.discard(cast("asyncio.Task[None]", asyncio.current_task()))
            self._wake.set()

    async def _sleep(self) -> None:
        """Until something has ended, or a pause is over."""
        now = monotonic()
        rests = [s.rest_until for s in self._fleet.servers]
        times = [t for t in (*rests, *(t for t, _, _ in self._later[:1])) if t > now]
        if not times and not self._active:
            return
        timer = self._loop.call_later(min(times) - now + 0.001, self._wake.set) if times else None
        await self._wake.wait()
        self._wake.clear()
        if timer:
            timer.cancel()
