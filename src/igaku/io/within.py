"""An overall limit on what may block: socket time-outs count between two bytes only, and one byte a second passes."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from queue import Empty, Full, Queue
from time import monotonic
from typing import TypeVar

R = TypeVar("R")
_Item = bytes | BaseException | tuple[()] | None
FIRST = 60.0
"""Seconds until the first bytes of a body."""
GRACE, RATE = 12.0, 1000
"""A body that has started may take GRACE seconds, and one more for each RATE bytes of it."""


class Drip(TimeoutError):
    """Something that has begun, and comes so slowly that it would not end."""


def within(seconds: float, do: Callable[[], R], stop: Callable[[], None] = lambda: None) -> R:
    """What ``do`` gives or raises, if it ends in time; it runs in a thread of its own.

    Args:
        stop: called when it did not, to free what it waits for.

    Raises:
        TimeoutError: it did not.
    """
    out: Queue[R | BaseException] = Queue()
    threading.Thread(target=lambda: out.put(_result(do)), daemon=True).start()
    try:
        found = out.get(timeout=seconds)
    except Empty:
        stop()
        raise TimeoutError(f"no whole answer within {seconds:.0f} s") from None
    if isinstance(found, BaseException):
        raise found
    return found


def _result(do: Callable[[], R]) -> R | BaseException:
    try:
        return do()
    except BaseException as error:
        return error


def chunks_within(chunks: Iterator[bytes | None], first: float = FIRST) -> Iterator[bytes | None]:
    """A body's chunks as they come, read in a thread of its own; ``None`` among them is handed on.

    Raises:
        TimeoutError: the first does not come in time.
        Drip: they come slower than ``RATE``.
    """
    ready: Queue[_Item] = Queue(maxsize=64)
    ended = threading.Event()
    threading.Thread(target=_read, args=(chunks, ready, ended), daemon=True).start()
    since, size = 0.0, 0
    try:
        while True:
            left = GRACE + size / RATE - (monotonic() - since) if since else first
            try:
                part = ready.get(timeout=max(0.0, left))
            except Empty:
                raise (Drip if since else TimeoutError)(_slow(size, since, first)) from None
            if isinstance(part, BaseException):
                raise part
            if isinstance(part, tuple):
                return
            since = since or monotonic()
            size += len(part or b"")
            yield part
    finally:
        ended.set()


def _slow(size: int, since: float, first: float) -> str:
    return f"only {size:,} bytes came in {monotonic() - since:.0f} s" if since else f"nothing came within {first:.0f} s"


def _read(chunks: Iterator[bytes | None], ready: "Queue[_Item]", ended: threading.Event) -> None:
    """Hand chunks over until there are no more, or nobody takes them."""
    last: BaseException | tuple[()] = ()
    try:
        for part in chunks:
            _put(ready, part, ended)
            if ended.is_set():
                return
    except BaseException as error:
        last = error
    _put(ready, last, ended)


def _put(ready: "Queue[_Item]", item: _Item, ended: threading.Event) -> None:
    while not ended.is_set():
        with contextlib.suppress(Full):
            ready.put(item, timeout=1.0)
            return
