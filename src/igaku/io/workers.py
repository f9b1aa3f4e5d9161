"""Processes that work for this one and end with it, however it ends: also killed, also on systems without prctl."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context, parent_process


@contextmanager
def processes(
    n: int, start: str | None = None, begin: Callable[..., None] | None = None, given: tuple[object, ...] = ()
) -> Iterator[ProcessPoolExecutor]:
    """A pool of ``n`` processes; after an error or an interrupt they end with what they do, and begin nothing more.

    Args:
        start: how processes are started, as of ``multiprocessing``; the system's way if left out.
        begin: called in each with ``given``, before anything else.
    """
    pool = ProcessPoolExecutor(n, get_context(start), _begin, (begin, given))
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    pool.shutdown()


def _begin(begin: Callable[..., None] | None, given: tuple[object, ...]) -> None:
    """In a new process: leave Ctrl-C to the parent, and watch it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if begin:
        begin(*given)


def _end_with_parent() -> None:
    """Wait on a pipe that closes when the parent ends; also if it ended before this line."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
