"""The OpenAI-compatible engine: against a scripted server for what servers do, and a real one for the numbers."""

import base64
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import igaku
from igaku.cli import app
from igaku.engines.api_keys import find_key
from igaku.engines.base import Engine
from igaku.engines.fleet import RetryBudget
from igaku.engines.openai import OpenAI
from igaku.engines.openai_bodies import data_url
from igaku.errors import IgakuError
from igaku.question import Message, Request, Sampling

from .stub import Act, Stub, completion, error

pytest.importorskip("aiohttp")
QUICK = RetryBudget(timeout=2.0, tries=3, waiting=5.0, pause=0.01, unreachable=0.3)
LOGS = {
    "logprobs": {
        "content": [
            {
                "top_logprobs": [
                    {"token": " B", "logprob": -0.1},
                    {"token": "A", "logprob": -2.5},
                    {"token": "x", "logprob": -9.0},
                ]
            }
        ]
    }
}
GET = b"HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\n"


def models(*names: str, **more: Any) -> bytes:
    body = json.dumps({"data": [{"id": n, **more} for n in names]}).encode()
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body


def server(reply: Callable[[str, dict[str, Any]], Act | None] = lambda path, body: None) -> Stub:
    """A server with chats, completions (20 log-probabilities at most) and no echo, but for what ``reply`` says."""

    def act(path: str, body: dict[str, Any], n: int) -> Act:
        if path == "/models":
            return reply(path, body) or models("stub", max_model_len=4096, root="weights/stub")
        own = reply(path, body)
        if own is not None:
            return own
        if path == "/completions" and isinstance(body.get("logprobs"), int):
            return error(400, "logprobs: at most 20") if body["logprobs"] > 20 else completion("B", **LOGS)
        return completion("B", **(LOGS if body.get("logprobs") else {}))

    return Stub(act)


def build(stub: Stub, **more: Any) -> Engine:
    return OpenAI("stub", base_url=stub.url, budget=QUICK, **more)


def test_it_finds_out_what_the_server_can() -> None:
    with server() as stub:
        engine = build(stub)
    assert engine.supported == {"text", "letters"} and "echo" in engine.unsupported["likelihood"]
    assert engine.context == 4096
    assert engine.identity.weights == "weights/stub"
    assert "api=chat+completions top=20/20" in engine.identity.settings


def test_only_chats_with_other_names_for_parameters() -> None:
    def vendor(path: str, body: dict[str, Any]) -> Act | None:
        if path in ("/completions", "/models"):
            return error(404, "no such path")
        if "max_tokens" in body:
            return error(400, "use max_completion_tokens")
        if "temperature" in body or "logprobs" in body:
            return error(400, "temperature and logprobs are not supported with this model")
        return None

    with server(vendor) as stub:
        engine = build(stub)
        answer = dict(engine.answer([Request(kind="text", prompt="q", messages=(Message("user", "q"),))]))[0]
    assert engine.supported == {"text"}
    assert any("no temperature" in n for n in engine.notes)
    assert (answer.text, answer.prompt_tokens, answer.new_tokens) == ("B", 10, 2)


def test_letters_by_their_tokens_and_the_least_for_one_that_is_not_named() -> None:
    with server() as stub:
        requests = Request(kind="letters", prompt="q\nAnswer:", continuations=(" A", " B", " C"))
        answer = dict(build(stub).answer([requests]))[0]
    assert answer.logprobs == (-2.5, -0.1, -9.0)


