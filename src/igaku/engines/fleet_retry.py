"""What is tried again, when, and when to give up: the state of each server, and the rules for one try that failed."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import monotonic

from igaku.engines.descriptors import too_few
from igaku.engines.fleet_calls import Call, Failed, RetryAfter
from igaku.engines.fleet_errors import ServerError, kind_of
from igaku.engines.fleet_notices import notify
from igaku.engines.secrets import Masker
from igaku.errors import IgakuError
from igaku.io.within import Drip

BUSY = frozenset((429, 503, 529))
AGAIN = frozenset((202, 204, 206, 408, 409, 425, 500, 502, 504, 520, 522, 524))
FATAL = frozenset((401, 402, 403, 404, 405))
WORDED = frozenset((200, 400, 403, 413, 422, 451, 500, 501))
"""With these the words decide whether a prompt was too long, or was refused by a filter."""
NO_CREDIT = ("insufficient_quota", "exceeded your current quota")
LONGEST = 30.0
"""Seconds of one pause at most."""
SHORT, SLOWEST = 6_000, 6.0
"""Tokens of a reply that come within ``RetryBudget.timeout``, and how many times that is waited at most."""


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
    in_doubt: bool = False
    """Whether it was out of reach or broke off, and may have been started anew since."""
    answered: int = 0
    lost: int = 0
    """How often it went out of reach."""

    def fits(self, now: float) -> bool:
        """Whether it may get one more request now."""
        return now >= self.rest_until and self.busy < max(1, int(self.limit))


@dataclass
class RetryBudget:
    """How long to try, in seconds; ``tries`` is a number."""

    timeout: float = 600.0
    """One request from its start to its last byte, where its reply is short enough (``seconds``)."""
    tries: int = 6
    """Failures of one request (errors, resets, malformed bodies)."""
    waiting: float = 900.0
    """How long one request may be put off by busy servers."""
    pause: float = 0.5
    """First pause; it doubles, with jitter, up to half a minute."""
    unreachable: float = 120.0
    """How long all servers may be out of reach."""

    def seconds(self, call: Call) -> float:
        """How long one try of a call is waited for: a reply that may have 65,536 tokens takes a server minutes to
        write, and comes as a whole."""
        return self.timeout * min(SLOWEST, max(1.0, call.new_tokens / SHORT))


class Retries:
    """The rules for tries that failed, over all servers of a fleet."""

    def __init__(self, servers: Sequence[Server], budget: RetryBudget, most: int, masker: Masker) -> None:
        self.servers, self.budget, self._most, self.clean = servers, budget, most, masker.error
        self.last_problem = ""
        self._is_crowded = False

    def succeeded(self, server: Server) -> None:
        """A good answer: the server's share grows again."""
        server.failures = 0
        server.answered += 1
        server.limit = min(float(self._most), server.limit + 1 / max(1.0, server.limit))

    def failed(
        self, server: Server, call: Call, status: int, problem: str, wait: float, error: ServerError | None = None
    ) -> Failed | RetryAfter:
        """What becomes of a call after a try with a status other than 200, or without a usable body (status 0 or 200).

        Raises:
            IgakuError: the key is refused, the model or path is not found, or the account has no credit left.
        """
        self.last_problem = self.clean(problem)
        kind = kind_of(error) if error and status in WORDED else "error"
        if kind != "error" or _is_answer(call, status):
            return Failed(self.clean(problem), status, kind, error)
        worded = " ".join((problem, *(error.codes if error else ())))
        no_credit = status == 429 and any(words in worded for words in NO_CREDIT)
        if no_credit or status in FATAL:
            raise IgakuError(self.clean(f"{server.url}{call.path} says {status}: {problem}{_hint(status)}"))
        if status in BUSY:
            return self._put_off(server, call, wait, problem, status)
        if status not in AGAIN and status not in (0, 200):
            return Failed(self.clean(problem), status, error=error)
        return self._retry(server, call, wait, problem, status)

    def _put_off(self, server: Server, call: Call, wait: float, problem: str, status: int) -> Failed | RetryAfter:
        pause = self._jittered(call)
        seconds = wait or pause
        if monotonic() >= server.rest_until:  # of a burst of refusals only the first counts
            server.limit = max(1.0, server.limit / 2)
            server.rest_until = monotonic() + seconds
        call.put_off += seconds
        if call.put_off > self.budget.waiting:
            return Failed(self.clean(f"{problem or 'busy'} ({status}, put off for {call.put_off:.0f} s)"))
        return RetryAfter(seconds)

    def _retry(self, server: Server, call: Call, wait: float, problem: str, status: int) -> Failed | RetryAfter:
        call.tries += 1
        if call.tries >= self.budget.tries:
            shown = f"status {status}, " if status else ""
            return Failed(self.clean(f"{problem or 'no answer'} ({shown}{call.tries} tries)"))
        server.failures += 1
        if server.failures >= 5 and len(self.servers) > 1:
            server.rest_until = monotonic() + min(LONGEST, self.budget.pause * 2 ** min(server.failures - 5, 6))
        pause = self._jittered(call)
        return RetryAfter(wait or pause)

    def _jittered(self, call: Call) -> float:
        call.pause = min(LONGEST, call.pause * 2 or self.budget.pause)
        return random.uniform(0.5, 1.0) * call.pause

    def unreachable(self, server: Server, error: Exception) -> RetryAfter:
        """A server that cannot be reached is left alone for a while, and its work goes to the others.

        Raises:
            IgakuError: all servers have been out of reach for too long.
        """
        now = monotonic()
        server.failures += 1
        server.in_doubt = True
        if not server.gone_since:
            server.gone_since, server.lost = now, server.lost + 1
            self._tell_lost(server, error)
        server.rest_until = now + min(LONGEST, self.budget.pause * 2 ** min(server.failures, 6))
        if all(s.gone_since and now - s.gone_since > self.budget.unreachable for s in self.servers):
            raise IgakuError(self.clean(no_server(error)))
        return RetryAfter(0.0)

    def _tell_lost(self, server: Server, error: Exception) -> None:
        left = sum(not s.gone_since for s in self.servers)
        limit = f"it is waited for, {self.budget.unreachable:.0f} s at most"
        what = f"its work goes to the other {left}" if left else limit
        notify(self.clean(f"{server.url} does not answer ({error}); {what}"))

    def dripped(self, server: Server, call: Call, error: Drip) -> Failed | RetryAfter:
        """An answer that began and does not go on: tried once more, as each try takes long.

        Raises:
            IgakuError: at load, where the server is not known to work at all.
        """
        problem = f"{server.url}{call.path} begins to answer and does not go on ({error})"
        if call.probe:
            raise IgakuError(f"{problem}; check --base-url")
        server.in_doubt = True
        call.tries = max(call.tries, self.budget.tries - 2)
        return self._retry(server, call, 0.0, problem, 0)

    def crowded(self, server: Server) -> RetryAfter:
        """No descriptor for one more connection: fewer at a time from now on, so that nothing is lost.

        Raises:
            IgakuError: not even one is left.
        """
        if server.busy <= 1:
            raise too_few()
        self._most = max(1, server.busy - 1)
        server.limit = min(server.limit, float(self._most))
        if not self._is_crowded:
            notify(f"too few file descriptors: {self._most} requests at a time from now on (more: ulimit -n 4096)")
        self._is_crowded = True
        return RetryAfter(self.budget.pause)

    def reached(self, server: Server) -> None:
        """A server has answered something."""
        if server.gone_since:
            notify(f"{server.url} answers again")
        server.gone_since, server.in_doubt = 0.0, False


def no_server(error: object) -> str:
    """The line for servers that none can reach."""
    return f"no server answers ({error}); what was answered is kept: start one and run it again"


def _is_answer(call: Call, status: int) -> bool:
    """Whether a refusal tells what the server can, instead of ending the run."""
    return (call.probe and status in (404, 405)) or (call.optional and status == 403)


def _hint(status: int) -> str:
    if status in (401, 403):
        return "; set IGAKU_API_KEY, or write the key into keys.toml"
    return "; check --base-url and --model" if status in (404, 405) else ""
