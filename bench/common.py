"""What every measurement shares: the machine in one line, and results stored for the tables in the docs."""

import json
import os
import platform
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from igaku.io.paths import find_data

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "bench" / "results"


def folder_for_work() -> Path:
    """The folder for what a measurement makes on its way; on the disk, as /tmp may be memory."""
    folder = ROOT / "runs"
    folder.mkdir(exist_ok=True)
    return folder


def needed(relative: str) -> Path:
    """A folder of the data.

    Raises:
        SystemExit: it is not here.
    """
    found = find_data(relative)
    if found is None:
        raise SystemExit(f"{relative}: not found; set IGAKU_DATA, or igaku data get {relative.partition('/')[0]}")
    return found


def written(name: str) -> list[dict[str, Any]]:
    """The lines of bench/NAME.jsonl, in the file's order."""
    lines = (ROOT / "bench" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def language(text: str) -> str:
    """English, or Japanese where it holds kana or kanji."""
    return "Japanese" if any("\u3041" <= c <= "\u9fff" for c in text) else "English"


def machine() -> str:
    """Processor, number of cores, Python version."""
    try:
        name = next(
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        )
    except (OSError, StopIteration):
        name = platform.processor()
    return f"{name}, {os.cpu_count()} cores, Python {platform.python_version()}"


def keep(name: str, rows: Sequence[Mapping[str, object]], note: str = "") -> None:
    """Print rows and store them as bench/results/NAME.json with machine and date."""
    print(f"\n{name} ({machine()}, {date.today()})")
    for row in rows:
        print("  " + "  ".join(f"{k}: {v}" for k, v in row.items()))
    RESULTS.mkdir(exist_ok=True)
    data = {"name": name, "machine": machine(), "date": str(date.today()), "note": note, "rows": rows}
    (RESULTS / f"{name}.json").write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
