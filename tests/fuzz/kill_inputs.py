"""What the commands of ``kills.py`` work on: a server that counts, own replies, documents, signals, a tiny model."""

import json
import random
import threading
import time
from collections import Counter
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

WORDS = [*"発熱咳嗽腹痛投与検査所見左室拡大症例経過改善術後内服血圧心拍呼吸", "mg", "mmHg", "EF", "CRP"]


class Stub:
    """A chat server whose replies depend on the request alone; it counts each request."""

    def __init__(self, seconds: float = 0.01) -> None:
        self.counts: Counter[str] = Counter()
        self.probes: set[str] = set()
        stub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                """Nothing."""

            def do_GET(self) -> None:
                self._send({"data": [{"id": "stub", "owned_by": "tests"}]})

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                found = sha256(body).hexdigest()
                stub.counts[found] += 1
                time.sleep(seconds)
                message = {"role": "assistant", "content": "ABCDE"[int(found, 16) % 5]}
                choice = {"index": 0, "message": message, "text": message["content"], "finish_reason": "stop"}
                usage = {"prompt_tokens": 9, "completion_tokens": 1}
                self._send({"model": "stub", "choices": [choice], "usage": usage})

            def _send(self, value: object) -> None:
                data = json.dumps(value).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: object) -> None:
                """A client that was killed."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def learn_probes(self) -> None:
        """What has come since the last call is what an engine asks of every server, whatever is missing in the run."""
        self.probes |= set(self.counts)
        self.counts.clear()

    def doubled(self) -> int:
        """Requests beyond the first with one body since the last call, without the probes."""
        again = sum(n - 1 for body, n in self.counts.items() if body not in self.probes)
        self.counts.clear()
        return again


def replies(file: Path, models: int = 120) -> Path:
    """Recorded replies of many models to the embedded questions, enough to be graded by several processes."""
    from igaku.benchmarks import load_benchmark

    ids = [q.id for q in load_benchmark("mini").load("ja")]
    rows = [
        {"id": i, "model": f"m{n}", "reply": "abcde"[(n + k) % 5]} for n in range(models) for k, i in enumerate(ids)
    ]
    file.write_text("".join(json.dumps(r) + "\n" for r in rows), encoding="utf-8")
    return file


def documents(file: Path, n: int = 4000) -> Path:
    """Texts of random words, some of them copies."""
    rng = random.Random(3)
    rows: list[dict[str, str]] = []
    for i in range(n):
        text = "、".join(rng.choices(WORDS, k=60)) + "。"
        rows.append({"id": f"d{i}", "text": rng.choice(rows)["text"] if rows and i % 9 == 0 else text})
    file.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows), encoding="utf-8")
    return file


def corpus_plan(folder: Path) -> Path:
    """A corpus in four steps over ``documents``."""
    documents(folder / "docs.jsonl")
    steps = "clean: {languages: []}\ndedup: {}\ndecontaminate: {benchmarks: [mini]}\n"
    (folder / "corpus.yaml").write_text("sources:\n  own: {files: [docs.jsonl]}\n" + steps)
    return folder / "corpus.yaml"


def signals(folder: Path, n: int = 60) -> Path:
    """Files of synthetic ECGs, as comma-separated millivolts."""
    import numpy as np

    from igaku.cardiology.ecg import synthetic
    from igaku.cardiology.ecg.record import LEADS

    folder.mkdir()
    for i, record in enumerate(synthetic.cohort(n, rate=125).records):
        head = ",".join(LEADS)
        np.savetxt(folder / f"r{i:03d}_125hz.csv", record.signal.T, fmt="%.4f", delimiter=",", header=head, comments="")
    return folder


def store(folder: Path, n: int = 120) -> Path:
    """Prepared synthetic records of patients with a known ejection fraction."""
    from igaku.cardiology.ecg import synthetic
    from igaku.cardiology.ecg.config import load_config

    synthetic.store(synthetic.cohort(n), load_config("tiny").contract, folder)
    return folder


def recipe(folder: Path) -> tuple[Path, Path]:
    """A recipe on a tiny model, and what it learns from."""
    from tests.engines.conftest import tiny_folder

    class Factory:
        def mktemp(self, name: str) -> Path:
            (folder / name).mkdir()
            return folder / name

    model = tiny_folder.__wrapped__(Factory())  # type: ignore[attr-defined]
    rows = [
        {"text": f"q{n}\na{n}", "instruction": f"Question: which one is {n}?", "output": f"Answer: {'ABCDE'[n % 5]}"}
        for n in range(200)
    ]
    data = folder / "train.jsonl"
    data.write_text("".join(json.dumps(r) + "\n" for r in rows), encoding="utf-8")
    lines = f"model: {{base: {model}}}\nmethod: {{r: 4}}\ndata: {{block: 64}}\n"
    (folder / "recipe.yaml").write_text(lines + "train: {lr: 5.0e-3, steps: 60, batch: 8, save_every: 10}\n")
    return folder / "recipe.yaml", data
