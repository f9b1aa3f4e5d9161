"""Servers that misbehave in every way; each question is answered exactly once all the same."""

import hashlib
import time
from collections import Counter
from typing import Any

import msgspec
import pytest

from igaku.engines.fleet import BadPayload, Call, Failed, Fleet, RetryBudget
from igaku.errors import IgakuError

from .stub import Act, Stub, completion, error

pytest.importorskip("aiohttp")
QUICK = RetryBudget(timeout=1.0, tries=8, waiting=60.0, pause=0.01, unreachable=0.5)


def check(body: Any) -> str:
    if not isinstance(body, dict) or len(body.get("choices", ())) != 1:
        raise BadPayload("not one choice")
    if body["model"] != "stub":
        raise BadPayload("another model")
    return str(body["choices"][0]["text"])


def calls(n: int) -> list[Call]:
    return [Call(i, "/completions", msgspec.json.encode({"prompt": f"Q{i}"}), check) for i in range(n)]


def right(body: dict[str, Any]) -> dict[str, Any]:
    return completion("A" + body["prompt"][1:])


def faulty(path: str, body: dict[str, Any], n: int) -> Act:
    """About a third of the first tries go wrong, and some second and third ones."""
    rng = int(hashlib.sha256(f"{body['prompt']} {n}".encode()).hexdigest(), 16) % 1000
    if int(body["prompt"][1:]) % 2500 < 60 and n < 1:  # bursts
        return error(429, "slow down", retry_after="0.02" if rng % 2 else "")
    if n >= 4 or rng >= 330 or rng < 80:
        return right(body)
    if rng < 150:
        return error((500, 502, 504)[rng % 3])
    if rng < 190:
        return "reset"
    if rng < 230:
        return b'HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{"choices": '
    if rng < 260:
        return completion("A-1", model="another-model")
    if rng < 290:
        return "cut"
    if rng < 310:
        return {"model": "stub", "choices": [*right(body)["choices"], *completion("A0")["choices"]]}
    if rng < 328:
        twice = b"{}{}"
        return b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n" + twice
    return "stall" if rng == 328 else "trickle"


def test_ten_thousand_requests_through_every_fault() -> None:
    with Stub(faulty) as stub:
        got = list(Fleet([stub.url], concurrency=64, budget=QUICK).ask(calls(10_000)))
    assert Counter(i for i, _ in got) == Counter(range(10_000))
    assert [(i, answer) for i, answer in got if answer != f"A{i}"] == []
    assert stub.most_busy <= 64


def test_a_burst_of_refusals_slows_down_and_is_waited_out() -> None:
    began = time.monotonic()

    def act(path: str, body: dict[str, Any], n: int) -> Act:
        return error(429, retry_after="0.1") if time.monotonic() - began < 0.6 else right(body)

    with Stub(act) as stub:
        fleet = Fleet([stub.url], concurrency=32, budget=QUICK)
        got = dict(fleet.ask(calls(300)))
    assert got == {i: f"A{i}" for i in range(300)}
    assert sum(stub.tries.values()) < 300 + 150


def test_a_dead_server_leaves_its_work_to_the_others() -> None:
    with Stub(lambda path, body, n: right(body)) as one, Stub(lambda path, body, n: right(body)) as two:
        dead = Stub(lambda path, body, n: right(body))
        fleet = Fleet([one.url, dead.url, two.url], concurrency=8, budget=QUICK)
        seen = []
        for i, answer in fleet.ask(calls(2000)):
            seen.append((i, answer))
            if len(seen) == 300:
                dead.close()
    assert sorted(seen) == [(i, f"A{i}") for i in range(2000)]
    counts = [sum(stub.tries.values()) for stub in (one, two)]
    assert sum(counts) <= 2000 and min(counts) > 500


def test_nobody_there_is_one_clear_line() -> None:
    fleet = Fleet(["http://127.0.0.1:9/v1"], budget=QUICK)
    with pytest.raises(IgakuError, match=r"no server answers .* what was answered is kept"):
        list(fleet.ask(calls(3)))


def test_what_is_refused_is_told_and_what_fails_for_good_is_a_failure() -> None:
    def act(path: str, body: dict[str, Any], n: int) -> Act:
        number = int(body["prompt"][1:])
        return (
            error(400, "the prompt exceeds the context length")
            if number == 1
            else error(500, "out of order")
            if number == 2
            else right(body)
        )

    with Stub(act) as stub:
        got = dict(Fleet([stub.url], budget=QUICK).ask(calls(4)))
    assert got[1] == Failed("the prompt exceeds the context length", 400)
    assert isinstance(got[2], Failed) and "out of order" in got[2].message and "8 tries" in got[2].message
    assert (got[0], got[3]) == ("A0", "A3")


def test_a_wrong_key_ends_the_run_and_is_not_repeated() -> None:
    with (
        Stub(lambda path, body, n: error(401, "Incorrect API key provided: sk-secret-1234")) as stub,
        pytest.raises(IgakuError, match="says 401: Incorrect API key provided: \\*\\*\\*; set IGAKU_API_KEY"),
    ):
        list(Fleet([stub.url], key="sk-secret-1234", budget=QUICK).ask(calls(5)))


def test_the_rest_is_left_where_no_more_may_start() -> None:
    started: list[int] = []

    def may(call: Call) -> bool:
        started.append(call.index)
        return len(started) <= 10

    with Stub(lambda path, body, n: right(body)) as stub:
        got = list(Fleet([stub.url], may_start=may).ask(calls(50)))
    assert len(got) == 10


def test_leaving_early_stops_the_work() -> None:
    with Stub(lambda path, body, n: right(body), latency=0.01) as stub:
        answers = Fleet([stub.url], concurrency=4).ask(calls(5000))
        assert next(answers)
        answers.close()  # type: ignore[attr-defined]
        time.sleep(0.1)
        requests = sum(stub.tries.values())
        time.sleep(0.1)
        assert sum(stub.tries.values()) == requests < 100


def test_a_call_that_is_put_off_is_not_forgotten_where_no_other_may_start() -> None:
    began: list[int] = []

    def may(call: Call) -> bool:
        if call.index == 0:
            began.append(0)
        return call.index == 0

    with Stub(lambda path, body, n: error(429, retry_after="0.05") if n == 0 else right(body)) as stub:
        got = list(Fleet([stub.url], may_start=may, budget=QUICK).ask(calls(3)))
    assert got == [(0, "A0")] and began == [0]


def test_a_key_is_cleaned_before_a_message_is_cut() -> None:
    key = "sk-" + "a" * 60
    with Stub(lambda path, body, n: error(400, "x" * 470 + key)) as stub:
        got = dict(Fleet([stub.url], key=key, budget=QUICK).ask(calls(1)))
    assert "sk-" not in got[0].message


def test_no_credit_ends_the_run_at_once() -> None:
    with (
        Stub(lambda path, body, n: error(429, "insufficient_quota: check your plan")) as stub,
        pytest.raises(IgakuError, match="insufficient_quota"),
    ):
        list(Fleet([stub.url], budget=QUICK).ask(calls(2)))
