"""Processes end with the one that started them."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from igaku.io.workers import processes

WORK = """
import sys, time
from igaku.io.workers import processes

def main():
    with processes(2, sys.argv[1]) as pool:
        waiting = [pool.submit(time.sleep, 600) for _ in range(2)]
        print(*pool._processes, flush=True)
        [w.result() for w in waiting]

if __name__ == "__main__":
    main()
"""


def square(n: int) -> int:
    return n * n


def test_results_come_as_from_any_pool() -> None:
    with processes(2, "fork") as pool:
        assert list(pool.map(square, range(5))) == [0, 1, 4, 9, 16]


@pytest.mark.parametrize("start", ["fork", "spawn"])
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_workers_end_and_let_go_of_the_pipe_when_their_parent_is_killed(
    start: str, number: signal.Signals, tmp_path: Path
) -> None:
    (tmp_path / "work.py").write_text(WORK)
    child = subprocess.Popen([sys.executable, str(tmp_path / "work.py"), start], stdout=subprocess.PIPE, text=True)
    assert child.stdout
    workers = [int(p) for p in child.stdout.readline().split()]
    assert len(workers) == 2
    time.sleep(1)
    child.send_signal(number)
    child.communicate(timeout=20)  # ends only when nobody holds the pipe any more
    assert not any(alive(p) for p in workers)


def alive(pid: int) -> bool:
    listed = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(listed.strip()) and not listed.strip().startswith("Z")


def test_after_an_error_what_waits_is_not_begun(capfd: pytest.CaptureFixture[str]) -> None:
    started = time.monotonic()
    with pytest.raises(OSError, match="full"), processes(2, "fork") as pool:
        for _, _ in zip(range(3), pool.map(time.sleep, [0.2] * 500)):
            pass
        raise OSError("full")
    assert time.monotonic() - started < 30 and "Traceback" not in capfd.readouterr().err


def test_ctrl_c_is_the_parent_s_affair() -> None:
    with processes(1, "fork") as pool:
        worker = pool.submit(os.getpid).result()
        os.kill(worker, signal.SIGINT)
        assert pool.submit(os.getpid).result() == worker