def test_turns_plain_prompts_thinking_and_reasoning() -> None:
    seen: list[tuple[str, dict[str, Any]]] = []

    def reply(path: str, body: dict[str, Any]) -> Act | None:
        if body.get("max_tokens") != 32:
            return None
        seen.append((path, body))
        message = {"content": None if len(seen) == 2 else "b", "reasoning_content": "hm"}
        return completion("b", message=message, finish_reason="length" if len(seen) == 2 else "stop")

    turns = (Message("system", "s"), Message("user", "u"))
    drawn = Sampling(max_tokens=32, temperature=0.7, seed=5, stop=("\n",))
    with server(reply) as stub:
        engine = build(stub, thinking=False, concurrency=1)
        requests = [Request(kind="text", prompt=p, messages=turns, sampling=drawn) for p in ("a", "b")]
        answers = dict(engine.answer([*requests, Request(kind="text", prompt="z", sampling=drawn)]))
    path, body = seen[0]
    assert path == "/chat/completions" and [m["role"] for m in body["messages"]] == ["system", "user"]
    assert (body["temperature"], body["seed"], body["stop"]) == (0.7, 5, ["\n"])
    assert body["chat_template_kwargs"] == {"enable_thinking": False}
    assert "thinking=off" in engine.identity.settings
    assert (answers[0].thinking, answers[0].text) == ("hm", "b")
    assert (answers[1].thinking, answers[1].text, answers[1].finish) == ("hm", "", "length")
    assert seen[2][0] == "/completions" and seen[2][1]["prompt"] == "z"


def test_failures_are_answers() -> None:
    def reply(path: str, body: dict[str, Any]) -> Act | None:
        prompt = body.get("prompt", "")
        message = {"long": "maximum context length is 4096", "bad": "flagged by the content policy", "odd": "what?"}
        if prompt == "other":
            return completion("b", model="gpt-17")
        return error(400, message[prompt]) if prompt in message else None

    prompts = ["long", "bad", "odd", "other", "half \ud800", "fine"]
    with server(reply) as stub:
        answers = dict(build(stub).answer([Request(kind="text", prompt=p) for p in prompts]))
    assert [answers[i].finish for i in range(6)] == ["overlong", "refused", "error", "error", "error", "stop"]
    assert "answered by 'gpt-17' instead of 'stub'" in answers[3].error


def test_names_addresses_and_settings_are_checked() -> None:
    with server() as stub:
        with pytest.raises(IgakuError, match="unknown model 'stib': did you mean stub"):
            OpenAI("stib", base_url=stub.url, budget=QUICK)
        with pytest.raises(IgakuError, match="--dtype is not a setting of --engine openai: the server decides it"):
            igaku.build_engine("stub", engine="openai", base_url=stub.url, dtype="float16")
        with pytest.raises(IgakuError, match="needs --prices"):
            build(stub, max_cost=1.0)
    for url, message in (
        ("", "needs --base-url"),
        ("localhost", "is not an address"),
        ("http://me:secret@host/v1", "holds a password"),
    ):
        with pytest.raises(IgakuError, match=message) as caught:
            igaku.build_engine("stub", engine="openai", base_url=url)
        assert "secret" not in str(caught.value)


def test_images_go_to_models_that_see(tmp_path: Path) -> None:
    picture = base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    )
    (tmp_path / "ecg.png").write_bytes(picture)
    (tmp_path / "big.png").write_bytes(b"\x89PNG" + b"0" * (11 << 20))
    rows = [
        {
            "id": "1",
            "stem": "この心電図の所見はどれか。",
            "choices": ["甲", "乙"],
            "answer": "b",
            "images": ["ecg.png"],
        },
        {"id": "2", "stem": "次のうち正しいのはどれか。", "choices": ["甲", "乙"], "answer": "b"},
    ]
    own = tmp_path / "own.jsonl"
    own.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows))
    seen: list[Any] = []

    def reply(path: str, body: dict[str, Any]) -> Act | None:
        if path == "/chat/completions" and isinstance(body["messages"][-1]["content"], list):
            seen.append(body["messages"][-1]["content"])
        return None

    with server(reply) as stub:
        blind = igaku.evaluate(build(stub), str(own), out=tmp_path / "blind")
        assert seen == []
        run = igaku.evaluate(build(stub, vision=True), str(own), out=tmp_path / "run")
        assert [(c.text_only, c.n_scored, c.correct) for c in run.cells] == [(False, 1, 1), (True, 1, 1)]
        trial, shown = seen
        assert [part["type"] for part in trial] == ["image_url", "text"]
        assert shown[0]["image_url"]["url"] == "data:image/png;base64," + base64.b64encode(picture).decode()
        assert shown[1]["type"] == "text"
        rows[0]["images"] = ["big.png"]
        own.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows))
        with pytest.raises(IgakuError, match=r"big\.png: .* MB, more than the 10 MB"):
            igaku.evaluate(build(stub, vision=True), str(own), out=tmp_path / "big")
    assert "shown" in run.show() and "needs" in blind.show()


