"""Whatever a server does, it ends, and the reason is told: drips, empty bodies, redirects, no file left to open."""

import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from igaku.engines import fleet_http, openai_get
from igaku.engines.fleet import RetryBudget
from igaku.engines.openai import OpenAI
from igaku.errors import IgakuError
from igaku.question import Answer, Request, Sampling

from .stub import DRIPS, Act, Stub, completion, error

pytest.importorskip("aiohttp")
BUDGET = RetryBudget(timeout=60.0, tries=3, waiting=5.0, pause=0.01, unreachable=0.3)


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openai_get, "SECONDS", 0.5)
    monkeypatch.setattr(openai_get, "QUICK", 0.5)
    monkeypatch.setattr(fleet_http, "GRACE", 0.5)


def served(act: Any) -> Stub:
    """A server that is sound but for what ``act`` gives."""

    def reply(path: str, body: dict[str, Any], n: int) -> Act:
        found: Act | None = act(path, body, n)
        if found is not None:
            return found
        if path == "/models":
            return {"data": [{"id": "stub", "owned_by": "me", "root": "/m"}]}
        return completion("A") if path == "/completions" else error(404)

    return Stub(reply)


def ask(server: Stub, n: int = 1) -> list[Answer]:
    engine = OpenAI("stub", base_url=server.url, budget=BUDGET, api="completions")
    requests = [Request(kind="text", prompt=f"q{i}", sampling=Sampling(max_tokens=9)) for i in range(n)]
    return [answer for _, answer in sorted(engine.answer(requests))]


def only_asked(act: Act) -> Any:
    return lambda path, body, n: act if body.get("max_tokens") == 9 else None


@pytest.mark.parametrize("drip", DRIPS)
def test_a_list_of_models_that_drips_is_one_line(drip: str) -> None:
    since = time.monotonic()
    with (
        served(lambda path, body, n: drip if path == "/models" else None) as server,
        pytest.raises(IgakuError, match=r"/models: it began to answer and did not end within 0 s; check --base-url"),
    ):
        ask(server)
    assert time.monotonic() - since < 20


@pytest.mark.parametrize("drip", DRIPS)
def test_a_page_of_its_own_that_drips_is_one_line(drip: str) -> None:
    def act(path: str, body: dict[str, Any], n: int) -> Act | None:
        if path == "/models":
            return {"data": [{"id": "stub", "owned_by": "llamacpp"}]}
        return drip if path == "/props" else None

    with served(act) as server, pytest.raises(IgakuError, match=r"/props does not answer .*did not end"):
        ask(server)


@pytest.mark.parametrize("drip", DRIPS)
def test_a_first_reply_that_drips_is_one_line(drip: str) -> None:
    with (
        served(lambda path, body, n: drip if body else None) as server,
        pytest.raises(IgakuError, match=r"/completions begins to answer and does not go on"),
    ):
        ask(server)


@pytest.mark.parametrize("drip", DRIPS)
def test_a_reply_that_drips_is_an_error_with_its_reason_and_is_tried_twice(drip: str) -> None:
    with served(only_asked(drip)) as server:
        answers = ask(server)
        assert max(server.tries.values()) == 2
    assert answers[0].finish == "error" and "begins to answer and does not go on" in answers[0].error


def test_a_server_that_works_is_waited_for_though_it_sends_blanks_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fleet_http, "GRACE", 0.2)
    with served(lambda path, body, n: None) as server:
        server.latency = 0.6
        monkeypatch.setattr(openai_get, "SECONDS", 5.0)
        assert ask(server)[0].text == "A"
    with served(only_asked("trickle")) as server:
        engine = OpenAI("stub", base_url=server.url, budget=RetryBudget(1.5, 1, 5.0, 0.01, 0.3), api="completions")
        request = Request(kind="text", prompt="q", sampling=Sampling(max_tokens=9))
        answer = dict(engine.answer([request]))[0]
    assert "TimeoutError" in answer.error, "blanks are no drip: the whole time counts"


REDIRECT = b"HTTP/1.1 %d X\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_and_says_where_to(status: int) -> None:
    with served(only_asked(REDIRECT % (status, b"https://u:p@other.example/v1/x?k=secret"))) as server:
        answer = ask(server)[0]
        assert max(server.tries.values()) == 1
    assert answer.finish == "error"
    assert f"status {status}, a redirect to https://other.example/v1/x that is not followed" in answer.error
    assert "secret" not in answer.error


@pytest.mark.parametrize("location", [b"", b"//[", b"/elsewhere", b"\xff\xfe", b"javascript:x"])
def test_a_redirect_to_nowhere_is_one_line(location: bytes) -> None:
    with served(only_asked(REDIRECT % (307, location))) as server:
        assert "status 307, a redirect" in ask(server)[0].error


@pytest.mark.parametrize("status", [202, 204, 206])
def test_an_empty_success_is_tried_again_and_says_its_status(status: int) -> None:
    empty = b"HTTP/1.1 %d X\r\n%s\r\n" % (status, b"" if status == 204 else b"Content-Length: 0\r\n")
    with served(only_asked(empty)) as server:
        answer = ask(server)[0]
        assert max(server.tries.values()) == BUDGET.tries
    assert f"status {status} with an empty body" in answer.error
    with served(lambda path, body, n: empty if body.get("max_tokens") == 9 and n == 0 else None) as server:
        assert ask(server)[0].text == "A"


@pytest.mark.parametrize("status", [200, 400, 418, 500])
def test_no_error_is_without_a_reason(status: int) -> None:
    with served(only_asked(b"HTTP/1.1 %d X\r\nContent-Length: 0\r\n\r\n" % status)) as server:
        answer = ask(server)[0]
    assert answer.finish == "error" and ("empty body" in answer.error)


FEW = """
import resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (int(sys.argv[1]),) * 2)
sys.argv = ["igaku", *sys.argv[2:]]
from igaku.cli import main
main()
"""


@pytest.mark.parametrize("files", [8, 12, 16, 24])
def test_too_few_files_are_a_line_at_once_and_nothing_is_lost(files: int, tmp_path: Path) -> None:
    with Stub(
        lambda path, body, n: {"data": [{"id": "stub"}]} if path == "/models" else completion("答え：a")
    ) as server:
        where = ("--base-url", server.url, "--model", "stub", "--concurrency", "64", "--out", str(tmp_path / "run"))
        command = [sys.executable, "-c", FEW, str(files), "eval", *where, "--bench", "mini", "--lang", "ja"]
        done = subprocess.run(command, capture_output=True, timeout=100, text=True, env=dict(os.environ))
    assert "Traceback" not in done.stderr
    assert "too few file descriptors" in done.stderr or "too many open files" in done.stderr.lower()
    assert done.returncode in (0, 2), done.stderr
    if done.returncode == 0:
        assert "engine errors" not in done.stdout


def test_the_limit_is_raised_as_far_as_it_may_be() -> None:
    from igaku.engines.descriptors import room_for

    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    assert room_for(50) == 50
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[1] == hard
