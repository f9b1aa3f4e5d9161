"""The positive control: the probes must detect a model that was trained on a benchmark, and must not detect its base.

The embedded Gemma 3 270M is trained on thirty vignettes of IgakuQA 2018, eight epochs, in the exam's order. Then the
base and the trained model are probed on them and on runs of five; the base is the trained model's reference, and as
many vignettes of 2021 are the control. It takes half an hour on two cores. The trained model is stored under the cache
folder and used again.

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
from igaku.question import Choices, Question
from igaku.studies.contamination import contamination, other_numbers
from igaku.training import read_texts

N = 30
PROBED = 30
"""Questions a probe, each of which is scored in ten versions; and the runs of five among them, in two."""


def usable(q: Question) -> bool:
    """A clinical question with one right choice of five and enough numbers for nine other versions."""
    plain = q.text_only and not q.group and not q.void and len(q.choices) == 5
    return plain and q.section == "clinical" and len(other_numbers(q.stem, 9, q.id)) == 9 and q.n_right == 1


def row(q: Question) -> dict[str, object]:
    assert isinstance(q.key, Choices)
    return {"id": q.id, "stem": q.stem, "choices": list(q.choices), "answer": q.letters[q.key.accepted[0][0]]}


def write(file: Path, questions: list[Question]) -> str:
    file.write_text("".join(json.dumps(row(q), ensure_ascii=False) + "\n" for q in questions), encoding="utf-8")
    return str(file)


def main() -> None:
    file = embedded_file("gemma-3-270m")
    base = dequantized(file, file_sha256(file))
    questions = list(filter(usable, load_benchmark("igakuqa-2018").load("ja")))[:N]
    later = list(filter(usable, load_benchmark("igakuqa-2021").load("ja")))[:N]
    trained = cache_dir() / "models" / "positive-control"
    losses: list[float] = []
    if not (trained / "config.json").exists():
        losses = read_texts(
            base,
            [q.stem for q in questions],
            trained,
            on_step=lambda s: print(f"update {s.step}/{s.steps} loss {s.loss:.3f}", flush=True),
        )
        (trained / "losses.json").write_text(json.dumps(losses))
    losses = json.loads((trained / "losses.json").read_text())
    found = []
    with tempfile.TemporaryDirectory() as scratch:
        bench, control = write(Path(scratch) / "read.jsonl", questions), write(Path(scratch) / "later.jsonl", later)
        out = Path(scratch) / "probes"
        for name, folder, reference in (("base", base, None), ("trained on it", trained, str(base))):
            given = {"reference": reference, "control": control, "limit": PROBED}
            for probe in contamination(str(folder), bench, out=out, **given).probes:
                print(name, probe, flush=True)
                found.append(
                    {
                        "model": name,
                        "probe": probe.probe,
                        "what": probe.what,
                        "units": probe.units,
                        "found": round(probe.value, 3),
                        "expected": "" if probe.expected is None else round(probe.expected, 3),
                        "reference": "" if probe.reference is None else round(probe.reference, 3),
                        "control": "" if probe.control is None else round(probe.control, 3),
                        "p": "" if probe.p is None else f"{probe.p:.4f}",
                    }
                )
    note = f"{len(questions)} stems read 8 times, learning rate 1e-4; loss a token {losses[0]:.2f} to {losses[-1]:.2f}"
    keep("contamination", found, note=note)


if __name__ == "__main__":
    main()
