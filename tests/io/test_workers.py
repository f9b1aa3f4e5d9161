"""Processes end with the one that started them."""

import os
import signal
import subprocess
import sys
import time

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
    start: str, number: signal.Signals, tmp_path: object
) -> None:
    script = f"{tmp_path}/work.py"
    with open(script, "w") as file:
        file.write(WORK)
    child = subprocess.Popen([sys.executable, script, start], stdout=subprocess.PIPE, text=True)
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


def test_after_an_error_what_is_under_way_is_ended() -> None:
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt), processes(2, "fork") as pool:
        pool.submit(time.sleep, 300)
        raise KeyboardInterrupt
    assert time.monotonic() - started < 60


def test_ctrl_c_is_the_parent_s_affair() -> None:
    with processes(1, "fork") as pool:
        worker = pool.submit(os.getpid).result()
        os.kill(worker, signal.SIGINT)
        assert pool.submit(os.getpid).result() == worker
