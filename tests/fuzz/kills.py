"""Kill igaku at random moments, give the same command again, and compare what it leaves with an uninterrupted run.

python tests/fuzz/kills.py [COMMAND ...] [--kills N] [--seed S] [--work FOLDER]    or: make kills

Each trial kills one process once or twice, by SIGKILL, SIGTERM, SIGHUP or Ctrl-C, at moments drawn over the whole run,
then lets the command end. Files are compared byte by byte, without seconds, memory and dates. A file in which two
uninterrupted runs differ anyhow is compared by its name alone, and listed.
"""

import argparse
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from tests.fuzz import kill_inputs as inputs  # noqa: E402

SIGNALS = (signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
CLOCKS = ("seconds", "per_second", "peak_memory_mb", "mfu", "date", "took")
NOT_COMPARED = ("sessions.jsonl", "times.jsonl")
"""Logs of the sittings, which are more where there were more."""
ALONE = {"IGAKU_DATA": "/nonexistent", "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
State = dict[str, str]


class Case(NamedTuple):
    """One command."""

    arguments: list[str]
    before: Callable[[Path], object] = lambda out: None
    """Called with the folder before the command begins."""
    as_option: bool = True
    """Whether the folder is given as ``--out``."""


def cases(work: Path, url: str) -> dict[str, Callable[[], Case]]:
    """Name -> how to get a command, whose inputs are written then."""
    served = ["--base-url", url, "--model", "stub", "--concurrency", "8"]
    open_run = work / "open"

    def run_of_open_questions() -> Path:
        if not open_run.exists():
            igaku(["eval", *served, "--bench", "clinical_open", "--lang", "ja", "--out", str(open_run)])
        return open_run

    def judged() -> Case:
        run = run_of_open_questions()
        judge = ["--judge", "stub", "--base-url", url, "--concurrency", "2"]
        return Case(["judge", *judge], lambda out: shutil.copytree(run, out), False)

    def reported() -> Case:
        if not (run := work / "mini").exists():
            igaku(["eval", *served, "--bench", "mini", "--out", str(run)])
        return Case(["report", str(run)])

    def trained() -> Case:
        recipe, data = inputs.recipe(work)
        return Case(["train", str(recipe), "--data", str(data), "--contaminated"])

    def fitted(command: str, *more: str) -> Case:
        store = work / "store"
        if not store.exists():
            inputs.store(store)
        return Case(["ecg", command, "tiny", "--records", str(store), *more])

    def smollm2() -> Case:
        questions = ["--bench", "mini", "--lang", "en", "--limit", "6", "--max-tokens", "6"]
        return Case(["eval", "--model", "smollm2-135m-instruct", *questions])

    return {
        "eval (server)": lambda: Case(["eval", *served, "--bench", "mini"]),
        "eval (llama.cpp)": smollm2,
        "judge": judged,
        "import": lambda: Case(["import", "jsonl", str(inputs.replies(work / "replies.jsonl")), "--bench", "mini"]),
        "report": reported,
        "corpus": lambda: Case(["run", str(inputs.corpus_plan(work)), "--workers", "2"]),
        "convert": lambda: Case(["ecg", "convert", str(inputs.signals(work / "signals"))]),
        "train": trained,
        "ecg pretrain": lambda: fitted("pretrain", "--set", "pretrain.epochs=20"),
        "ecg finetune": lambda: fitted("finetune", "--label", "lvef", "--set", "finetune.epochs=12"),
    }


class Ended(NamedTuple):
    """How a process ended."""

    code: int
    says: str
    seconds: float
    killed: bool
    left: int
    """Processes of its group that were still there two seconds later."""


def igaku(arguments: list[str], after: float | None = None, number: int = signal.SIGKILL) -> Ended:
    """Run a command; send it a signal after some seconds, if it is still there."""
    code = "import sys; sys.argv[0] = 'igaku'; from igaku.cli import main; main()"
    environment = {**os.environ, **ALONE, "PYTHONPATH": str(ROOT / "src")}
    started = time.perf_counter()
    with tempfile.TemporaryFile() as says:
        child = subprocess.Popen(
            [sys.executable, "-c", code, *arguments],
            stdout=subprocess.DEVNULL,
            stderr=says,
            env=environment,
            start_new_session=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler) and None,
        )
        killed = False
        try:
            child.wait(after)
        except subprocess.TimeoutExpired:
            killed = True
            (os.killpg if number == signal.SIGINT else os.kill)(child.pid, number)
            child.wait(60)
        seconds = time.perf_counter() - started
        left = _left(child.pid)
        says.seek(0)
        return Ended(child.returncode, says.read().decode(errors="replace"), seconds, killed, left)


def _left(group: int) -> int:
    until = time.monotonic() + 2
    while (found := _living(group)) and time.monotonic() < until:
        time.sleep(0.05)
    if found:
        os.killpg(group, signal.SIGKILL)
    return found


def _living(group: int) -> int:
    listed = subprocess.run(["ps", "-eo", "pgid=,stat="], capture_output=True, text=True, check=True).stdout
    rows = (line.split() for line in listed.splitlines())
    return sum(int(pgid) == group and not stat.startswith("Z") for pgid, stat in rows)


def state(out: Path) -> State:
    """File -> what it holds, as a hash; replies by their keys in any order."""
    files = sorted(p for p in out.rglob("*") if p.is_file() and p.name not in NOT_COMPARED)
    found = {str(p.relative_to(out)): _content(p, str(out)) for p in files}
    beside = [p.name for p in out.parent.iterdir() if p.name != out.name and out.name in p.name]
    return found | dict.fromkeys(beside, "beside")


def _content(path: Path, out: str) -> str:
    data = path.read_bytes()
    if path.suffix in (".json", ".jsonl"):
        lines = [data] if path.suffix == ".json" else data.splitlines()
        parsed = [json.dumps(_timeless(json.loads(line)), sort_keys=True) for line in lines]
        if path.name == "replies.jsonl":
            assert len(parsed) == len({json.loads(line)["key"] for line in lines}), (
                "a reply stands twice in the journal"
            )
            parsed.sort()
        if path.name == "seal.json":
            parsed = ["a seal"]  # over the journal's bytes, in the order in which replies came
        data = "\n".join(parsed).encode()
    return hashlib.sha256(data.replace(out.encode(), b"OUT")).hexdigest()[:16]


def _timeless(value: object) -> object:
    if isinstance(value, dict):
        return {k: _timeless(v) for k, v in value.items() if k not in CLOCKS}
    return [_timeless(v) for v in value] if isinstance(value, list) else value


class Row(NamedTuple):
    """One command's line in the table."""

    command: str
    trials: int
    kills: int
    equal: int
    doubled: int
    left: int
    tracebacks: int
    varying: list[str]
    """Files in which uninterrupted runs differ."""


def trial(
    case: Case, out: Path, seconds: float, rng: random.Random, times: int, again: bool = False
) -> tuple[list[Ended], Ended]:
    """Kill a command ``times`` times, then let it end; ``again`` in the folder that is there."""
    if not again:
        case.before(out)
    arguments = [*case.arguments, *(["--out"] if case.as_option else []), str(out)]
    if not case.as_option:
        arguments = [case.arguments[0], str(out), *case.arguments[1:]]
    ended = []
    for _ in range(times):
        ended.append(igaku(arguments, rng.uniform(0.02, 0.98) * seconds, rng.choice(SIGNALS)))
    return ended, igaku(arguments)


def measure(name: str, case: Case, work: Path, stub: inputs.Stub, kills: int, rng: random.Random) -> Row:
    """One command with at least ``kills`` kills."""
    whole, seconds = [], []
    for n in range(2):
        out = work / f"whole-{n}"
        _, done = trial(case, out, 0, rng, 0)
        if done.code:
            raise SystemExit(f"{name}: {done.says[-600:]}")
        whole.append(state(out))
        seconds.append(done.seconds)
        if stub.counts:
            stub.counts.clear()
            trial(case, out, 0, rng, 0, again=True)
            stub.learn_probes()
        shutil.rmtree(out)
    varying = sorted(f for f in {*whole[0], *whole[1]} if whole[0].get(f) != whole[1].get(f))
    expected = {f: "" if f in varying else content for f, content in whole[0].items()}
    counts: Counter[str] = Counter()
    while counts["kills"] < kills and counts["trials"] < 3 * kills:
        out = work / f"killed-{counts['trials']}"
        ended, last = trial(case, out, min(seconds), rng, rng.choice((1, 1, 2)))
        found = {f: "" if f in varying else content for f, content in state(out).items()}
        is_equal = last.code == 0 and found == expected
        killed = [e for e in ended if e.killed]
        counts.update(
            trials=1,
            kills=len(killed),
            equal=int(is_equal),
            doubled=stub.doubled(),
            left=sum(e.left for e in ended),
            tracebacks=sum("Traceback" in e.says for e in (*ended, last)),
        )
        if not is_equal or any("Traceback" in e.says or e.left for e in (*ended, last)):
            differing = sorted(f for f in {*found, *expected} if found.get(f) != expected.get(f))[:5]
            says = [f"{e.code} at {e.seconds:.2f} s: {e.says[-300:].strip()}" for e in (*ended, last)]
            print(f"{name}: not as uninterrupted: {differing} {says}", file=sys.stderr, flush=True)
        shutil.rmtree(out, ignore_errors=True)
    return Row(name, *(counts[k] for k in ("trials", "kills", "equal", "doubled", "left", "tracebacks")), varying)


def table(rows: list[Row]) -> str:
    """Rows as Markdown."""
    head = "command | kills | ended as uninterrupted | requests sent twice | processes left | tracebacks"
    lines = [f"| {head} |", "|" + " --- |" * 6]
    for r in rows:
        equal = f"{r.equal} of {r.trials}"
        lines.append(f"| {r.command} | {r.kills} | {equal} | {r.doubled} | {r.left} | {r.tracebacks} |")
    notes = [f"{r.command}: two whole runs differ in {', '.join(r.varying)}" for r in rows if r.varying]
    return "\n".join([*lines, "", *notes])


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("commands", nargs="*")
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--work", type=Path)
    given = parser.parse_args()
    os.environ.update(ALONE)
    with tempfile.TemporaryDirectory(dir=given.work, prefix="igaku-kills-") as folder:
        work, stub, rows = Path(folder), inputs.Stub(), list[Row]()
        known = cases(work, stub.url)
        for name in given.commands or known:
            rows.append(measure(name, known[name](), work, stub, given.kills, random.Random(f"{given.seed}/{name}")))
            print(table(rows[-1:]), file=sys.stderr, flush=True)
    print(table(rows))
    sys.exit(any(r.equal < r.trials or r.left or r.tracebacks for r in rows))


if __name__ == "__main__":
    main()
