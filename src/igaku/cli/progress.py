"""While a model is asked: that it is loaded, what is planned, and a bar with the time that is left."""

import logging
import sys
from collections import Counter
from collections.abc import Mapping
from statistics import fmean
from time import monotonic
from typing import TYPE_CHECKING

from igaku.cli.output import say
from igaku.cli.quiet import quiet_loggers

if TYPE_CHECKING:
    from rich.progress import Progress

    from igaku.question import Reply
    from igaku.runs.plan import Plan

LOGGER = logging.getLogger("igaku")
EVERY = 60.0
"""Seconds between two lines where stderr is no terminal."""
FEW = 4
"""Replies of a kind, from which on their own speed counts."""
AT_ONCE = 0.002
"""Seconds between two replies of the warm-up, which are handed over together."""


def describe(plan: "Plan") -> None:
    """A plan in a few lines on stderr."""
    for note in plan.notes:
        say(f"note: {note}")
    before = f" ({plan.done:,} of {plan.prompts:,} are answered already)" if plan.done else ""
    new = f" and up to {plan.new_tokens:,} new ones" if plan.new_tokens else ""
    time = f"; about {clock(plan.seconds)} to go, {plan.memory_mb:,} MB so far" if plan.seconds else ""
    say(f"{plan.prompts - plan.done:,} prompts{before}, {plan.tokens:,} tokens{new}{time}")


def clock(seconds: float) -> str:
    """``75`` as ``1 min 15 s``."""
    minutes, s = divmod(round(seconds), 60)
    hours, m = divmod(minutes, 60)
    return f"{hours} h {m:02d} min" if hours else f"{m} min {s:02d} s" if m else f"{s} s"


class TimeLeft:
    """How long the rest takes: each kind of request by its own speed, a kind hardly seen yet by what the plan expects.

    Letters take thousandths of a second and come before any text: one speed for all would promise minutes where hours
    are left. Replies of the warm-up, handed over with the plan, say nothing of the speed.

    Args:
        kinds: how many replies of each kind are to come.
        expected: seconds that the plan expects.
        now: seconds of a clock.
    """

    def __init__(self, kinds: Mapping[str, int], expected: float, now: float) -> None:
        self._all, self._left, self._expected = dict(kinds), Counter(kinds), expected
        self._spent: dict[str, list[float]] = {kind: [] for kind in kinds}
        self._before, self._is_warm_up = now, True

    def count(self, kind: str, now: float) -> None:
        """One more reply; the time since the one before it is its kind's."""
        self._left[kind] -= 1
        gap = now - self._before
        self._is_warm_up = self._is_warm_up and gap < AT_ONCE
        if not self._is_warm_up:
            self._spent.setdefault(kind, []).append(gap)
        self.resume(now)

    def resume(self, now: float) -> None:
        """Take no account of the time until now, which was spent on showing."""
        self._before = now

    def seconds(self) -> float:
        """Seconds that are left, as far as can be known."""
        speed = {kind: fmean(spent) for kind, spent in self._spent.items() if len(spent) >= FEW}
        others = [kind for kind in self._all if kind not in speed]
        left, of = (sum(counts[kind] for kind in others) for counts in (self._left, self._all))
        share = self._expected * of / max(sum(self._all.values()), 1)
        rest = max(self._expected - sum(speed[kind] * self._all.get(kind, 0) for kind in speed), share)
        return sum(speed[kind] * self._left[kind] for kind in speed) + (rest * left / of if left else 0.0)


class Asking:
    """While a model is asked: the plan, then a bar with tokens a second and the time that is left."""

    def __init__(self) -> None:
        self.replies = 0
        """How many have come."""
        self._bar: Progress | None = None
        self._total = self._tokens = 0
        self._left: TimeLeft | None = None
        self._lines, self._before = _Lines(), logging.NOTSET
        self._start_time = self._last_line = monotonic()

    def __enter__(self) -> "Asking":
        quiet_loggers()
        self._before = LOGGER.level
        LOGGER.setLevel(logging.INFO)
        LOGGER.addHandler(self._lines)
        return self

    def __exit__(self, *_: object) -> None:
        LOGGER.removeHandler(self._lines)
        LOGGER.setLevel(self._before)
        if self._bar:
            self._bar.stop()

    def plan(self, plan: "Plan") -> None:
        """Say what will be asked; again for each turn of conversations."""
        describe(plan)
        self._total += sum(plan.kinds.values())
        self._start_time = self._last_line = monotonic()
        self._left = TimeLeft(plan.kinds, plan.seconds or 0.0, self._start_time)

    def reply(self, reply: "Reply", tokens: int) -> None:
        """One more."""
        now = monotonic()
        self.replies, self._tokens = self.replies + 1, self._tokens + tokens
        if self._left:
            self._left.count(reply.kind, now)
        if sys.stderr.isatty():
            self._draw(now)
        elif now - self._last_line >= EVERY:
            self._last_line = now
            say(f"{self.replies:,} of {self._total:,} answered{self._time_left()}")
        if self._left:
            self._left.resume(monotonic())

    def _time_left(self) -> str:
        return f", about {clock(self._left.seconds())} to go" if self._left else ""

    def _draw(self, now: float) -> None:
        bar = self._bar or self._begin()
        elapsed = now - self._start_time
        rate = f"{self._tokens / elapsed:,.0f} tokens/s" if elapsed > 1 else ""
        left = self._time_left().removeprefix(", about ") if elapsed > 1 else ""
        bar.update(bar.tasks[0].id, completed=self.replies, total=self._total, rate=rate, left=left)

    def _begin(self) -> "Progress":
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        rate, left = (TextColumn("{task.fields[" + name + "]}") for name in ("rate", "left"))
        columns = (TextColumn("asking"), BarColumn(bar_width=20), MofNCompleteColumn(), rate, left)
        self._bar = Progress(*columns, console=Console(stderr=True))
        self._bar.start()
        self._bar.add_task("asking", total=self._total, rate="", left="")
        return self._bar


class _Lines(logging.Handler):
    """What the logger ``igaku`` says of loading and of servers, as lines on stderr."""

    def emit(self, record: logging.LogRecord) -> None:
        """One line."""
        say(record.getMessage())
