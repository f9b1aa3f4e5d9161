"""What blocks ends in time, however often a byte comes."""

import time
from collections.abc import Iterator

import pytest

from igaku.io import within as module
from igaku.io.within import Drip, chunks_within, within


def test_the_result_or_the_error_comes_through() -> None:
    assert within(5, lambda: 7) == 7
    with pytest.raises(KeyError):
        within(5, lambda: {}["x"])


def test_what_does_not_end_is_left_and_its_wait_is_freed() -> None:
    freed: list[bool] = []
    since = time.monotonic()
    with pytest.raises(TimeoutError, match="within 0 s"):
        within(0.1, lambda: time.sleep(30), lambda: freed.append(True))
    assert freed and time.monotonic() - since < 10


def test_a_body_that_drips_is_ended_and_a_slow_one_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "GRACE", 0.3)

    def body(size: int) -> Iterator[bytes]:
        for _ in range(20):
            yield b"x" * size
            time.sleep(0.1)

    with pytest.raises(Drip, match="bytes came in"):
        list(chunks_within(body(1)))
    assert len(list(chunks_within(body(10_000)))) == 20


def test_nothing_at_all_is_no_drip() -> None:
    def body() -> Iterator[bytes]:
        time.sleep(30)
        yield b""

    with pytest.raises(TimeoutError, match="nothing came") as error:
        list(chunks_within(body(), first=0.1))
    assert not isinstance(error.value, Drip)


def test_an_error_in_the_middle_is_handed_on() -> None:
    def body() -> Iterator[bytes]:
        yield b"x"
        raise ValueError("torn")

    with pytest.raises(ValueError, match="torn"):
        list(chunks_within(body()))
