"""Minutes and peak memory of the sessions of a real run, from the session log that `igaku eval` writes.

igaku eval --model gemma-3-270m --engine transformers --bench igakuqa --lang ja --prompt minimal --method likelihood \\
  --out RUN
python bench/whole.py RUN [NOTE]
"""

import json
import sys
from pathlib import Path

from common import keep

from igaku import open_run

run = open_run(sys.argv[1])
assert run.manifest.identity, f"{run.path}: imported; give a run that igaku eval wrote"
tasks = ", ".join(f"{t.bench} {t.lang} {t.prompt} ({len(t.replies):,} questions)" for t in run.manifest.tasks)
sessions = [json.loads(line) for line in (Path(sys.argv[1]) / "sessions.jsonl").read_text().splitlines()]
keep(
    "whole",
    [
        {
            "what": f"{run.manifest.identity.model}: {tasks}",
            "requests": f"{s['asked']:,}",
            "tokens": f"{s['tokens']:,}",
            "minutes": round(s["seconds"] / 60, 1),
            "peak memory MB": s["peak_memory_mb"],
            "target": "report",
        }
        for s in sessions
    ],
    note=sys.argv[2] if len(sys.argv) > 2 else "",
)