@pytest.mark.parametrize(
    ("begins", "kind"), [(b"\xff\xd8\xff\xe0", "jpeg"), (b"GIF89a", "gif"), (b"RIFF\0\n\0\0WEBPVP8 ", "webp")]
)
def test_the_kind_of_an_image_is_what_it_holds_and_not_its_name(begins: bytes, kind: str, tmp_path: Path) -> None:
    (tmp_path / "x.png").write_bytes(begins)
    assert data_url(str(tmp_path / "x.png")).startswith(f"data:image/{kind};base64,")
    for other in (b"", b"a text", b"BM6\0", b"II*\0", b"RIFF\0\0\0\0WAVE"):
        (tmp_path / "x.png").write_bytes(other)
        with pytest.raises(IgakuError, match=r"x\.png: no PNG, JPEG, GIF or WebP image, .* convert it to \.png"):
            data_url(str(tmp_path / "x.png"))


def test_the_cost_is_counted_and_kept_below_its_limit(tmp_path: Path) -> None:
    prices = tmp_path / "prices.toml"
    prices.write_text('["stub"]\ninput = 1000.0\noutput = 2000.0\n')
    with server() as stub:
        engine = build(stub, prices=str(prices), max_cost=1.0, concurrency=4)
        with pytest.raises(IgakuError, match="stopped at --max-cost") as caught:
            igaku.evaluate(engine, "mini", lang="ja", method="letter", max_tokens=4, out=tmp_path / "run")
        spent = engine.session["cost"]  # type: ignore[attr-defined]
        assert 0.4 < spent <= 1.0, caught.value
        answered = len(igaku.open_run(tmp_path / "run").replies)
        assert 0 < answered < 104
        again = igaku.evaluate(build(stub), "mini", lang="ja", method="letter", max_tokens=4, out=tmp_path / "run")
    assert sum(c.unanswered for c in again.cells) == 0
    session = json.loads((tmp_path / "run" / "sessions.jsonl").read_text().splitlines()[-1])
    assert session["requests"] >= 104 - answered and session["input_tokens"] >= 10 * (104 - answered)


def test_a_budget_that_pays_for_no_reply_of_full_length_says_so(tmp_path: Path) -> None:
    (tmp_path / "p.toml").write_text('["stub"]\ninput = 0.0\noutput = 10.0\n')
    with server() as stub:
        engine = build(stub, prices=str(tmp_path / "p.toml"), max_cost=1.0)
        request = Request(kind="text", prompt="q", messages=(Message("user", "q"),), sampling=Sampling(max_tokens=0))
        with pytest.raises(
            IgakuError, match=r"1 requests left.* reckoned at up to 1\.3107,.* --max-tokens lowers that"
        ):
            list(engine.answer([request]))


def test_no_table_of_prices(tmp_path: Path) -> None:
    (tmp_path / "p.toml").write_text("[other]\ninput = 1\noutput = 2\n")
    with server() as stub, pytest.raises(IgakuError, match=r"unknown model 'stub'.*in .*p\.toml"):
        build(stub, prices=str(tmp_path / "p.toml"))


SECRET = "sk-test-9f8e7d6c5b4a"


