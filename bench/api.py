"""The openai engine against a local server that answers after 2 ms.

Requests a second and processor time a request, journal on; lm-eval's ``local-completions`` beside it, same server, same
number under way, in the same run. Then tokens a second from a real vLLM server, against its own benchmark client (only
after ``make vllm``).

python bench/api.py
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

from common import ROOT, keep
from likelihood import peer

import igaku
from igaku.engines.base import Engine
from igaku.engines.embedded import embedded_file
from igaku.engines.hf import dequantized
from igaku.io.hashing import file_sha256
from igaku.question import Request, Sampling

N, CONCURRENT = 4000, 32
SERVER = """
import asyncio

HEAD = b"HTTP/1.1 %d X\\r\\nContent-Type: application/json\\r\\nContent-Length: %d\\r\\n\\r\\n"

def response(status, body):
    return HEAD % (status, len(body)) + body

CHOICE = b'{"index":0,"text":"b","finish_reason":"stop"}'
USAGE = b'{"prompt_tokens":10,"completion_tokens":1}'
ANSWER = response(200, b'{"model":"stub","choices":[' + CHOICE + b'],"usage":' + USAGE + b'}')
REFUSED = response(404, b'{"error":{"message":"not found"}}')

class Stub(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport, self.had = transport, b""

    def data_received(self, data):
        self.had += data
        end = self.had.find(b"\\r\\n\\r\\n")
        while end >= 0:
            head = self.had[:end].lower()
            at = head.find(b"content-length:")
            size = int(head[at + 15 :].split(b"\\r\\n", 1)[0]) if at >= 0 else 0
            if len(self.had) < end + 4 + size:
                return
            body, self.had = self.had[end + 4 : end + 4 + size], self.had[end + 4 + size :]
            plain = head.startswith(b"post /v1/completions") and b"logprobs" not in body
            asyncio.get_running_loop().call_later(0.002, self.transport.write, ANSWER if plain else REFUSED)
            end = self.had.find(b"\\r\\n\\r\\n")

async def main():
    server = await asyncio.get_running_loop().create_server(Stub, "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", flush=True)
    await asyncio.sleep(600)

asyncio.run(main())
"""
VLLM = ROOT / ".envs" / "vllm" / "bin" / "python"
CLIENT = """
import sys
from vllm.benchmarks.serve import add_cli_args, main
from vllm.utils.argparse_utils import FlexibleArgumentParser
parser = FlexibleArgumentParser()
add_cli_args(parser)
main(parser.parse_args(sys.argv[1:]))
"""


@contextmanager
def stub():
    process = subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        yield process.stdout.readline().strip()
    finally:
        process.kill()
        process.wait()


def ours(url: str, folder: Path) -> tuple[float, float]:
    """Seconds and processor seconds of N questions, journal on; planning and grading are not counted.

    Nor is lm-eval's scoring.
    """
    rows = [
        {
            "id": str(i),
            "stem": f"Question {i}: which of these is right?",
            "choices": ["one", "two"],
            "answer": "b",
            "lang": "en",
        }
        for i in range(N)
    ]
    folder.mkdir()
    own = folder / "own.jsonl"
    own.write_text("\n".join(json.dumps(r) for r in rows))
    engine = igaku.build_engine("stub", engine="openai", base_url=url, concurrency=CONCURRENT)
    started: list[tuple[float, float]] = []

    def on_plan(_: object) -> None:
        started.append((time.perf_counter(), time.process_time()))

    ended: list[tuple[float, float]] = []

    def on_reply(*_: object) -> None:
        ended[:] = [(time.perf_counter(), time.process_time())]

    igaku.evaluate(
        engine,
        str(own),
        prompt="standard_en",
        method="letter",
        max_tokens=16,
        out=folder / "run",
        on_plan=on_plan,
        on_reply=on_reply,
    )
    return ended[0][0] - started[0][0], ended[0][1] - started[0][1]


def theirs(url: str, folder: Path, tokenizer: str) -> tuple[float, float]:
    result = folder / "lm.json"
    command: list[str | Path] = [peer(), ROOT / "bench" / "lm_eval_api_driver.py", url, str(N), str(CONCURRENT)]
    command += [tokenizer, result]
    subprocess.run(
        command,
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "OPENAI_API_KEY": "x"},
    )
    output = json.loads(result.read_text())
    return output["seconds"], output["cpu"]


def weights() -> str:
    file = embedded_file("smollm2-135m-instruct")
    return str(dequantized(file, file_sha256(file)))


@contextmanager
def vllm_server(model: str, port: int = 8231):
    cores = f"0-{(os.cpu_count() or 1) - 1}"
    env = {
        **os.environ,
        "VLLM_CPU_OMP_THREADS_BIND": cores,
        "VLLM_CPU_KVCACHE_SPACE": "2",
        "VLLM_NO_USAGE_STATS": "1",
        "HF_HUB_OFFLINE": "1",
    }
    command: list[str | Path] = [
        VLLM,
        "-m",
        "vllm.entrypoints.openai.api_server",
        "--model",
        model,
        "--served-model-name",
        "small",
        "--dtype",
        "float32",
        "--enforce-eager",
        "--max-model-len",
        "2048",
        "--port",
        str(port),
    ]
    process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(300):
            try:
                with urlopen(f"http://127.0.0.1:{port}/health", timeout=2):
                    break
            except OSError:
                assert process.poll() is None, "the server did not start"
                time.sleep(0.5)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


def rate(engine: Engine, prompts: list[str], new: int) -> float:
    requests = [Request(kind="text", prompt=p, sampling=Sampling(max_tokens=new)) for p in prompts]
    start = time.perf_counter()
    tokens = sum(a.new_tokens for _, a in engine.answer(requests))
    return tokens / (time.perf_counter() - start)


def served() -> list[dict]:
    """Tokens a second at 8 under way, 64 new tokens; prompts of about 128 tokens, three rounds each in turn."""
    folder = weights()
    client, own = [], []
    with vllm_server(folder) as url:
        engine = igaku.build_engine("small", engine="openai", base_url=url + "/v1", concurrency=8)
        words = ["pain", "fever", "cough", "rash", "heart", "liver", "kidney", "brain", "lung", "bone", "skin", "blood"]
        for k in range(3):
            command = [
                VLLM,
                "-c",
                CLIENT,
                "--backend",
                "openai",
                "--base-url",
                url,
                "--endpoint",
                "/v1/completions",
                "--model",
                "small",
                "--tokenizer",
                folder,
                "--dataset-name",
                "random",
                "--random-input-len",
                "128",
                "--random-output-len",
                "64",
                "--num-prompts",
                "64",
                "--max-concurrency",
                "8",
                "--seed",
                str(k),
                "--temperature",
                "0",
            ]
            out = subprocess.run(
                command, check=True, capture_output=True, text=True, env={**os.environ, "HF_HUB_OFFLINE": "1"}
            ).stdout
            found = re.search(r"Output token throughput \(tok/s\):\s*([\d.]+)", out)
            assert found, out
            client.append(float(found[1]))
            prompts = [
                " ".join(words[(i * 7 + j * (k + 3)) % len(words)] for j in range(120)) + f" {k} {i}" for i in range(64)
            ]
            own.append(rate(engine, prompts, 64))
    best, mine = max(client), max(own)
    return [
        {
            "what": "real vLLM server, new tokens a second, 8 under way",
            "igaku": round(mine),
            "the server's own client": round(best),
            "share": f"{100 * mine / best:.0f} %",
            "target": "at least 95 %",
        }
    ]


def main() -> None:
    rows = []
    with tempfile.TemporaryDirectory() as scratch, stub() as url:
        rounds = [
            (ours(url, Path(scratch) / str(k)), *(theirs(url, Path(scratch), t) for t in (weights(), "none")))
            for k in range(3)
        ]
    (seconds, cpu), (usual, usual_cpu), (fastest, fastest_cpu) = (min(r[k] for r in rounds) for k in range(3))
    output = f"{N:,} requests, {CONCURRENT} under way, 2 ms latency, best of 3"
    rows.append(
        {
            "what": f"{output}: requests a second",
            "igaku": round(N / seconds),
            "lm-eval": round(N / usual),
            "lm-eval, text not token ids": round(N / fastest),
            "ratio": f"{usual / seconds:.1f} and {fastest / seconds:.1f}",
            "target": "at least 2",
        }
    )
    rows.append(
        {
            "what": "processor time a request, ms",
            "igaku": round(1000 * cpu / N, 2),
            "lm-eval": round(1000 * usual_cpu / N, 2),
            "lm-eval, text not token ids": round(1000 * fastest_cpu / N, 2),
            "target": "under 1",
        }
    )
    if VLLM.exists() and "--stub" not in sys.argv:
        rows += served()
    keep("api", rows, note="lm-eval 0.4.13 local-completions")


if __name__ == "__main__":
    main()
