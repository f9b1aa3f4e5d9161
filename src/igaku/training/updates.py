"""One update after another: how fast, at which rate, when a checkpoint is due, when a run must stop."""

import math
import time
from collections.abc import Sequence
from typing import Any, NamedTuple

from igaku.training.config import Config

SAVE_SECONDS = 60.0
"""Seconds after which a checkpoint is due, whatever ``save_every`` says."""
SAVES = 10
"""Checkpoints that a run has at least, where it has that many updates."""
SAVE_COST = 0.1
"""Share of the time that those extra checkpoints may take."""
RECENT = 50
"""Updates whose mean loss a new one is compared with."""
Row = dict[str, Any]


class Step(NamedTuple):
    """One update, as the log has it."""

    step: int
    steps: int
    loss: float
    """Nats a labelled token (or a pair)."""
    lr: float
    gradient: float
    """Norm before clipping."""
    tokens: int
    """Read since the beginning, without padding."""
    per_second: float
    """Tokens."""
    left: float
    """Seconds until the end, at this session's pace."""

    def row(self) -> Row:
        """Its line in the log."""
        fields = {k: v for k, v in self._asdict().items() if k not in ("steps", "left")}
        return fields | {"per_second": round(self.per_second, 1)}


class Progress:
    """How fast this session is: it counts from the update it began with, without the time for measurements."""

    def __init__(self, steps: int, start_step: int, tokens: int) -> None:
        self.steps, self.start_step, self.tokens = steps, start_step, tokens
        self._before, self._started = tokens, time.perf_counter()

    def pause(self, seconds: float) -> None:
        """Seconds in which nothing was learnt."""
        self._started += seconds

    def step(self, step: int, loss: float, lr: float, norm: float, tokens: int) -> Step:
        """One more update, in which ``tokens`` were read."""
        self.tokens += tokens
        seconds = time.perf_counter() - self._started
        left = seconds / (step - self.start_step) * (self.steps - step)
        return Step(
            step=step,
            steps=self.steps,
            loss=loss,
            lr=lr,
            gradient=norm,
            tokens=self.tokens,
            per_second=(self.tokens - self._before) / seconds,
            left=left,
        )


class Saver:
    """When a checkpoint is due: every ``save_every`` updates and at the end.

    Short runs and slow updates save more often, so that a killed run loses little: at least ``SAVES`` times a run and
    every ``SAVE_SECONDS``, as long as that takes no more than ``SAVE_COST`` of the time.
    """

    def __init__(self, steps: int, save_every: int) -> None:
        self.steps, self.save_every = steps, save_every
        self._started = self._saved = time.perf_counter()
        self._cost = 0.0

    def due(self, step: int) -> bool:
        """Whether to save after this update."""
        self._started = time.perf_counter()
        if step == self.steps or not self.save_every:
            return step == self.steps
        since = self._started - self._saved
        early = step % max(1, self.steps // SAVES) == 0 or since >= SAVE_SECONDS
        return step % self.save_every == 0 or (early and since * SAVE_COST >= self._cost)

    def saved(self) -> None:
        """A checkpoint is written; how long it took since it was due is remembered."""
        self._saved = time.perf_counter()
        self._cost = self._saved - self._started


def lr_factor(step: int, steps: int, config: Config) -> float:
    """Share of the learning rate at an update: rising through the warm-up, then as the schedule says.

    Not transformers' schedules: in theirs the first update of a warm-up has the rate 0, and ``constant`` has none.
    """
    warm = max(1, round(config.train.warmup * steps)) if config.train.warmup else 0
    if step <= warm:
        return step / warm
    done = (step - 1 - warm) / max(1, steps - warm)
    return {"constant": 1.0, "linear": 1 - done, "cosine": 0.5 * (1 + math.cos(math.pi * done))}[config.train.schedule]


def problem(step: int, loss: float, gradient: float, recent: Sequence[float], config: Config) -> str:
    """Why the run must stop at this loss; empty where it may go on.

    Args:
        recent: losses of the ``RECENT`` updates before.
    """
    t = config.train
    if not math.isfinite(loss) or not math.isfinite(gradient):
        return (
            f"the loss is NaN or inf at update {step}; lower train.lr ({t.lr:g}) or raise train.warmup. "
            "The checkpoint before is kept"
        )
    if t.spike and len(recent) >= 20 and loss > t.spike * (mean := sum(recent) / len(recent)) and loss > mean + 1:
        return (
            f"the loss jumped from {mean:.2f} to {loss:.2f} at update {step}; lower train.lr ({t.lr:g}) or "
            f"train.clip ({t.clip:g}), or set train.spike=0. The checkpoint before is kept"
        )
    return ""