def test_the_key_is_sent_and_is_nowhere_else(tmp_path: Path) -> None:
    def reply(path: str, body: dict[str, Any]) -> Act | None:
        return error(400, f"bad request with key {SECRET}") if "mini" in str(body) or "どれ" in str(body) else None

    with server(reply) as stub:
        command = [
            sys.executable,
            "-m",
            "igaku",
            "eval",
            "--engine",
            "openai",
            "--base-url",
            stub.url,
            "--model",
            "stub",
            "--bench",
            "mini",
            "--lang",
            "ja",
            "--method",
            "letter",
            "--out",
            str(tmp_path / "run"),
        ]
        env = {**os.environ, "IGAKU_API_KEY": SECRET, "IGAKU_CONFIG": str(tmp_path / "config")}
        done = subprocess.run(command, env=env, capture_output=True, timeout=60)
        assert done.returncode == 0, done.stderr.decode()
        assert stub.headers and all(SECRET in h for h in stub.headers)
        igaku_site = CliRunner().invoke(app, ["view", str(tmp_path / "run"), "--no-open"])
        assert igaku_site.exit_code == 0
    assert SECRET not in " ".join(command)
    assert SECRET.encode() not in done.stdout + done.stderr
    files = [f for f in (tmp_path / "run").rglob("*") if f.is_file()]
    assert len(files) > 8 and all(SECRET.encode() not in f.read_bytes() for f in files)
    assert b"***" in (tmp_path / "run" / "replies.jsonl").read_bytes()


def test_a_key_file_must_be_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("IGAKU_API_KEY", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("IGAKU_CONFIG", str(tmp_path))
    assert find_key("https://api.example.com/v1") == ""
    file = tmp_path / "keys.toml"
    file.write_text('"api.example.com" = "abc"\n')
    file.chmod(0o644)
    with pytest.raises(IgakuError, match="others can read it; chmod 600"):
        find_key("https://api.example.com/v1")
    file.chmod(0o600)
    assert find_key("https://api.example.com/v1") == "abc"
    assert find_key("https://other.example.com/v1") == ""


def test_killed_in_the_middle_it_goes_on_and_asks_nothing_twice(tmp_path: Path) -> None:
    rows = [
        {"id": str(i), "stem": f"問{i}：次のうち正しいのはどれか。", "choices": ["甲", "乙"], "answer": "b"}
        for i in range(1500)
    ]
    own = tmp_path / "own.jsonl"
    own.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows))
    out = tmp_path / "run"
    with server() as stub:
        stub.latency = 0.01
        command = [
            sys.executable,
            "-m",
            "igaku",
            "eval",
            "--engine",
            "openai",
            "--base-url",
            stub.url,
            "--model",
            "stub",
            "--bench",
            str(own),
            "--method",
            "letter",
            "--out",
            str(out),
            "--json",
        ]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while not (out / "replies.jsonl").exists() or len((out / "replies.jsonl").read_bytes().split(b"\n")) < 400:
            time.sleep(0.01)
            assert process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.wait()
        stored = {r.id for r in igaku.open_run(out).replies.values()}
        before = dict(stub.tries)
        stub.latency = 0.0
        assert subprocess.run(command, capture_output=True, timeout=60).returncode == 0
        again = [mark for mark, n in stub.tries.items() if n > before.get(mark, 0) and "問" in mark]
    assert 300 < len(stored) < 1500
    replies = igaku.open_run(out).replies
    lines = (out / "replies.jsonl").read_bytes().strip().split(b"\n")
    assert len(lines) == len(replies) == 1500
    repeated = {n for mark in again for n in re.findall(r"問(\d+)：", mark)}
    assert repeated.isdisjoint(stored)
    assert repeated | stored == {str(i) for i in range(1500)}


@pytest.fixture(scope="module")
def llama() -> Iterator[str]:
    """llama.cpp's own server with the small chat model."""
    xllamacpp = pytest.importorskip("xllamacpp")
    pytest.importorskip("httpx")
    from igaku.engines.embedded import embedded_file

    params = xllamacpp.CommonParams()
    params.model.path = str(embedded_file("smollm2-135m-instruct"))
    params.n_parallel, params.n_ctx, params.port, params.verbosity = 4, 8192, 0, -1
    running = xllamacpp.Server(params)
    yield running.listening_address + "/v1"
    del running


