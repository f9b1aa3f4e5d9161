"""How reading grows with what is read: a ratio of one machine, as an absolute limit fails on a busy one."""

import time
from collections.abc import Callable

NOISE = 0.05
"""Seconds that are too few to be compared."""


def is_linear(read: Callable[[str], object], text: str) -> bool:
    """Whether a text takes less than nine times its first quarter: linear reading takes four, quadratic sixteen."""
    whole = _seconds(read, text)
    return whole < NOISE or whole < 9 * _seconds(read, text[: len(text) // 4])


def _seconds(read: Callable[[str], object], text: str) -> float:
    """Processor time; the best of three, since a garbage collection may fall into one."""
    best = float("inf")
    for _ in range(3):
        begin = time.process_time()
        read(text)
        best = min(best, time.process_time() - begin)
    return best
