"""Work in a thread beside its user: what is needed next is made while what is there is used."""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

P = TypeVar("P")
R = TypeVar("R")
AHEAD = 2
"""Items that are made before they are wanted."""


def ahead(items: Iterable[P], do: Callable[[P], R], depth: int = AHEAD) -> Iterator[R]:
    """What ``do`` makes of each item, in order, made in a thread up to ``depth`` items before it is wanted.

    Raises:
        Exception: as ``do`` does, where its result is taken.
    """
    waiting: deque[Future[R]] = deque()
    with ThreadPoolExecutor(1, "igaku-ahead") as thread:
        try:
            for item in items:
                waiting.append(thread.submit(do, item))
                if len(waiting) > depth:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for one in waiting:
                one.cancel()


def meanwhile(do: Callable[[], R]) -> Callable[[], R]:
    """Start ``do`` in a thread; what is returned waits for its result, or raises what it raised.

    The thread does not hold up the end of the process.
    """
    result: Future[R] = Future()

    def run() -> None:
        try:
            result.set_result(do())
        except BaseException as error:
            result.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return result.result
