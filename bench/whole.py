"""Minutes and peak memory of the sessions of a real run, from what `igaku eval` itself wrote down.

igaku eval --model gemma-3-270m --engine transformers --bench igakuqa --lang ja --prompt minimal --method likelihood --out RUN
python bench/whole.py RUN [NOTE]
"""

import json
import sys
from pathlib import Path

from common import keep

from igaku import open_run

run = open_run(sys.argv[1])
asked = ", ".join(f"{a.bench} {a.lang} {a.prompt} ({len(a.replies):,} questions)" for a in run.manifest.tasks)
sessions = [json.loads(line) for line in (Path(sys.argv[1]) / "sessions.jsonl").read_text().splitlines()]
keep(
    "whole",
    [
        {
            "what": f"{run.manifest.identity.model}: {asked}",
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
