"""The same weights through transformers, vLLM and llama.cpp: the same choices? How much do the numbers differ?

mini (Japanese and English: letters, texts of the choices, 32 written tokens) with both small models; IgakuQA 2018, 60
questions, by the likelihood of the choices' texts with SmolLM2. Runs are stored in runs/agree and continued.

python bench/agree.py      after `make vllm`
"""

import subprocess
import sys
from pathlib import Path

from common import ROOT, keep

import igaku
from igaku.engines.embedded import embedded_file
from igaku.engines.hf import dequantized
from igaku.io.hashing import file_sha256

RUNS = ROOT / "runs" / "agree"
PYTHON = {
    "transformers": sys.executable,
    "llamacpp": sys.executable,
    "vllm": str(ROOT / ".envs" / "vllm" / "bin" / "python"),
}
MODELS = ("smollm2-135m-instruct", "gemma-3-270m")


def evaluated(model: str, engine: str, bench: str, *more: str) -> Path:
    out = RUNS / (f"{model}-{engine}" if bench == "mini" else f"{model}-{engine}-{bench}")
    command = [
        PYTHON[engine],
        "-m",
        "igaku",
        "eval",
        "--model",
        model,
        "--engine",
        engine,
        "--bench",
        bench,
        "--context",
        "2048",
        "--out",
        str(out),
        *more,
    ]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return out


def rows(model: str, other: str, a: Path, b: Path) -> list[dict]:
    file = embedded_file(model)
    return [
        {
            "model": model,
            "transformers float32 and": other,
            "benchmark": f"{f.benchmark} {f.language}",
            "asked": f.kind,
            "questions": f.n,
            "same choice": f"{100 * f.same:.1f} %",
            "largest gap, nat": "" if f.largest_gap is None else f"{f.largest_gap:.1g}",
            "texts equal": "" if f.identical is None else f"{100 * f.identical:.0f} %",
            "part at token (median)": "" if f.parts_at is None else f"{f.parts_at:g}",
        }
        for f in igaku.consistency(a, b, tokenizer=dequantized(file, file_sha256(file))).agreement
    ]


def main() -> None:
    found = []
    for model in MODELS:
        scored, written = "letter,letter-logprob,likelihood", ("--max-tokens", "32")
        plain = evaluated(model, "transformers", "mini", "--method", scored, *written)
        found += rows(model, "vLLM float32", plain, evaluated(model, "vllm", "mini", "--method", scored, *written))
        found += rows(
            model,
            "llama.cpp, 4-bit weights",
            plain,
            evaluated(model, "llamacpp", "mini", "--method", "letter,letter-logprob", *written),
        )
    exam = ("--lang", "ja", "--limit", "60", "--method", "likelihood")
    a, b = (evaluated(MODELS[0], engine, "igakuqa-2018", *exam) for engine in ("transformers", "vllm"))
    keep("agree", [*rows(MODELS[0], "vLLM float32", a, b), *found], note="llama.cpp rounds activations to 8 bits")


if __name__ == "__main__":
    main()
