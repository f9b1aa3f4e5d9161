"""Whose replies are these: what each kind of server says of its weights, fleets, routers, and who is waited for."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import igaku
from igaku.engines.fleet import RetryBudget
from igaku.engines.openai import OpenAI
from igaku.errors import IgakuError
from igaku.question import Request, Sampling

from .stub import Act, Stub, completion, error
from .test_openai import QUICK

pytest.importorskip("aiohttp")
Pages = dict[str, Any]


class Served(Stub):
    """A server with pages of its own (path, with its query or without -> body), and chats."""

    def __init__(self, pages: Pages, letter: str = "b", model: str = "stub", port: int = 0) -> None:
        self.pages, self.questions = pages, 0

        def act(path: str, body: dict[str, Any], n: int) -> Act:
            page = self.pages.get(path, self.pages.get(path.partition("?")[0]))
            if page is not None:
                return page  # type: ignore[no-any-return]
            if path != "/chat/completions":
                return error(404, "no such path")
            self.questions += "どれ" in json.dumps(body, ensure_ascii=False)
            return completion(f"答え：{letter}", model=model)

        super().__init__(act, port=port)


def engine(*servers: Stub, **more: Any) -> OpenAI:
    return OpenAI("stub", base_url=",".join(s.url for s in servers), **{"budget": QUICK, **more})


def entry(owner: str, id: str = "stub", **more: Any) -> Pages:
    return {"/models": {"data": [{"id": id, "owned_by": owner, **more}]}}


def llama(path: str, n_ctx: int = 4096, size: int = 5, template: str = "{{ x }}", **more: Any) -> Pages:
    meta = {"n_ctx": n_ctx, "n_params": 7, "size": size, "n_vocab": 9}
    props = {"model_path": path, "build_info": "b77", "chat_template": template}
    return entry("llamacpp", meta=meta) | {"/props": props | {"default_generation_settings": {"n_ctx": n_ctx}}} | more


KINDS: dict[str, tuple[Pages, str, str, int]] = {
    "llama.cpp": (llama("/m/A.gguf"), "/m/A.gguf (7 parameters, 5 bytes, 9 tokens)", "llamacpp b77", 4096),
    "llama.cpp without props": (
        entry("llamacpp", "/m/A.gguf", meta={"n_ctx": 512, "size": 5}),
        "/m/A.gguf (5 bytes)",
        "llamacpp",
        512,
    ),
    "vLLM": (
        entry("vllm", root="/m/A", max_model_len=2048) | {"/version": {"version": "9.1"}},
        "/m/A",
        "vllm 9.1",
        2048,
    ),
    "SGLang": (
        entry("sglang", root="stub", max_model_len=2048)
        | {
            "/get_model_info": {"model_path": "/m/A", "is_generation": True, "weight_version": "two"},
            "/get_server_info": {"version": "0.9", "context_length": 1024},
        },
        "/m/A two",
        "sglang 0.9",
        1024,
    ),
    "TGI": (
        entry("acme/stub")
        | {"/info": {"model_id": "acme/stub", "model_sha": "abc1", "max_total_tokens": 900, "version": "3"}},
        "acme/stub abc1",
        "tgi 3",
        900,
    ),
    "Ollama": (
        entry("library", "stub:latest")
        | {
            "/api/tags": {"models": [{"name": "other:1", "digest": "00"}, {"name": "stub:latest", "digest": "f00d"}]},
            "/api/version": {"version": "0.7"},
            "/api/ps": {"models": [{"name": "stub:latest", "digest": "f00d", "context_length": 8192}]},
        },
        "stub:latest f00d",
        "ollama 0.7",
        8192,
    ),
    "LM Studio": (
        entry("organization_owner")
        | {"/api/v0/models": {"data": [{"id": "stub", "quantization": "Q4", "loaded_context_length": 700}]}},
        "stub Q4",
        "lmstudio",
        700,
    ),
    "a vendor": (entry("acme"), "127.0.0.1", "acme", 1 << 30),
    "a server without a list": ({}, "127.0.0.1", "unknown", 1 << 30),
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_identity_holds_what_a_server_says_of_its_weights(kind: str) -> None:
    pages, weights, version, context = KINDS[kind]
    with Served(pages) as server:
        found = engine(server)
    assert (found.identity.weights, found.identity.version, found.context) == (weights, version, context)


def test_a_server_that_says_nothing_has_the_identity_that_it_always_had() -> None:
    with Served(entry("acme")) as server:
        found = igaku.engines.base.Identity(
            model="stub", weights="127.0.0.1", engine="openai", version="acme", settings="api=chat top=0/0"
        )
        assert engine(server).identity == found


OTHERS = {
    "another file": llama("/m/B.gguf"),
    "another size": llama("/m/A.gguf", size=6),
    "another template": llama("/m/A.gguf", template="{{ y }}"),
}


@pytest.mark.parametrize("other", OTHERS)
def test_another_model_behind_the_name_is_refused_by_name(other: str, tmp_path: Path) -> None:
    ask = {"bench": "mini", "lang": "ja", "limit": 3, "method": "letter", "out": tmp_path / "run"}
    with Served(llama("/m/A.gguf")) as first:
        igaku.evaluate(engine(first), **ask)
    with Served(llama("/m/A.gguf"), "a") as again:
        igaku.evaluate(engine(again), **ask)
        assert again.questions == 0
    with Served(OTHERS[other], "a") as second, pytest.raises(IgakuError, match=r"this run was made with") as caught:
        igaku.evaluate(engine(second), **ask)
    before, _, after = str(caught.value).partition(", not ")
    assert before.partition("made with ")[2] != after.partition("; give")[0]
    assert "weights: /m/A.gguf" in before or "template=" in before


@pytest.mark.parametrize(
    ("one", "two", "differ"),
    [
        (entry("vllm", root="/m/A"), entry("vllm", root="/m/B"), "weights"),
        (llama("/m/A.gguf"), llama("/m/B.gguf"), "weights"),
        (llama("/m/A.gguf"), llama("/m/A.gguf", template="{{ y }}"), "chat templates"),
    ],
)
def test_servers_of_different_models_are_no_fleet(one: Pages, two: Pages, differ: str) -> None:
    with Served(one) as a, Served(two) as b, pytest.raises(IgakuError, match=f"different {differ} behind") as caught:
        engine(a, b)
    assert a.url in str(caught.value) and b.url in str(caught.value)


def test_each_server_of_a_fleet_must_list_the_model() -> None:
    with (
        Served(entry("vllm", root="/m/A")) as a,
        Served(entry("vllm", "stab", root="/m/A")) as b,
        pytest.raises(IgakuError, match=rf"unknown model 'stub': did you mean stab\? at {b.url}"),
    ):
        engine(a, b)


def test_the_shortest_context_of_a_fleet_counts() -> None:
    pages = [entry("vllm", root="/m/A", max_model_len=n) for n in (900, 300)]
    with Served(pages[0]) as a, Served(pages[1]) as b:
        assert engine(a, b).context == 300


def test_a_router_is_asked_for_the_model_that_is_meant() -> None:
    rows = [
        {"id": n, "owned_by": "llamacpp", "meta": {"n_ctx": c, "size": c}} for n, c in (("tiny", 512), ("stub", 4096))
    ]
    pages = {
        "/models": {"data": rows},
        "/props?model=stub": {"model_path": "/m/stub.gguf"},
        "/props": {"role": "router"},
    }
    with Served(pages) as router:
        found = engine(router)
        assert found.context == 4096 and found.identity.weights == "/m/stub.gguf (4096 bytes)"
        with pytest.raises(IgakuError, match=r"unknown model 'nope': known: stub, tiny"):
            OpenAI("nope", base_url=router.url, budget=QUICK)
    with Served(pages, model="tiny") as wrong, pytest.raises(IgakuError, match=r"answered by 'tiny' instead of 'stub'"):
        engine(wrong)


def test_a_deployment_that_the_list_knows_by_its_models_name() -> None:
    with Served(entry("system", "acme-9"), model="acme-9-20260101") as server:
        with pytest.raises(IgakuError, match=r"unknown model 'stub'.*give --served-as as well"):
            engine(server)
        assert engine(server, served_as="acme-9").identity.model == "stub"


def test_pages_that_do_not_come_are_not_guessed() -> None:
    tries = []
    with Served(llama("/m/A.gguf")) as server:
        usual = server.act

        def act(path: str, body: dict[str, Any], n: int) -> Act:
            tries.append(path)
            return error(503) if path == "/props" and tries.count(path) < 3 else usual(path, body, n)

        server.act = act
        assert engine(server).identity.weights.startswith("/m/A.gguf")
        server.act = lambda path, body, n: error(503) if path == "/props" else usual(path, body, n)
        with pytest.raises(IgakuError, match=r"/props does not answer .* the weights it serves are not known"):
            engine(server)


def test_a_server_that_is_dead_at_load_is_left_out_and_named(caplog: pytest.LogCaptureFixture) -> None:
    dead = Stub(lambda path, body, n: error(404))
    dead.close()
    with Served(entry("vllm", root="/m/A")) as alive:
        found = engine(dead, alive)
        assert next(iter(found.answer([Request(kind="text", prompt="q")])))[1].finish == "stop"
    assert f"{dead.url} did not answer" in caplog.text and f"{dead.url} did not answer" in found.notes[0]


def asked(n: int) -> list[Request]:
    return [Request(kind="text", prompt=f"q{i}", sampling=Sampling(max_tokens=9)) for i in range(n)]


def test_one_of_two_that_dies_is_named(caplog: pytest.LogCaptureFixture) -> None:
    one = Served(entry("vllm", root="/m/A"))
    with Served(entry("vllm", root="/m/A")) as other:
        one.latency = other.latency = 0.01
        found = engine(one, other, concurrency=4)
        answers = found.answer(asked(400))
        some = [next(answers) for _ in range(20)]
        one.close()
        assert len({i for i, _ in [*some, *answers]}) == 400
    assert f"{one.url} does not answer" in caplog.text and "its work goes to the other 1" in caplog.text
    assert found.session["out_of_reach"] == {one.url: 1}
    assert sum(found.session["servers"].values()) >= 400  # type: ignore[attr-defined]


@pytest.mark.parametrize("root", ["/m/A", "/m/B"])
def test_one_that_comes_back_is_asked_for_its_weights_again(root: str, caplog: pytest.LogCaptureFixture) -> None:
    one = Served(entry("vllm", root="/m/A"))
    with Served(entry("vllm", root="/m/A")) as other:
        one.latency = other.latency = 0.02
        answers = (found := engine(one, other, concurrency=2)).answer(asked(400))
        next(answers)
        one.close()
        while not found.session.get("out_of_reach"):
            next(answers)
        with Served(entry("vllm", root=root), "a", port=one.port):
            if root == "/m/A":
                list(answers)
                assert f"{one.url} answers again" in caplog.text
                return
            with pytest.raises(IgakuError, match=r"different weights behind the name 'stub' .*/m/A.*/m/B"):
                assert all(answer.text == "答え：b" for _, answer in answers)


def test_nobody_there_is_said_at_once_and_for_how_long(caplog: pytest.LogCaptureFixture) -> None:
    dead = Stub(lambda path, body, n: error(404))
    dead.close()
    with pytest.raises(IgakuError, match=r"no server answers .* start one and run it again"):
        engine(dead)
    assert f"{dead.url}: no answer yet" in caplog.text and "waiting 0 s at most" in caplog.text


def test_a_server_that_is_loading_is_waited_for(caplog: pytest.LogCaptureFixture) -> None:
    with Served(llama("/m/A.gguf")) as server:
        usual, since = server.act, []

        def act(path: str, body: dict[str, Any], n: int) -> Act:
            since.append(path)
            return error(503, "Loading model") if len(since) < 3 else usual(path, body, n)

        server.act = act
        assert engine(server).context == 4096
    assert "it is loading its model" in caplog.text


def test_a_silent_server_is_spoken_of_within_seconds(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("igaku.engines.fleet_notices.SOON", 0.5)
    slow = RetryBudget(timeout=3.0, tries=1, waiting=5.0, pause=0.01, unreachable=0.3)
    with Served(entry("vllm", root="/m/A")) as server:
        usual = server.act
        server.act = lambda path, body, n: "stall" if body.get("max_tokens") == 9 else usual(path, body, n)
        found = engine(server, budget=slow)
        answer = next(iter(found.answer([Request(kind="text", prompt="q", sampling=Sampling(max_tokens=9))])))[1]
    assert answer.finish == "error"
    assert f"no reply from {server.url} for 1 s: 1 requests under way, each waited for up to 3 s" in caplog.text


def test_the_command_line_says_what_is_waited_for_and_why_requests_failed(tmp_path: Path) -> None:
    dead = Stub(lambda path, body, n: error(404))
    dead.close()
    with Served(entry("vllm", root="/m/A")) as server:
        usual = server.act
        server.act = lambda path, body, n: error(418, "teapot\x1b[2J") if "どれ" in str(body) else usual(path, body, n)
        out = str(tmp_path / "run")
        where = ("--base-url", f"{dead.url},{server.url}", "--model", "stub", "--served-as", "other", "--out", out)
        command = [sys.executable, "-m", "igaku", "eval", *where, "--bench", "mini", "--lang", "ja", "--limit", "3"]
        done = subprocess.run(command, capture_output=True, timeout=60, text=True)
    assert done.returncode == 0, done.stderr
    assert f"{dead.url} did not answer" in done.stderr and "left out of this session" in done.stderr
    assert "teapot" in done.stderr and "\x1b" not in done.stderr
    assert "engine errors: 3 x teapot" in done.stdout and "--retry-errors" in done.stdout
    session = json.loads((tmp_path / "run" / "sessions.jsonl").read_text())
    assert sum(session["errors"].values()) == 3
    assert "served-as=other" in (tmp_path / "run" / "run.json").read_text()
