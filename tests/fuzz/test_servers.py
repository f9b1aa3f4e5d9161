"""Servers that answer anything at all: each request gets one answer, the key stays hidden, and it ends.

``IGAKU_FUZZ=20000`` tries as many replies instead of a few hundred; ``IGAKU_FUZZ_SEED`` others.
"""

import gzip
import json
import os
import random
import time
from pathlib import Path
from typing import Any

import pytest

from igaku.engines import fleet_http, openai_get
from igaku.engines.fleet import RetryBudget
from igaku.engines.openai import OpenAI
from igaku.errors import IgakuError
from igaku.question import Request, Sampling

from ..engines.stub import Act, Stub, completion

pytest.importorskip("aiohttp")
INPUTS = int(os.environ.get("IGAKU_FUZZ", "0")) or 300
SEED = int(os.environ.get("IGAKU_FUZZ_SEED", "1"))
KEY = "sk-fuzz-7Q2x9Lm4Vt8Rz1"
BUDGET = RetryBudget(timeout=5.0, tries=2, waiting=1.0, pause=0.001, unreachable=0.3)
ODD: tuple[Any, ...] = (
    *(
        None,
        True,
        0,
        -1,
        1e308,
        float("nan"),
        10**400,
        "",
        KEY,
        "\x00\ud800",
        "x" * 9999,
        [],
        {},
        [[]],
        [None],
        {"a": {}},
    ),
)
STATUSES = (
    100,
    200,
    201,
    204,
    206,
    301,
    304,
    307,
    400,
    401,
    402,
    403,
    404,
    413,
    418,
    429,
    451,
    500,
    502,
    503,
    529,
    599,
)


def mutated(value: Any, rng: random.Random) -> Any:
    """A decoded body with some of its parts changed, lost or doubled."""
    if rng.random() < 0.08:
        return rng.choice(ODD)
    if isinstance(value, dict):
        kept = {k: mutated(v, rng) for k, v in value.items() if rng.random() > 0.05}
        return kept | (
            {rng.choice(("error", "model", "text", "usage", KEY)): rng.choice(ODD)} if rng.random() < 0.1 else {}
        )
    if isinstance(value, list):
        return [mutated(v, rng) for v in value] * rng.choice((1, 1, 1, 1, 0, 2))
    return value


def raw_answer(rng: random.Random, body: bytes) -> bytes:
    """A whole response, in which the frame is wrong too."""
    status = rng.choice(STATUSES[8:])
    heads = (
        "",
        f"X-Key: {KEY}\r\n",
        f"Retry-After: {rng.choice(('0', '-1', 'nan', 'inf', '1e-9', 'x'))}\r\n",
        f"Location: http://127.0.0.1:9/{KEY}\r\n",
        "Content-Encoding: gzip\r\n",
        "Content-Type: text/html; charset=no-such\r\n",
    )
    length = len(body) + rng.choice((0, 0, 0, -5, 7))
    if rng.random() < 0.2:
        body = gzip.compress(body)[: rng.randrange(1, 99)]
    if rng.random() < 0.1:
        return rng.randbytes(60) + b"\r\n\r\n"
    return f"HTTP/1.1 {status} {KEY}\r\n{rng.choice(heads)}Content-Length: {max(0, length)}\r\n\r\n".encode() + body


def answer(rng: random.Random) -> Act:
    """What the server does with one request."""
    whole = completion("A", system_fingerprint=KEY) | {"id": KEY, "object": "x"}
    kind = rng.random()
    if kind < 0.1:
        return rng.choice(("reset", "cut", "drip-body"))
    text = json.dumps(mutated(whole, rng)).encode("utf-8", "surrogatepass")
    if kind < 0.3:
        return raw_answer(rng, text)
    cut = text[: rng.randrange(len(text) + 1)] if rng.random() < 0.1 else text
    deep = b"[" * 50_000 if rng.random() < 0.02 else cut
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(deep) + deep


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(openai_get, "SECONDS", 1.0)
    monkeypatch.setattr(openai_get, "QUICK", 0.5)
    monkeypatch.setattr(fleet_http, "GRACE", 0.3)
    monkeypatch.setenv("IGAKU_API_KEY", KEY)
    monkeypatch.setenv("IGAKU_CONFIG", str(tmp_path))


def test_whatever_comes_each_request_is_answered_once_and_the_key_stays_hidden() -> None:
    def act(path: str, body: dict[str, Any], n: int) -> Act:
        if path == "/models":
            return {"data": [{"id": "stub", "root": "/m"}]}
        if body.get("max_tokens") != 9:
            return completion("A")
        found = answer(random.Random(f"{SEED}/{body['prompt']}/{n}"))
        is_fatal = isinstance(found, bytes) and any(
            b"HTTP/1.1 %d " % s in found[:16] for s in (401, 402, 403, 404, 405)
        )
        return completion("A") if is_fatal else found

    requests = [Request(kind="text", prompt=f"q{i}", sampling=Sampling(max_tokens=9)) for i in range(INPUTS)]
    with Stub(act) as server:
        engine = OpenAI("stub", base_url=server.url, budget=BUDGET, api="completions", concurrency=16)
        answers = dict(engine.answer(requests))
        session = engine.session
    assert len(answers) == INPUTS
    assert all(a.error for a in answers.values() if a.finish == "error"), "no error without a reason"
    assert 0 < sum(a.finish == "error" for a in answers.values()) < INPUTS
    shown = f"{list(answers.values())} {session} {engine.notes} {engine.identity}"
    assert KEY not in shown and KEY[:-3] not in shown


def test_whatever_a_server_says_of_itself_it_is_an_engine_or_one_line() -> None:
    loaded = 0
    for i in range(max(12, INPUTS // 25)):
        rng = random.Random(f"{SEED}/load/{i}")
        pages: dict[str, Any] = {
            "/models": {
                "data": [{"id": "stub", "owned_by": rng.choice(("me", "vllm", "llamacpp", KEY)), "meta": {"n_ctx": 9}}]
            },
            "/props": {"model_path": "/m", "chat_template": "x", "default_generation_settings": {"n_ctx": 9}},
            "/version": {"version": "1"},
        }

        def act(path: str, body: dict[str, Any], n: int, rng: random.Random = rng, pages: Any = pages) -> Act:
            page = pages.get(path.partition("?")[0])
            if page is not None:
                return mutated(page, rng) if rng.random() < 0.8 else answer(rng)  # type: ignore[no-any-return]
            return completion("A") if body and rng.random() < 0.7 else answer(rng)

        since = time.monotonic()
        with Stub(act) as server:
            try:
                engine = OpenAI("stub", base_url=server.url, budget=BUDGET)
                loaded += 1
                shown = f"{engine.identity} {engine.notes}"
            except IgakuError as error:
                shown = str(error)
                assert "\n" not in shown
            except Exception as error:
                pytest.fail(f"IGAKU_FUZZ_SEED={SEED}, load {i}: {type(error).__name__}: {error}")
        assert KEY not in shown, (SEED, i)
        assert time.monotonic() - since < 60
    assert loaded
