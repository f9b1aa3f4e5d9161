"""Fetching from a local stub of upstream: resume, verification, and one line when it cannot be."""

import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import pytest

from igaku import load_benchmark
from igaku.benchmarks import upstream
from igaku.errors import IgakuError
from igaku.io import download as fetch

BODY = bytes(range(256)) * 40


class Stub(BaseHTTPRequestHandler):
    ranges = True
    seen: list[str] = []

    def do_GET(self) -> None:
        Stub.seen.append(f"{self.path} {self.headers.get('Range', '')} {self.headers.get('Authorization', '')}".strip())
        url = urlparse(self.path)
        if url.path == "/rows":
            return self._rows(parse_qs(url.query))
        if url.path == "/gone":
            return self._send(404, b"")
        start = int(self.headers["Range"][6:-1]) if self.ranges and "Range" in self.headers else 0
        return self._send(206 if start else 200, BODY[start:])

    def _rows(self, query: dict[str, list[str]]) -> None:
        if query["config"] == ["igakuqa"]:
            return self._send(403, b"{}")
        offset = int(query["offset"][0])
        rows = [
            {"row": {"sample_id": str(i), "question": f"問{i}", "options": ["甲", "乙"], "answer_idx": i % 2}}
            for i in range(offset, min(offset + 100, 150))
        ]
        return self._send(200, json.dumps({"rows": rows, "num_rows_total": 150}).encode())

    def _send(self, code: int, body: bytes) -> None:
        self.send_response(code)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    Stub.seen, Stub.ranges = [], True
    monkeypatch.setenv("IGAKU_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("IGAKU_DATA", str(tmp_path / "none"))
    http = ThreadingHTTPServer(("127.0.0.1", 0), Stub)
    threading.Thread(target=http.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{http.server_port}"
    http.shutdown()


FILE = {"bytes": len(BODY), "sha256": hashlib.sha256(BODY).hexdigest()}


def test_a_file_is_fetched_and_verified(server: str, tmp_path: Path) -> None:
    fetch.download(f"{server}/x", tmp_path / "x", **FILE)
    assert (tmp_path / "x").read_bytes() == BODY
    assert not (tmp_path / "x.partial").exists()


@pytest.mark.parametrize("ranges", [True, False])
def test_a_broken_download_goes_on(server: str, tmp_path: Path, ranges: bool) -> None:
    Stub.ranges = ranges
    (tmp_path / "x.partial").write_bytes(BODY[:1000])
    fetch.download(f"{server}/x", tmp_path / "x", **FILE)
    assert (tmp_path / "x").read_bytes() == BODY
    assert "bytes=1000-" in Stub.seen[0]


def test_a_changed_file_is_refused(server: str, tmp_path: Path) -> None:
    for wrong in (FILE | {"sha256": "0" * 64}, FILE | {"bytes": 5}):
        with pytest.raises(IgakuError, match="not the file igaku knows"):
            fetch.download(f"{server}/x", tmp_path / "x", **wrong)
        assert not (tmp_path / "x").exists()


def test_gone_and_offline_are_one_line(server: str, tmp_path: Path) -> None:
    with pytest.raises(IgakuError, match="answered 404"):
        fetch.download(f"{server}/gone", tmp_path / "x", **FILE)
    with pytest.raises(IgakuError, match="are you online"):
        fetch.download("http://127.0.0.1:9/x", tmp_path / "x", **FILE)


def test_a_benchmark_from_a_mirror(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IGAKU_MIRROR", server)
    monkeypatch.setattr(
        upstream, "upstream", lambda: {"medllm_qa/en/MedQA/medqa_en.jsonl": FILE | {"url": f"{server}/x"}}
    )
    assert upstream.get("medqa") == (1, 0)
    assert upstream.get("medqa") == (0, 1)


def test_every_address_is_listed() -> None:
    listed = upstream.upstream()
    assert len(listed) == 454
    for name, entry in listed.items():
        assert entry["url"].startswith("https://")
        assert len(entry["sha256"]) == 64, name


def test_hub_rows_with_the_users_token(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IGAKU_HUB_ROWS", server)
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    upstream.get("jmedbench-medqa_jp")
    assert all("Bearer hf_secret" in seen for seen in Stub.seen)
    questions = load_benchmark("jmedbench-medqa_jp").load()
    assert len(questions) == 150
    assert upstream.get("nayose_qa") == (0, 1)  # the embedded part needs nothing
    upstream.get("nayose_qa-eques")
    assert "config=default" in Stub.seen[-1]
    with pytest.raises(IgakuError, match="gated") as error:
        upstream.get("jmedbench-igakuqa")
    assert "hf_secret" not in str(error.value)
