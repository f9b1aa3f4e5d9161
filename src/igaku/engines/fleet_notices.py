"""Lines that a user should see while servers are asked: who is waited for and how long, who died, what failed.

They go to the logger ``igaku`` (warnings), which prints to standard error unless a program sets it otherwise.
"""

import contextlib
import logging
import threading
from collections.abc import Iterator
from time import monotonic

SOON = 4.0
"""Seconds of silence after which it is said what is waited for."""
LATER = 30.0
"""The same, once there have been replies: a long answer takes its time."""


def notify(line: str) -> None:
    """One line for the user, without control characters of whatever it quotes."""
    logging.getLogger("igaku").warning("%s", "".join(c if c.isprintable() else " " for c in line))


@contextlib.contextmanager
def waiting(line: str, after: float = SOON) -> Iterator[None]:
    """Say a line if what is done takes longer than some seconds."""
    timer = threading.Timer(after, notify, [line])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


class Silence:
    """How long nothing has ended; each silence is spoken of after some seconds, then after twice as many."""

    def __init__(self) -> None:
        self._since, self._patience = monotonic(), SOON

    def broken(self) -> None:
        """Something has ended."""
        self._since, self._patience = monotonic(), LATER

    def grown(self) -> float:
        """Seconds of a silence that should be spoken of now; 0 where it is short, or was spoken of."""
        seconds = monotonic() - self._since
        if seconds < self._patience:
            return 0.0
        self._patience = max(LATER, 2 * seconds)
        return seconds
