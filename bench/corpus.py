"""Clean and deduplicate text made of real passages: speed and memory beside datatrove's own pipeline on the same file
in one run (what dedup finds: ``corpus_planted.py``).

python bench/corpus.py [COMPARED ALONE...]     (megabytes: 200 beside datatrove, then 1000 and 2000 by itself; datatrove
in .envs/datatrove, see the Makefile)
"""

import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from common import ROOT, folder_for_work, keep
from corpus_text import write_large

from igaku.corpus import clean, dedup

DATATROVE = ROOT / ".envs/datatrove/bin/python"
WORKERS = 2


def ours(source: Path, work: Path) -> dict[str, object]:
    start = time.perf_counter()
    cleaned = clean([source], work / "clean", workers=WORKERS)
    middle = time.perf_counter()
    made = dedup([work / "clean" / "documents.jsonl"], work / "dedup", workers=WORKERS)
    end = time.perf_counter()
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return {
        "seconds": end - start,
        "clean": middle - start,
        "peak": peak / 1e6,
        "kept": made.retained,
        "read": cleaned.read,
    }


def theirs(source: Path, work: Path) -> float:
    shards = [(work / f"in-{k}.jsonl").open("wb") for k in range(WORKERS)]
    with source.open("rb") as file:
        for n, line in enumerate(file):
            shards[n % WORKERS].write(line)
    for s in shards:
        s.close()
    start = time.perf_counter()
    subprocess.run(
        [DATATROVE, ROOT / "bench/datatrove_driver.py", work / "in.jsonl", work / "work", str(WORKERS)],
        check=True,
        capture_output=True,
    )
    return time.perf_counter() - start


def main() -> None:
    if "--ours" in sys.argv:
        print(json.dumps(ours(Path(sys.argv[2]), Path(sys.argv[3]))))
        return
    compared, *alone = [int(a) for a in sys.argv[1:]] or [200, 1000, 2000]
    rows = []
    for size in (compared, *alone):
        work = Path(tempfile.mkdtemp(dir=folder_for_work()))
        n = write_large(work / "in.jsonl", size)
        told = subprocess.run(
            [sys.executable, __file__, "--ours", str(work / "in.jsonl"), str(work)],
            check=True,
            capture_output=True,
            text=True,
        )
        m = json.loads(told.stdout.splitlines()[-1])
        row = {
            "MB": size,
            "documents": f"{n:,}",
            "kept": f"{m['kept']:,}",
            "igaku s": f"{m['seconds']:.0f}",
            "of it clean": f"{m['clean']:.0f}",
            "MB/s": f"{size / m['seconds']:.1f}",
            "peak GB a process": f"{m['peak']:.2f}",
            "datatrove s": "",
            "ratio": "",
        }
        if size == compared:
            other = theirs(work / "in.jsonl", work)
            row |= {"datatrove s": f"{other:.0f}", "ratio": f"{other / m['seconds']:.1f}x"}
        rows.append(row)
        shutil.rmtree(work)
        keep("corpus_speed", rows)


if __name__ == "__main__":
    main()
