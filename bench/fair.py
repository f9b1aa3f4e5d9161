"""Five orders x four templates of IgakuQA questions by likelihood: stems shared across renderings or not.

Both sides are igaku's own engine on the same weights in one process. ``apart`` answers the 20 renderings one after the
other, each question and its choices as one packed tree (what `igaku eval` does for a single rendering); ``together``
gives all of them to the engine at once. Every log-likelihood is compared. Two sets of templates: the default of `igaku
fair --method likelihood` (two show the choices, two do not, so that orders make no difference to their prompts: 12 of
20 are distinct), and one in which all four show them.

The target is for 200 questions, which take three hours; the ratio is one of token counts and does not depend on their
number.

    python bench/fair.py [questions]      12 questions drawn evenly from 2018 (text only, five choices) if left out
"""

import sys
import time

from common import keep

from igaku import build_engine, load_benchmark, load_prompt
from igaku.engines.embedded import embedded_file
from igaku.engines.hf import dequantized
from igaku.io.hashing import file_sha256
from igaku.prompts.orders import expand, permutation
from igaku.question import Request
from igaku.studies.fair import TEMPLATES

SETS = {
    "default": TEMPLATES["likelihood"],
    "all show the choices": ("standard", "closing", "bracketed", "bracketed_closing"),
}


def renderings(templates: tuple[str, ...], n: int) -> list[list[Request]]:
    questions = [q for q in load_benchmark("igakuqa-2018").load("ja") if q.text_only and len(q.choices) == 5]
    questions = [questions[round(k * (len(questions) - 1) / (n - 1))] for k in range(n)]
    out = []
    for name in templates:
        prompt = load_prompt(f"{name}_ja")
        for order in expand(["rotations"], 5):
            orders = [permutation(q, order) for q in questions]
            out.append(
                [
                    Request(
                        kind="likelihood",
                        prompt=prompt.render(q, order=o).text,
                        continuations=prompt.continuations(q, o),
                    )
                    for q, o in zip(questions, orders)
                ]
            )
    return out


def measure(model: str, name: str, n: int) -> dict[str, object]:
    file = embedded_file(model)
    engine = build_engine(
        str(dequantized(file, file_sha256(file))), engine="transformers", device="cpu", dtype="float32"
    )
    requests = renderings(SETS[name], n)
    list(engine.answer(requests[0][:4]))
    start = time.perf_counter()
    one_by_one = [dict(engine.answer(r)) for r in requests]
    separate_seconds = time.perf_counter() - start
    start = time.perf_counter()
    flat = dict(engine.answer([r for one in requests for r in one]))
    joint_seconds = time.perf_counter() - start
    start = time.perf_counter()
    list(engine.answer(requests[0]))
    single_seconds = time.perf_counter() - start
    engine.close()
    gaps = [
        abs(x - y)
        for k, one in enumerate(one_by_one)
        for i in range(n)
        for x, y in zip(one[i].logprobs, flat[k * n + i].logprobs, strict=True)
    ]
    row = {
        "model": model,
        "templates": name,
        "questions": n,
        "renderings": len(requests),
        "distinct prompts": len({r.prompt for one in requests for r in one}) // n,
        "apart seconds": round(separate_seconds, 1),
        "together seconds": round(joint_seconds, 1),
        "ratio": round(joint_seconds / separate_seconds, 2),
        "target": "at most 0.45",
        "times one plain pass": round(joint_seconds / single_seconds, 1),
        "largest difference": f"{max(gaps):.1e}",
    }
    print(row, flush=True)
    return row


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 12
    rows = [measure(m, s, count) for m in ("gemma-3-270m", "smollm2-135m-instruct") for s in SETS]
    keep("fair", rows, note="float32, loading not counted")
