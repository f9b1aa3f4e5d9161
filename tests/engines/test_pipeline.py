"""Batches in flight: all come back once and in order, late or not, and a failure stays with its own."""

from collections.abc import Callable

import pytest

from igaku.engines.pipeline import through
from igaku.errors import IgakuError

np = pytest.importorskip("numpy")


@pytest.mark.parametrize("late", [0, 1, 3])
def test_results_come_in_order_however_late_they_are_read(late: int) -> None:
    flying, most = 0, 0

    def launch(part: list[int]) -> Callable[[], list[int]]:
        nonlocal flying, most
        flying += 1
        most = max(most, flying)

        def wait() -> list[int]:
            nonlocal flying
            flying -= 1
            return [10 * i for i in part]

        return wait

    parts = [[0, 1], [2], [3, 4], [5], [6]]
    assert list(through(parts, list, launch, late)) == [(i, 10 * i) for i in range(7)]
    assert most == late + 1


@pytest.mark.parametrize("where", ["launch", "wait"])
def test_a_batch_that_fails_is_halved_and_only_the_bad_one_is_lost(where: str) -> None:
    def launch(part: list[int]) -> Callable[[], list[int]]:
        def wait() -> list[int]:
            if 3 in part:
                raise RuntimeError("out of memory")
            return part

        if where == "launch":
            found = wait()
            return lambda: found
        return wait

    found = dict(through([[0, 1], [2, 3, 4, 5], [6]], list, launch, late=1))
    assert [i for i, one in found.items() if one != i] == [3]
    assert found[3].why == "RuntimeError: out of memory"


def test_a_users_mistake_stops_everything() -> None:
    def launch(part: list[int]) -> Callable[[], list[int]]:
        raise IgakuError("no such model")

    with pytest.raises(IgakuError, match="no such model"):
        list(through([[0]], list, launch, late=1))
