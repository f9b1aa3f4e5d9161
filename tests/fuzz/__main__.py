"""python -m tests.fuzz: as many inputs as one likes through every reader, and a table of what became of them.

    python -m tests.fuzz --inputs 10000 --seed 7 --minutes 60
    python -m tests.fuzz --reader run.json --inputs 200
    python -m tests.fuzz --reader run.json --only 17    one input again
    python -m tests.fuzz --sound                        each command on the sound examples, which it must read

The exit code is 1 where there is a finding.
"""

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path

ROOT = Path(__file__).parents[2]


def main() -> int:
    given = _arguments()
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")  # threads do not survive a fork
    os.environ |= {"HF_HUB_OFFLINE": "1", "MPLCONFIGDIR": str(given.folder / "mpl"), "COLUMNS": "100"}
    os.environ["IGAKU_DATA"] = str(given.folder / "data")  # none: what is read is the same on every machine
    os.environ.pop("IGAKU_API_KEY", None)

    from .child import SOUND, Outcome
    from .fuzz import named
    from .groups import Job, by_group
    from .reader import absent, groups, readers_of
    from .table import kinds, rows, text

    given.seed = SOUND if given.sound else given.seed
    chosen = [g for g in groups() if given.group in ("", g) and not absent(g)]
    found = {g: [r for r in readers_of(g) if given.reader in r.name] for g in chosen}
    readers = {g: rs for g, rs in found.items() if rs}
    folders = {r.name: f"{g}/inputs/{named(r)}" for g, rs in readers.items() for r in rs}
    for group in groups():
        if given.group in ("", group) and (why := absent(group)):
            print(f"left out: {group}: {why}")
    began, outcomes = time.monotonic(), list[Outcome]()
    job = Job(given.inputs, given.seed, given.folder, 60 * given.minutes * given.jobs, given.only)
    for outcome in by_group(readers, job, given.jobs):
        outcomes.append(outcome)
        if outcome.what not in (("read",) if given.seed == SOUND else ("read", "refused")):
            where = given.folder / folders[outcome.reader] / str(outcome.index)
            print(f"{outcome.what}: cd {where} && igaku {outcome.command}    # {outcome.detail}", flush=True)
    for kind, found in kinds(outcomes).items():
        print(f"{len(found):5} x {kind}")
    table = rows(outcomes)
    print(text(table))
    if given.write:
        _write(table, given, round((time.monotonic() - began) / 60))
    unread = [o for o in outcomes if given.seed == SOUND and o.what != "read"]
    return int(bool(unread or kinds(outcomes)))


def _write(table: Sequence[Sequence[object]], given: argparse.Namespace, minutes: int) -> None:
    """The table as a measurement of ``bench/``, which scripts/tables.py puts into docs/reliability.md."""
    from .table import COLUMNS

    note = f"Python {platform.python_version()}, seed {given.seed}, {minutes} minutes."
    found = {"name": "fuzz", "machine": given.machine or _machine(), "date": str(date.today()), "note": note}
    rows = [dict(zip(COLUMNS, row)) for row in table]
    file = ROOT / "bench" / "results" / "fuzz.json"
    file.write_text(json.dumps({**found, "rows": rows}, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__.splitlines()[0])
    parser.add_argument("--inputs", type=int, default=1000, help="of all readers together")
    parser.add_argument("--seed", type=int, default=1, help="another seed gives other inputs")
    parser.add_argument("--minutes", type=float, default=60.0, help="stop after these")
    parser.add_argument("--jobs", type=int, default=1, help="groups at once")
    parser.add_argument("--reader", default="", help="only readers with this in their name")
    parser.add_argument("--group", default="", help="only one file of readers")
    parser.add_argument("--only", type=int, help="only the input of this number")
    parser.add_argument("--sound", action="store_true", help="only the sound examples")
    parser.add_argument("--folder", type=Path, default=None, help="for findings; a new temporary one if left out")
    parser.add_argument("--write", action="store_true", help="write bench/results/fuzz.json, for docs/reliability.md")
    parser.add_argument("--machine", default="", help="how the page names this machine")
    given = parser.parse_args()
    if given.folder is None:
        import tempfile

        given.folder = Path(tempfile.mkdtemp(prefix="igaku-fuzz-"))
    given.folder = given.folder.resolve()
    return given


def _machine() -> str:
    gigabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} CPUs, {gigabytes:.0f} GiB, {platform.system()}"


if __name__ == "__main__":
    sys.exit(main())
