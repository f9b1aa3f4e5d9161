"""The image audit end to end: a real HTTP server behind which a tiny image-text model looks at every picture."""

import base64
import io
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import igaku
from igaku.engines.hf import Transformers
from igaku.question import Message, Request

from ..engines.seeing import seeing_model
from ..engines.stub import Act, Stub, completion, error
from .conftest import Cli

pytest.importorskip("transformers")
pytest.importorskip("aiohttp")
pillow = pytest.importorskip("PIL.Image")
TYPES = {"PNG": "image/png", "JPEG": "image/jpeg"}
LETTERS = ("a", "b", "c")


class Looking:
    """Answers a chat with the letter that the tiny model finds likeliest after its pictures and its text."""

    def __init__(self, engine: Transformers, folder: Path) -> None:
        self._engine, self._folder, self._lock = engine, folder, threading.Lock()
        self.seen: list[int] = []

    def __call__(self, path: str, body: dict[str, Any], n: int) -> Act:
        if path == "/models":
            return {"data": [{"id": "looking"}]}
        if path != "/chat/completions":
            return error(404, "no such path")
        content = body["messages"][-1]["content"]
        parts = content if isinstance(content, list) else [{"type": "text", "text": content}]
        files = [
            self._file(p["image_url"]["url"], i) for i, p in enumerate(p for p in parts if p["type"] == "image_url")
        ]
        with self._lock:
            self.seen.append(len(files))
            return self._reply("".join(p["text"] for p in parts if p["type"] == "text"), files)

    def _file(self, url: str, i: int) -> str:
        kind, _, raw = url.removeprefix("data:").partition(";base64,")
        content = base64.b64decode(raw)
        assert TYPES[pillow.open(io.BytesIO(content)).format] == kind
        (self._folder / f"{i}").write_bytes(content)
        return str(self._folder / f"{i}")

    def _reply(self, text: str, files: list[str]) -> Act:
        answer = choose(self._engine, text, tuple(files))
        tokens = {"prompt_tokens": answer[1], "completion_tokens": 2}
        return completion(f"答え：{answer[0]}", "looking") | {"usage": tokens}


def choose(engine: Transformers, text: str, files: tuple[str, ...]) -> tuple[str, int]:
    """The likeliest letter, and the tokens of the prompt."""
    prompt = engine.pictured((Message("user", text[-60:]),), "", len(files))
    request = Request(kind="letters", prompt=prompt, continuations=LETTERS, images=files)
    answer = dict(engine.answer([request]))[0]
    return LETTERS[max(range(3), key=lambda i: answer.logprobs[i])], answer.prompt_tokens


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Transformers]:
    built = igaku.build_engine(str(seeing_model(tmp_path_factory.mktemp("seeing"))), vision=True)
    assert isinstance(built, Transformers)
    yield built
    built.close()


@pytest.fixture
def exam(tmp_path: Path) -> Path:
    """Sixteen questions with one or two pictures of noise, eight of text."""
    from random import Random

    rows = []
    for i in range(24):
        row = {
            "id": f"q{i:02}",
            "stem": f"図{i}の所見はどれか。",
            "choices": ["甲", "乙", "丙"],
            "answer": LETTERS[i % 3],
        }
        if i < 16:
            row["images"] = [f"{i}-{k}.png" for k in range(1 + i % 2)]
        for k, name in enumerate(row.get("images", [])):
            noise = Random(f"{i} {k}").randbytes(32 * 32 * 3)
            pillow.frombytes("RGB", (32, 32), noise).save(tmp_path / str(name), "JPEG" if k else "PNG")
        rows.append(row)
    (tmp_path / "exam.jsonl").write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows))
    return tmp_path / "exam.jsonl"


def test_the_audit_runs_on_a_server_whose_model_looks_at_every_picture(
    cli: Cli, engine: Transformers, exam: Path, tmp_path: Path
) -> None:
    looking = Looking(engine, tmp_path)
    with Stub(looking) as stub:
        shared = (
            "--model",
            "looking",
            "--base-url",
            stub.url,
            "--bench",
            str(exam),
            "--api",
            "chat",
            "--prompt",
            "standard_ja",
        )
        on = cli("eval", *shared, "--vision", "--out", str(tmp_path / "on"))
        sent = sorted(looking.seen)
        off = cli("eval", *shared, "--out", str(tmp_path / "off"))
    assert (on.returncode, off.returncode) == (0, 0), on.stderr + off.stderr
    assert sent.count(2) == 8 and sent.count(1) == 8 + 1  # and the trial at load
    assert looking.seen[len(sent) :] and not any(looking.seen[len(sent) :])
    done = cli("images", str(tmp_path / "on"), str(tmp_path / "off"), "--json")
    assert done.returncode == 0, done.stderr
    by = {row["group"]: row for row in json.loads(done.stdout)["rows"]}
    seen, text = (by[group]["comparison"] for group in ("picture sent", "text"))
    assert (seen["n"], text["n"], by["text"]["same"], text["difference"]) == (16, 8, 8, 0)
    assert seen["both"] + seen["only_a"] + seen["only_b"] + seen["neither"] == 16
    assert by["picture sent"]["same"] < 16  # the pictures change replies
    runs = [igaku.open_run(tmp_path / name) for name in ("on", "off")]
    questions = {q.id: q for q in runs[0].questions.values()}
    for run, sees in zip(runs, (True, False)):
        for reply in run.replies.values():
            files = questions[reply.id].images if sees else ()
            assert reply.answer.text == f"答え：{choose(engine, run.prompts[reply.prompt_hash], files)[0]}"
    table = cli("images", str(tmp_path / "on"), str(tmp_path / "off"))
    assert table.returncode == 0 and "picture sent" in table.stdout
    assert "text: the control" in table.stderr
    swapped = cli("images", str(tmp_path / "off"), str(tmp_path / "on"))
    assert swapped.returncode == 2 and "give the run with pictures first" in swapped.stderr
    assert len(swapped.stderr.strip().splitlines()) == 1
