"""Ctrl-C and its kin are one line, whatever runs."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

CODES = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}
COMMAND = "import sys; sys.argv = ['igaku', *sys.argv[1:]]; from igaku import cli; "
RUNS = {
    "in Python": "time.sleep(60)",
    "in a lock's block": "held = locks.writing(Path(FOLDER)); held.__enter__(); time.sleep(60)",
    "in asyncio": "asyncio.run(asyncio.sleep(60))",
    "in a thread pool": "list(ThreadPoolExecutor(2).map(time.sleep, [60, 60]))",
    "in a process pool": "list(p.map(time.sleep, [60, 60]))",
    "where it is swallowed": "swallow()",
    "in a destructor": "loop(Slow())",
}
BODY = """
import sys, time, asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from igaku import cli
from igaku.cli import commands
from igaku.io import interrupts, locks
from igaku.io.workers import processes

FOLDER = sys.argv[1]

class Slow:
    def __del__(self):
        print("runs", flush=True)
        time.sleep(60)

def loop(one):
    del one

def swallow():
    while True:
        try:
            time.sleep(60)
        except KeyboardInterrupt:
            pass

def run(*given, **more):
    if "destructor" not in {name!r}:
        print("runs", flush=True)
    with processes(2, "fork") as p:
        {code}

interrupts.PATIENCE = 1.0
commands.app = run
cli.main()
"""


def started(code: str, *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler) and None,
    )


@pytest.mark.parametrize("name", RUNS)
@pytest.mark.parametrize("number", CODES)
def test_a_signal_is_one_line_and_its_code(name: str, number: signal.Signals, tmp_path: Path) -> None:
    child = started(BODY.format(name=name, code=RUNS[name]), str(tmp_path))
    assert child.stdout and child.stdout.readline() == "runs\n"
    time.sleep(0.2)
    os.killpg(child.pid, number) if number == signal.SIGINT else child.send_signal(number)
    _, says = child.communicate(timeout=30)
    assert child.returncode == CODES[number], says
    assert says.startswith("igaku: interrupted") and len(says.splitlines()) == 1
    assert (f"kept in {tmp_path}, and the same command goes on" in says) == ("lock" in name)


@pytest.mark.parametrize("after", [0.0, 0.05, 0.2, 0.4])
def test_while_igaku_is_imported_too(after: float) -> None:
    code = "print('runs', flush=True); " + COMMAND + "cli.main()"
    child = started(code, "bench", "list")
    assert child.stdout and child.stdout.readline() == "runs\n"
    time.sleep(0.15 + after)  # until the handlers are there: igaku.cli is small
    child.send_signal(signal.SIGINT)
    _, says = child.communicate(timeout=30)
    assert "Traceback" not in says and child.returncode in (0, 130, -signal.SIGINT)
    assert child.returncode != 130 or says == "igaku: interrupted\n"


def test_nohup_stays_nohup() -> None:
    code = "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN); from igaku.io import interrupts; "
    code += "interrupts.take(); print(signal.getsignal(signal.SIGHUP) == signal.SIG_IGN)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "True\n"


@pytest.mark.parametrize("command", ["bench list", "catalog models", "recipes list"])
def test_a_closed_pipe_is_silent(command: str) -> None:
    child = started(COMMAND + "cli.main()", *command.split())
    assert child.stdout and child.stderr
    child.stdout.close()
    says = child.stderr.read()
    assert says == "" and child.wait(60) in (0, 1, 2, 141)


def test_a_full_standard_output_is_one_line() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    with Path("/dev/full").open("w") as full:
        code = COMMAND + "cli.main()"
        arguments = [sys.executable, "-c", code, "bench", "list", "--json"]
        done = subprocess.run(arguments, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    assert done.returncode == 2 and done.stderr.startswith("igaku: standard output: cannot be written (No space left")
    assert len(done.stderr.splitlines()) == 1