@pytest.mark.slow
@pytest.mark.model
def test_a_real_server_gives_the_numbers_of_the_engine_in_process(llama: str, tmp_path: Path) -> None:
    settings: dict[str, Any] = {"lang": "ja", "limit": 30, "method": "letter-logprob"}
    served = igaku.build_engine("smollm2-135m-instruct", engine="openai", base_url=llama)
    assert served.supported == {"text", "letters"}, (
        "llama.cpp ignores echo in silence, which must not pass for likelihood"
    )
    there = igaku.evaluate(served, "mini", out=tmp_path / "there", **settings)
    here = igaku.evaluate("smollm2-135m-instruct", "mini", out=tmp_path / "here", context=2048, **settings)
    ours, theirs = ({r.id: r.answer.logprobs for r in run.replies.values()} for run in (here, there))
    difference = [abs(x - y) for i in ours for x, y in zip(ours[i], theirs[i], strict=True)]
    assert len(ours) == 29 and sum(difference) / len(difference) < 0.15


@pytest.mark.model
def test_a_real_server_chats_and_counts(llama: str, tmp_path: Path) -> None:
    engine = igaku.build_engine("smollm2-135m-instruct", engine="openai", base_url=llama, concurrency=4)
    run = igaku.evaluate(
        engine, "mini", lang="en", limit=8, prompt="instructed_en", method="letter", max_tokens=12, out=tmp_path / "run"
    )
    assert "SmolLM2" in engine.identity.weights and "134515008 parameters" in engine.identity.weights
    assert engine.context == 2048 and "template=" in engine.identity.settings  # type: ignore[attr-defined]
    assert sum(c.n_scored for c in run.cells) == 8 and not any(c.engine_error for c in run.cells)
    assert all(0 < r.answer.new_tokens <= 12 and r.answer.prompt_tokens > 20 for r in run.replies.values())


def test_a_cut_is_made_in_the_answer_not_in_the_reasoning() -> None:
    def reply(path: str, body: dict[str, Any]) -> Act | None:
        message = {"content": "a\n\nb", "reasoning_content": "First.\n\nThen."}
        return (
            completion("", message=message)
            if body.get("max_tokens") == 32
            else error(404)
            if path == "/completions"
            else None
        )

    with server(reply) as stub:
        requests = Request(kind="text", prompt="q", sampling=Sampling(max_tokens=32, stop=("\n\n",)))
        answer = dict(build(stub).answer([requests]))[0]
    assert (answer.thinking, answer.text, answer.finish) == ("First.\n\nThen.", "a", "stop")


def test_one_error_at_load_is_not_taken_for_an_answer() -> None:
    seen: list[str] = []

    def reply(path: str, body: dict[str, Any]) -> Act | None:
        seen.append(path)
        return error(500) if path != "/models" and seen.count(path) == 1 else None

    with server(reply) as stub:
        engine = build(stub)
    assert "api=chat+completions top=20/20" in engine.identity.settings and engine.supported == {"text", "letters"}


@pytest.mark.parametrize("bos", ["", "<|begin_of_text|>"])
def test_echoed_texts_are_summed_from_the_end(bos: str) -> None:
    def reply(path: str, body: dict[str, Any]) -> Act | None:
        if not body.get("echo"):
            return None
        tokens = [bos, *re.findall(r"\s*\S+", body["prompt"])] if bos else re.findall(r"\s*\S+", body["prompt"])
        offsets, at = [], 0
        for token in [*tokens, "."]:
            offsets.append(at)
            at += len(token)
        values = [None, *(-float(len(t)) for t in tokens[1:]), -1.0]
        logs = {"tokens": [*tokens, "."], "token_logprobs": values, "text_offset": offsets}
        return {**completion("", logprobs=logs), "usage": {"prompt_tokens": len(tokens), "completion_tokens": 1}}

    with server(reply) as stub:
        engine = build(stub)
        requests = Request(kind="likelihood", prompt="The answer is", continuations=(" red", " deep blue"))
        answer = dict(engine.answer([requests]))[0]
    assert "likelihood" not in engine.supported, (
        "the ending that is likelier here is the shorter, so the probe must not pass by itself"
    )
    assert answer.logprobs == (-4.0, -10.0) and answer.tokens == (1, 2)


