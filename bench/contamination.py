"""The positive control: a model that has read a benchmark must be caught by the probes, its base must not.

Thirty vignettes of IgakuQA 2018 are read eight times by the embedded Gemma 3 270M, in the exam's order; then the base and the
trained model are probed on fifteen of them and on runs of five, the base being the trained one's reference. Minutes on two cores. The trained model is kept under the cache folder and used again.

    python bench/contamination.py
"""

import json
import tempfile
from pathlib import Path

from common import keep

from igaku import load_benchmark
from igaku.engines.embedded import embedded_file
from igaku.engines.hf import dequantized
from igaku.io.hashing import file_sha256
from igaku.io.paths import cache_dir
from igaku.studies.contamination import contamination, other_numbers
from igaku.training import read_texts

N = 30
PROBED = 15
"""Questions a probe (and a fifth as many runs of five): each is scored in ten versions, token by token."""


def questions() -> list[dict]:
    pool = [
        q
        for q in load_benchmark("igakuqa-2018").load("ja")
        if q.text_only and not q.group and not q.void and len(q.choices) == 5
    ]
    mine = [q for q in pool if q.section == "clinical" and len(other_numbers(q.stem, 9, q.id)) == 9 and q.n_right == 1][
        :N
    ]
    return [
        {"id": q.id, "stem": q.stem, "choices": list(q.choices), "answer": q.letters[q.key.accepted[0][0]]}
        for q in mine
    ]


def main() -> None:
    file = embedded_file("gemma-3-270m")
    base = dequantized(file, file_sha256(file))
    rows = questions()
    trained = cache_dir() / "models" / "positive-control"
    losses: list[float] = []
    if not (trained / "config.json").exists():
        losses = read_texts(
            base,
            [r["stem"] for r in rows],
            trained,
            on_step=lambda s: print(f"update {s.step}/{s.steps} loss {s.loss:.3f}", flush=True),
        )
        (trained / "losses.json").write_text(json.dumps(losses))
    losses = json.loads((trained / "losses.json").read_text())
    found = []
    with tempfile.TemporaryDirectory() as scratch:
        bench = Path(scratch) / "control.jsonl"
        bench.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows), encoding="utf-8")
        out = Path(scratch) / "probes"
        for name, folder, reference in (("base", base, None), ("trained on it", trained, str(base))):
            for row in contamination(str(folder), str(bench), out=out, questions=PROBED, reference=reference):
                print(name, row, flush=True)
                found.append(
                    {
                        "model": name,
                        "probe": row.probe,
                        "what": row.what,
                        "units": row.units,
                        "found": round(row.value, 3),
                        "expected": "" if row.expected is None else round(row.expected, 3),
                        "reference": "" if row.reference is None else round(row.reference, 3),
                        "p": "" if row.p is None else f"{row.p:.4f}",
                    }
                )
    note = f"{len(rows)} stems read 8 times, learning rate 1e-4; loss a token {losses[0]:.2f} to {losses[-1]:.2f}"
    keep("contamination", found, note=note)


if __name__ == "__main__":
    main()
