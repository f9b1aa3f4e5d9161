"""Start-up of the command line: `igaku --help` as a whole process, median of eleven."""

import statistics
import subprocess
import sys
import time

from common import keep


def seconds(*command: str) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - start


runs = [seconds(sys.executable, "-m", "igaku", "--help") for _ in range(11)]
python = [seconds(sys.executable, "-c", "pass") for _ in range(11)]
keep(
    "startup",
    [
        {"command": "igaku --help", "median seconds": round(statistics.median(runs), 3), "target": "under 0.3"},
        {"command": "python -c pass", "median seconds": round(statistics.median(python), 3), "target": ""},
    ],
)
