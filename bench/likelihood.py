"""Log-likelihood of the choices' texts on IgakuQA 2018 (text only, five choices): igaku against lm-eval's ``hf`` model.

Without examples and with three, since examples are what a harness computes again for every choice. Same weights,
float32, same prompts and continuations, same machine, each in its own environment and process, loading not counted;
lm-eval with batch size 8 (16 and 64 are no faster on two cores). Every log-likelihood is compared. igaku's seconds
include the trial of its way on some of the prompts (``engines.trial``), which a run makes once; the same questions are
then scored again without it. The share of the peak is what that second pass computes (products of matrices and
attention, counted by torch) in its seconds, tokenizing and planning included, against products of two large float32
matrices just before and after it. Of the first questions, both are also compared with plain passes in float64, since
float32 sums of another order differ.

    python bench/likelihood.py [questions]      makes .envs/lm-eval on first use
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from common import ROOT, keep

from igaku import build_engine, load_benchmark, load_prompt
from igaku.engines.base import Engine
from igaku.engines.embedded import embedded_file
from igaku.engines.hf import Transformers, dequantized
from igaku.engines.trial import sums_of
from igaku.io.hashing import file_sha256
from igaku.prompts import load_examples
from igaku.question import Request

ENV = ROOT / ".envs" / "lm-eval"
DRIVER = ROOT / "bench" / "lm_eval_driver.py"
EXACT = 4
"""Questions that are scored in float64 too."""
TARGETS = {"gemma-3-270m": 20, "smollm2-135m-instruct": 3}


def peer() -> str:
    python = ENV / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", ENV], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "torch==2.13.0", "lm-eval[hf]==0.4.13"], check=True)
    return str(python)


def peak(size: int = 2048) -> float:
    """Float32 operations a second of a large matrix product, the best of five."""
    import torch

    a, b, best = torch.randn(size, size), torch.randn(size, size), float("inf")
    for _ in range(5):
        start = time.perf_counter()
        a @ b
        best = min(best, time.perf_counter() - start)
    return 2 * size**3 / best


def truth(engine: Transformers, requests: list[Request]) -> list[list[float]]:
    """Log-likelihoods by one plain pass a sequence in float64; the engine's model stays in it."""
    engine.model.double()
    return [sums_of("alone", engine.model, [pairs], 1 << 12, 0)[0] for pairs in engine._tokens.pairs_of(requests)]


def farthest(some: Iterable[Sequence[float]], others: Iterable[Sequence[float]]) -> float:
    """The largest difference of two numbers in the same place."""
    return max(abs(a - b) for x, y in zip(some, others) for a, b in zip(x, y, strict=True))


def operations(engine: Engine, requests: list[Request]) -> int:
    """What the engine computes for them."""
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as counter:
        list(engine.answer(requests))
    return int(counter.get_total_flops())


def measure(model: str, n: int, shots: int) -> dict:
    file = embedded_file(model)
    folder = dequantized(file, file_sha256(file))
    prompt = load_prompt("standard_ja")
    questions = [q for q in load_benchmark("igakuqa-2018").load("ja") if q.text_only and len(q.choices) == 5][:n]
    examples = load_examples("igaku", "ja")[:shots]
    tasks = [(prompt.render(q, examples).text, prompt.continuations(q)) for q in questions]
    engine = build_engine(str(folder), engine="transformers", device="cpu", dtype="float32")
    assert isinstance(engine, Transformers)
    requests = [Request(kind="likelihood", prompt=p, continuations=c) for p, c in tasks]
    list(engine.answer(requests[:2]))
    start = time.perf_counter()
    ours = dict(engine.answer(requests))
    seconds = time.perf_counter() - start
    before, start = peak(), time.perf_counter()
    list(engine.answer(requests))
    again = time.perf_counter() - start
    fastest = (before + peak()) / 2
    share = operations(engine, requests) / again / fastest
    exact = truth(engine, requests[:EXACT])
    engine.close()
    with tempfile.TemporaryDirectory() as scratch:
        task, result = Path(scratch) / "task.json", Path(scratch) / "result.json"
        task.write_text(json.dumps({"model": str(folder), "tasks": tasks}))
        subprocess.run([peer(), DRIVER, task, result], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        theirs = json.loads(result.read_text())
    own = [ours[i].logprobs for i in range(n)]
    equal = sum(x.index(max(x)) == y.index(max(y)) for x, y in zip(own, map(tuple, theirs["scores"])))
    return {
        "model": model,
        "shots": shots,
        "questions": n,
        "igaku seconds": round(seconds, 1),
        "without the trial, seconds": round(again, 1),
        "lm-eval seconds": round(theirs["seconds"], 1),
        "ratio": round(theirs["seconds"] / seconds, 1),
        "target": TARGETS[model],
        "share of the peak": f"{100 * share:.0f} %",
        "largest difference": f"{farthest(own, theirs['scores']):.1e}",
        "from float64, igaku": f"{farthest(own, exact):.1e}",
        "from float64, lm-eval": f"{farthest(theirs['scores'], exact):.1e}",
        "same argmax": f"{equal}/{n}",
        "way": engine.scorer,
    }


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 24
    keep(
        "likelihood",
        [measure(m, count, shots) for m in TARGETS for shots in (0, 3)],
        note="float32; lm-eval 0.4.13, batch size 8; loading not counted",
    )
