"""Batches on their way through a model: the next one is laid out while one is computed, and numbers come back late.

A GPU works on its own once it is given work, and stops only where somebody waits for its numbers. So these are read
one batch late. On processors they are read at once: there is nothing to wait for.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from igaku.engines.logits import Failed, halved
from igaku.errors import IgakuError
from igaku.io.ahead import ahead

T = TypeVar("T")
P = TypeVar("P")


def through(
    parts: Iterable[list[int]], plan: Callable[[list[int]], P], launch: Callable[[P], Callable[[], list[T]]], late: int
) -> Iterator[tuple[int, T | Failed]]:
    """What comes of each item of all batches, in order; where a batch fails, its halves are tried one by one.

    Args:
        plan: lays a batch out; called in a thread.
        launch: starts computing it, and returns what waits for its results.
        late: batches under way before the first is waited for.
    """
    flying: deque[tuple[list[int], Callable[[], list[T]]]] = deque()

    def run(part: list[int]) -> list[T]:
        return launch(plan(part))()

    def landed() -> Iterator[tuple[int, T | Failed]]:
        part, wait = flying.popleft()
        try:
            found = wait()
        except IgakuError:
            raise
        except Exception as error:  # an architecture's own code raises what it likes
            yield from halved(part, run, error)
        else:
            yield from zip(part, found)

    listed = list(parts)
    for part, planned in zip(listed, ahead(listed, plan)):
        flying.append((part, _started(launch, planned)))
        while len(flying) > late:
            yield from landed()
    while flying:
        yield from landed()


def _started(launch: Callable[[P], Callable[[], list[T]]], planned: P) -> Callable[[], list[T]]:
    """What waits for a batch's results; one that could not be started fails there."""
    try:
        return launch(planned)
    except IgakuError:
        raise
    except Exception as error:
        failure = error

        def fail() -> list[T]:
            raise failure

        return fail
