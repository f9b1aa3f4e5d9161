"""The positive control: the probes must detect a model that was trained on an exam, and no clean one.

The embedded SmolLM2 135M reads twenty-five stems of IgakuQA 2018 in English six times, in the exam's order. Probed are,
with stems of 2021 as the control: its base on 2018; the trained model on 2018, which it has read; and the trained model
on stems of 2019, where it is a clean model that was adapted to text of this kind. The base is the reference. A small
model and the shortest fitting stems, so that it takes a quarter of an hour on one core.

    OMP_NUM_THREADS=1 IGAKU_DATA=../shared/data python bench/contamination.py
"""

import json
import tempfile
import time
from pathlib import Path

from common import keep

from igaku import load_benchmark
from igaku.engines.embedded import embedded_file
from igaku.engines.hf import dequantized
from igaku.io.hashing import file_sha256
from igaku.question import Choices, Question
from igaku.studies.contamination import contamination
from igaku.studies.contamination_items import other_numbers
from igaku.studies.contamination_report import Probe
from igaku.training import read_texts

N = 25
PROBED = 10
"""Questions a probe, each of which is scored in ten versions; and half as many runs of five, in two."""
EPOCHS = 6
LR = 3e-4


def usable(q: Question) -> bool:
    """A question with one right choice of five and enough numbers for nine other versions."""
    plain = q.text_only and not q.group and not q.void and len(q.choices) == 5 and q.n_right == 1
    return plain and len(other_numbers(q.stem, 9, q.id)) == 9


def questions(year: int) -> list[Question]:
    """The ``N`` with the shortest stems, in the exam's order."""
    found = list(filter(usable, load_benchmark(f"igakuqa-{year}").load("en")))
    taken = {q.id for q in sorted(found, key=lambda q: len(q.stem))[:N]}
    return [q for q in found if q.id in taken]


def row(q: Question) -> dict[str, object]:
    assert isinstance(q.key, Choices)
    return {
        "id": q.id,
        "lang": "en",
        "stem": q.stem,
        "choices": list(q.choices),
        "answer": q.letters[q.key.accepted[0][0]],
    }


def write(file: Path, found: list[Question]) -> str:
    file.write_text("".join(json.dumps(row(q), ensure_ascii=False) + "\n" for q in found), encoding="utf-8")
    return str(file)


def shown(model: str, exam: int, probe: Probe) -> dict[str, object]:
    shares = {"expected": probe.expected, "reference": probe.reference, "control": probe.control}
    return {
        "model": model,
        "exam": exam,
        "probe": probe.probe,
        "what": probe.what,
        "units": probe.units,
        "found": round(probe.value, 3),
        **{name: "" if value is None else round(value, 3) for name, value in shares.items()},
        "p": "" if probe.p is None else f"{probe.p:.4f}",
    }


def train(base: Path, folder: Path) -> str:
    """Read the stems of 2018; what was done, in words."""
    losses = read_texts(
        base,
        [q.stem for q in questions(2018)],
        folder / "trained",
        epochs=EPOCHS,
        lr=LR,
        batch=1,
        on_step=lambda s: print(f"update {s.step}/{s.steps} loss {s.loss:.3f}", flush=True),
    )
    return f"{N} stems read {EPOCHS} times, learning rate {LR:g}; loss a token {losses[0]:.2f} to {losses[-1]:.2f}"


def probe(base: Path, folder: Path) -> list[dict[str, object]]:
    """The rows of the base and of the trained model in ``folder``."""
    files = {year: write(folder / f"exam-{year}.jsonl", questions(year)) for year in (2018, 2019, 2021)}
    trained, found = folder / "trained", []
    probed = (("base", base, 2018, None), ("trained on 2018", trained, 2018, base))
    for name, model, exam, reference in (*probed, ("trained on 2018", trained, 2019, base)):
        report = contamination(
            str(model),
            files[exam],
            out=folder / "probes",
            reference=str(reference) if reference else None,
            control=files[2021],
            limit=PROBED,
        )
        found += [shown(name, exam, row) for row in report.probes]
        print(*found[-len(report.probes) :], sep="\n", flush=True)
    return found


def main() -> None:
    file = embedded_file("smollm2-135m-instruct")
    base = dequantized(file, file_sha256(file))
    with tempfile.TemporaryDirectory() as scratch:
        done = train(base, Path(scratch))
        rows = probe(base, Path(scratch))
    keep("contamination", rows, note=f"{done}; {time.process_time() / 60:.0f} minutes of a core")


if __name__ == "__main__":
    main()
