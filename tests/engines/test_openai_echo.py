"""A server that repeats the key wherever it can: eval, judge, import and report write and print it nowhere."""

import json
import os
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from .stub import Act, Stub

pytest.importorskip("aiohttp")
KEY = "sk-echo-7Q2x/9Lm4+Vt8Rz1=Kp"
FORMS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "quoted": lambda k: quote(k, safe=""),
    "base64": lambda k: b64encode(f"Bearer {k}".encode()).decode(),
    "spaced": "-".join,
}
WAYS = ("replies", "errors", "refused", "list")


def parrot(way: str, shown: str) -> Stub:
    """Repeats a key in one way: in all that a reply has, in errors of the run, in an error at load, in its list."""

    def act(path: str, body: dict[str, Any], n: int) -> Act:
        if path == "/models":
            other = [{"id": f"other-{shown}"}] if way == "list" else [{"id": "stub", "owned_by": shown, "root": shown}]
            return {"data": other, "object": shown}
        if not body:
            return _error(404, shown)
        if way == "refused" or (way == "errors" and "snow" not in str(body)):
            return _error(401 if way == "refused" else 400, shown)
        half = len(shown) // 2
        message = {
            "role": "assistant",
            "content": [{"type": "text", "text": f"急性 {shown[:half]}"}, {"type": "text", "text": shown[half:]}],
            "reasoning_content": f"鍵 {shown}",
            "tool_calls": [{"id": shown, "function": {"name": shown, "arguments": shown}}],
        }
        choice = {"index": 0, "text": f"急性 {shown}", "message": message, "finish_reason": "stop"}
        return {
            "id": shown,
            "model": "stub",
            "system_fingerprint": shown,
            shown: shown,
            "choices": [choice],
            "usage": {"prompt_tokens": 9, "completion_tokens": 2},
        }

    return Stub(act)


def _error(status: int, shown: str) -> bytes:
    body = json.dumps({"error": {"message": f"Incorrect key {shown}", "code": shown, "param": shown}}).encode()
    head = f"HTTP/1.1 {status} {shown}\r\nX-Key: {shown}\r\nLocation: http://x/?k={shown}\r\n"
    return head.encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body


class Machine:
    """Runs commands, and remembers what they printed."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.printed = folder, b""
        secret = {"IGAKU_API_KEY": KEY, "IGAKU_CONFIG": str(folder / "config"), "IGAKU_CACHE": str(folder / "cache")}
        self._env = {**os.environ, **secret}

    def run(self, *arguments: str) -> int:
        done = subprocess.run(
            [sys.executable, "-m", "igaku", *arguments],
            cwd=self.folder,
            env=self._env,
            capture_output=True,
            timeout=170,
        )
        assert b"Traceback" not in done.stderr, done.stderr.decode()
        self.printed += done.stdout + done.stderr
        return done.returncode

    def holds(self, *shown: str) -> list[str]:
        """Where one of the texts stands, whichever its case: in a file, a file's name, or in what was printed."""
        files = {str(f): f.read_bytes() for f in self.folder.rglob("*") if f.is_file()}
        places = {"printed": self.printed, "names": "\n".join(files).encode(), **files}
        return [name for name, raw in places.items() if any(s.lower().encode() in raw.lower() for s in shown)]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("form", FORMS)
def test_the_key_is_nowhere_after_a_whole_evaluation(way: str, form: str, tmp_path: Path) -> None:
    if form != "plain" and way != "replies":
        pytest.skip("one boundary: the forms are tried in replies")
    shown, machine = FORMS[form](KEY), Machine(tmp_path)
    with parrot(way, shown) as server:
        where = ("--base-url", server.url, "--api", "chat")
        open_ended = ("--bench", "clinical_open", "--lang", "ja", "--limit", "2")
        code = machine.run("eval", *where, "--model", "stub", *open_ended, "--out", "run")
        assert server.headers and all(KEY in h for h in server.headers)
        if way in ("refused", "list"):
            assert code == 2
        else:
            assert code == 0
            machine.run("judge", "run", *where, "--judge", "stub")
            rows = [json.loads(line) for line in (tmp_path / "run" / "replies.jsonl").read_text().splitlines()]
            plain = [{"id": r["id"], "model": "m", "reply": r["answer"].get("text", "")} for r in rows]
            (tmp_path / "rows.jsonl").write_text("\n".join(json.dumps(p) for p in plain))
            given = ("--bench", "clinical_open", "--lang", "ja", "--repeats", "first")
            machine.run("import", "jsonl", "rows.jsonl", *given, "--out", "imported")
            machine.run("show", "run")
            assert machine.run("report", "run", "--out", "site") in (0, 2)
            assert b"***" in (tmp_path / "run" / "run.json").read_bytes()
    assert not machine.holds(KEY, KEY[:-4], KEY[4:], shown, shown[:-4], shown[4:])
    assert "***" in machine.printed.decode() or way == "replies"
