"""What an evaluation spends outside its engine: `igaku eval` of 2,000 questions as a whole process, with the seconds in
which the engine loaded, counted and answered taken off.

Imports, planning, prompts, the journal, grading, and the table at the end are what is left. A scripted engine, which
answers at once, shows the same seconds without a model; a small real one shows their share of a run. The questions are
those inside the package, over again with other numbers in them, so that no two are the same.

    python bench/outside.py [QUESTIONS] [MODEL ...]
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from common import keep

from igaku.benchmarks import load_benchmark

CHILD = """
import json, sys, time
from igaku.engines import hf

spent = {}

def timed(name, do):
    def run(*given, **settings):
        start = time.perf_counter()
        try:
            return do(*given, **settings)
        finally:
            spent[name] = spent.get(name, 0.0) + time.perf_counter() - start
    return run

def answering(do):
    def run(self, requests):
        replies = iter(do(self, requests))
        step = timed("answering", lambda: next(replies, None))
        while (found := step()) is not None:
            yield found
    return run

out, *command = sys.argv[1:]
hf.Transformers.answer = answering(hf.Transformers.answer)
hf.Transformers.count = timed("counting", hf.Transformers.count)
hf.Transformers.load = timed("loading", hf.Transformers.load)
sys.argv = ["igaku", *command]
from igaku.cli import main
try:
    main()
finally:
    open(out, "w").write(json.dumps(spent))
"""
SCRIPTED = """
from igaku.engines.base import EngineBase, Identity
from igaku.question import Answer


class Scripted(EngineBase):
    identity = Identity(model="scripted", engine="scripted", version="1")

    def __init__(self):
        super().__init__()
        self.supported = frozenset(("text", "letters", "likelihood"))

    def answer(self, requests):
        for i, r in enumerate(requests):
            yield i, Answer(logprobs=tuple(-1.0 - (i + k) % 5 for k in range(len(r.continuations))),
                            tokens=(1,) * len(r.continuations), text="A", finish="stop")
"""


def questions(n: int, file: Path) -> None:
    """A file of ``n`` questions with choices."""
    known = [q for q in load_benchmark("mini").load("ja") if len(q.choices) >= 4 and q.text_only]
    rows = []
    for i in range(n):
        q = known[i % len(known)]
        answer = "abcdefgh"[i % len(q.choices)]
        stem = f"症例{i + 1}。{q.stem}"
        rows.append({"id": f"q-{i:05d}", "lang": "ja", "stem": stem, "choices": q.choices, "answer": answer})
    file.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")


def measured(model: str, n: int, method: str) -> dict[str, object]:
    """One run of the command."""
    with tempfile.TemporaryDirectory() as work:
        file, out, spent = Path(work, "exam.jsonl"), Path(work, "run"), Path(work, "spent.json")
        questions(n, file)
        Path(work, "scripted.py").write_text(SCRIPTED)
        scripted = model == "scripted"
        given = ["--model", model, *(["--engine", f"{work}/scripted.py:Scripted"] if scripted else [])]
        given += [] if scripted else ["--engine", "transformers"]
        command = ["eval", *given, "--bench", str(file), "--method", method, "--out", str(out)]
        run = [sys.executable, "-m", "igaku"] if scripted else [sys.executable, "-c", CHILD, str(spent)]
        start = time.perf_counter()
        done = subprocess.run([*run, *command], capture_output=True, text=True)
        whole = time.perf_counter() - start
        if done.returncode:
            raise SystemExit(done.stderr[-2000:])
        inside = json.loads(spent.read_text()) if spent.exists() else {}
    outside = whole - sum(inside.values())
    return {
        "model": model,
        "method": method,
        "questions": n,
        "whole seconds": round(whole, 2),
        **{f"{name} seconds": round(inside.get(name, 0.0), 2) for name in ("loading", "answering")},
        "outside seconds": round(outside, 2),
        "ms a question": round(1000 * outside / n, 2),
        "share": f"{100 * outside / whole:.1f} %" if inside else "",
        "target": "at most 5 %" if inside else "",
    }


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    models = sys.argv[2:] or ["gemma-3-270m"]
    rows = [measured("scripted", count, method) for method in ("likelihood", "letter")]
    keep(
        "outside",
        [*rows, *(measured(m, count, "likelihood") for m in models)],
        note="whole processes, imports included",
    )
