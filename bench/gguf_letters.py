"""Letters' log-probabilities of a model in GGUF through llama.cpp, against transformers on the folder it came from.

SmolLM2 135M, float32 in transformers, prompt ``standard``, the English questions of ``mini``; the file is written by
``igaku merge --gguf``'s own function. f16 holds 11 bits of a weight, f32 all of them: what is left in f32 is how
llama.cpp computes.

    python bench/gguf_letters.py [questions]      after `make test`, which brings llama.cpp's converter
"""

import sys
import tempfile
from pathlib import Path

from common import keep

import igaku
from igaku.engines.hf import model_folder
from igaku.training.gguf import to_gguf

MODEL = "smollm2-135m-instruct"
CONVERTER = Path(sys.prefix, "converter", "convert_hf_to_gguf.py")


def letters(model: Path, out: Path, n: int, engine: str) -> dict[str, list[float]]:
    """Log-probabilities of a question's letters, by its id."""
    run = igaku.evaluate(
        str(model), "mini", engine=engine, lang="en", method="letter-logprob", limit=n, prompt="standard", out=out
    )
    return {r.id: list(r.answer.logprobs) for r in run.replies.values()}


def measure(n: int) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory() as scratch:
        local = Path(scratch, "model")
        local.mkdir()
        for file in Path(model_folder(MODEL)).iterdir():
            (local / file.name).symlink_to(file)
        theirs = letters(local, Path(scratch, "hf"), n, "transformers")
        for kind in ("f16", "f32"):
            ours = letters(to_gguf(local, kind, str(CONVERTER)), Path(scratch, kind), n, "llamacpp")
            gaps = [abs(a - b) for id in theirs for a, b in zip(theirs[id], ours[id], strict=True)]
            rows.append(
                {
                    "model": MODEL,
                    "gguf": kind,
                    "questions": len(theirs),
                    "letters": len(gaps),
                    "largest difference": f"{max(gaps):.3f}",
                }
            )
    return rows


if __name__ == "__main__":
    keep("gguf_letters", measure(int(sys.argv[1]) if len(sys.argv) > 1 else 24))
