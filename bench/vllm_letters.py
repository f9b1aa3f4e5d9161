"""Letters on IgakuQA 2018 (text only, five choices) through vLLM on the processor: igaku against lm-eval's ``vllm``.

Same weights, float32, same vLLM, same prompts and letters, each in its own process, loading not counted. lm-eval asks
for the log-probabilities of a prompt once a letter; igaku for one generated token a question. Every log-probability is
compared.

    python bench/vllm_letters.py [questions]      after `make vllm`
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from common import ROOT, keep

from igaku import load_benchmark, load_prompt
from igaku.engines.embedded import embedded_file
from igaku.engines.hf import dequantized
from igaku.io.hashing import file_sha256

PYTHON = ROOT / ".envs" / "vllm" / "bin" / "python"
MODEL = "smollm2-135m-instruct"


def main(n: int) -> None:
    if subprocess.run([PYTHON, "-c", "import lm_eval"], stderr=subprocess.DEVNULL).returncode:
        subprocess.run([PYTHON, "-m", "pip", "install", "-q", "lm-eval[api]==0.4.13", "torch==2.13.0"], check=True)
    file = embedded_file(MODEL)
    prompt = load_prompt("standard_ja")
    questions = [q for q in load_benchmark("igakuqa-2018").load("ja") if q.text_only and len(q.choices) == 5][: n + 2]
    tasks = [(prompt.render(q, []).text, prompt.letters(q)) for q in questions]
    found = {}
    with tempfile.TemporaryDirectory() as scratch:
        task = Path(scratch) / "task.json"
        task.write_text(json.dumps({"model": str(dequantized(file, file_sha256(file))), "tasks": tasks}))
        env = {
            **os.environ,
            "VLLM_CPU_OMP_THREADS_BIND": f"0-{(os.cpu_count() or 1) - 1}",
            "VLLM_CPU_KVCACHE_SPACE": "2",
            "HF_HUB_OFFLINE": "1",
        }
        for who in ("igaku", "lm-eval"):
            result = Path(scratch) / f"{who}.json"
            command = [PYTHON, ROOT / "bench" / "vllm_driver.py", who, task, result]
            subprocess.run(command, check=True, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            found[who] = json.loads(result.read_text())
    ours, theirs = found["igaku"], found["lm-eval"]
    difference = max(
        abs(a - b) for x, y in zip(ours["scores"], theirs["scores"], strict=True) for a, b in zip(x, y, strict=True)
    )
    same = sum(x.index(max(x)) == y.index(max(y)) for x, y in zip(ours["scores"], theirs["scores"]))
    keep(
        "vllm_letters",
        [
            {
                "model": MODEL,
                "questions": n,
                "igaku seconds": round(ours["seconds"], 1),
                "lm-eval seconds": round(theirs["seconds"], 1),
                "ratio": round(theirs["seconds"] / ours["seconds"], 1),
                "target": 3,
                "largest difference": f"{difference:.1e}",
                "same argmax": f"{same}/{n}",
            }
        ],
        note="float32, vLLM on the processor; lm-eval 0.4.13; loading not counted",
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
