"""Fetching from a local stub of upstream: resume, verification, and one line when it cannot be."""

import hashlib
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import pytest

from igaku import benchmark_names, load_benchmark
from igaku.benchmarks import upstream
from igaku.errors import IgakuError
from igaku.io import download as fetch
from igaku.io import within

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
    benches = [b for name in benchmark_names() if not (b := load_benchmark(name)).by_hand]
    wanted = {f for b in benches for lang in b.languages for f in b.files(lang)}
    assert {f for f in wanted if f.split("/", 1)[0] in upstream.BASE} <= set(listed)
    assert len(listed) > 600
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


def test_a_file_of_another_size_is_refused_before_it_is_read(server: str, tmp_path: Path) -> None:
    (tmp_path / "x.partial").write_bytes(BODY[:10])
    with pytest.raises(IgakuError, match=r"not the file igaku knows \(expected 20,000 bytes, got 10,240\)"):
        fetch.download(f"{server}/x", tmp_path / "x", 20_000, "0" * 64)
    assert not list(tmp_path.glob("x*"))


def test_a_body_that_does_not_end_is_read_no_further_than_it_should(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def endless(url: str, start: int, size: int) -> Iterator[bytes]:
        while True:
            yield bytes(1000)

    monkeypatch.setattr(fetch, "_body", endless)
    with pytest.raises(IgakuError, match=r"expected 5,000 bytes, got more than 5,000"):
        fetch.download("https://a.example/x", tmp_path / "x", 5000, "0" * 64)
    assert not list(tmp_path.iterdir())


def test_a_body_that_drips_is_one_line_and_continues(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def drip(url: str, start: int, size: int) -> Iterator[bytes]:
        for _ in range(300):
            yield b"x"
            time.sleep(0.05)

    monkeypatch.setattr(within, "GRACE", 0.3)
    monkeypatch.setattr(fetch, "_body", drip)
    with pytest.raises(IgakuError, match=r"too slow \(only \d+ bytes came in .* the same command continues"):
        fetch.download("https://a.example/x", tmp_path / "x", **FILE)
    assert (tmp_path / "x.partial").stat().st_size > 0


@pytest.mark.parametrize(
    ("base", "goes"),
    [
        ("https://datasets-server.huggingface.co", True),
        ("http://localhost:9", True),
        ("http://datasets-server.huggingface.co", False),
        ("https://rows.example.com", False),
        ("https://evilhuggingface.co", False),
        ("https://huggingface.co.evil.example", False),
    ],
)
def test_the_hubs_token_goes_to_the_hub_alone(base: str, goes: bool) -> None:
    assert fetch._is_hub(base) is goes


def test_a_hub_that_repeats_the_token_or_gives_no_rows_is_one_line(
    server: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    monkeypatch.setenv("IGAKU_HUB_ROWS", server)
    for body, message in ((b'{"x": "hf_secret"}', "repeats your token"), (b"[]", "no rows"), (b"[" * 99999, "no rows")):
        monkeypatch.setattr(Stub, "_rows", lambda self, query, body=body: self._send(200, body))
        with pytest.raises(IgakuError, match=message) as error:
            fetch.download_rows("d", "c", tmp_path / "rows.jsonl")
        assert "hf_secret" not in str(error.value) and not (tmp_path / "rows.jsonl").exists()


def test_a_mirror_on_this_machine_is_asked_without_a_proxy(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    fetch.download(f"{server}/x", tmp_path / "x", **FILE)
    assert fetch.uses_proxy("https://a.example/x") and not fetch.uses_proxy("http://[::1]:8/x")
