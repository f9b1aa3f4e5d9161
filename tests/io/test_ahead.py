"""Work beside its user: in order, not far ahead, and with its errors where it is wanted."""

import threading

import pytest

from igaku.io.ahead import ahead, meanwhile


def test_items_are_made_in_order_in_another_thread_and_not_far_ahead() -> None:
    made: list[int] = []

    def make(i: int) -> tuple[int, int]:
        made.append(i)
        return i, threading.get_ident()

    taken = ahead(range(20), make, depth=2)
    first = next(taken)
    assert first[0] == 0
    assert first[1] != threading.get_ident()
    assert len(made) <= 3
    assert [i for i, _ in taken] == list(range(1, 20))


def test_what_cannot_be_made_fails_where_it_is_taken() -> None:
    taken = ahead([1, 0], lambda x: 1 // x)
    assert next(taken) == 1
    with pytest.raises(ZeroDivisionError):
        next(taken)


def test_whoever_stops_early_leaves_no_work_behind() -> None:
    made: list[int] = []
    taken = ahead(range(1000), made.append, depth=2)
    next(taken)
    taken.close()
    assert len(made) <= 4


def test_what_runs_meanwhile_gives_its_result_or_its_error_where_it_is_wanted() -> None:
    go = threading.Event()
    wanted = meanwhile(lambda: (go.wait(20), 7)[1])
    go.set()
    assert wanted() == 7
    failed = meanwhile(lambda: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        failed()
