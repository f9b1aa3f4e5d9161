"""``igaku compare`` of two 4,000-question runs, from the command line.

python bench/compare.py
"""

import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from common import keep

import igaku
from igaku.engines.replay import Replay


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        for name, skill in (("one", 0.6), ("two", 0.65)):
            rng = random.Random(name)

            def script(_: object, rng: random.Random = rng, skill: float = skill) -> str:
                return "abcde"[rng.randrange(5)] if rng.random() > skill else "答え：a"

            igaku.evaluate(Replay(script, name=name), "medmcqa", method="letter", limit=4000, out=Path(scratch) / name)
        command = [sys.executable, "-m", "igaku", "compare", f"{scratch}/one", f"{scratch}/two"]
        seconds = []
        for _ in range(5):
            start = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            seconds.append(time.perf_counter() - start)
    keep(
        "compare",
        [
            {
                "what": "igaku compare, two runs of 4,000 questions, whole command",
                "median seconds": round(statistics.median(seconds), 2),
                "target": "under 0.5",
            }
        ],
    )


if __name__ == "__main__":
    main()