@pytest.mark.parametrize(
    "body",
    [
        {"choices": [{"message": "hello", "text": 5}]},
        {"choices": [{"text": "a", "message": {"content": "a"}}], "usage": [1]},
        [1],
        {"choices": {"a": 1}},
        "x",
        None,
    ],
)
def test_bodies_of_any_shape_are_failures(body: Any) -> None:
    with server(lambda path, sent: body if sent.get("max_tokens") == 32 else None) as stub:
        raw = json.dumps(body).encode()
        whole = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(raw) + raw
        stub.act = (lambda act: lambda path, sent, n: whole if sent.get("max_tokens") == 32 else act(path, sent, n))(
            stub.act
        )
        answer = dict(build(stub).answer([Request(kind="text", prompt="q", sampling=Sampling(max_tokens=32))]))[0]
    assert answer.finish == "error" and "malformed" in answer.error


def test_answers_without_a_count_of_tokens_are_charged_at_their_worst(tmp_path: Path) -> None:
    prices = tmp_path / "prices.toml"
    prices.write_text('["stub"]\ninput = 1000.0\noutput = 1000.0\n')
    with server(
        lambda path, body: {**completion("b"), "usage": None} if body.get("max_tokens") == 16 else None
    ) as stub:
        engine = build(stub, prices=str(prices), max_cost=1.0)
        requests = [Request(kind="text", prompt=f"q{i}", sampling=Sampling(max_tokens=16)) for i in range(100)]
        with pytest.raises(IgakuError, match="stopped at --max-cost"):
            list(engine.answer(requests))
        assert 0.8 < engine.session["cost"] <= 1.0  # type: ignore[attr-defined]
        with pytest.raises(IgakuError, match=r"stopped at --max-cost .*100 requests left"):
            list(build(stub, prices=str(prices), max_cost=0.0).answer(requests))


def test_each_host_gets_its_own_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IGAKU_CONFIG", str(tmp_path))
    monkeypatch.delenv("IGAKU_API_KEY", raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", "openais")
    (tmp_path / "keys.toml").write_text('"api.a.com" = "as"\n')
    (tmp_path / "keys.toml").chmod(0o600)
    found = [find_key(f"https://{host}/v1") for host in ("api.a.com", "b.example", "api.openai.com", "127.0.0.1")]
    assert found == ["as", "", "openais", "openais"]


@pytest.mark.parametrize(
    ("served", "wanted", "same"),
    [
        ("gpt-4o-2024-08-06", "gpt-4o", True),
        ("gpt-4o-mini", "gpt-4", False),
        ("qwen2.5-7b", "qwen2.5-7b-instruct", False),
        ("org/My-8B", "my-8b", True),
    ],
)
def test_another_model_does_not_pass_for_the_one_asked(served: str, wanted: str, same: bool) -> None:
    from igaku.engines.openai_replies import same_model

    assert same_model(served, wanted) is same


@pytest.mark.parametrize("url", ["http://localhost:80O0/v1", "http://[::1/v1", "http://local host:8000"])
def test_broken_addresses_are_one_line(url: str) -> None:
    with pytest.raises(IgakuError, match="is not an address"):
        igaku.build_engine("m", base_url=url)


def test_settings_of_another_engine_are_one_line() -> None:
    with pytest.raises(
        IgakuError, match="--concurrency is not a setting of --engine transformers: it is one of --engine openai"
    ):
        igaku.build_engine("gemma-3-270m", engine="transformers", concurrency=8)
