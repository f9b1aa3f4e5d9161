"""One writer a folder."""

import errno
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from igaku.errors import IgakuError
from igaku.io.locks import LOCK, promise, writes, writing

HOLD = """
import sys
from pathlib import Path
from igaku.io.locks import writing
sys.argv = ["/usr/bin/igaku", "ecg", "convert", "--secret"]
with writing(Path({target!r}), beside={beside}):
    print("held", flush=True)
    sys.stdin.read()
"""


def holder(target: Path, beside: bool = False) -> "subprocess.Popen[str]":
    """Another process that holds a lock until its input ends."""
    code = HOLD.format(target=str(target), beside=beside)
    child = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdout and child.stdout.readline() == "held\n"
    return child


@pytest.mark.parametrize("beside", [False, True])
def test_the_second_writer_reads_who_the_first_is(tmp_path: Path, beside: bool) -> None:
    target = tmp_path / "out"
    child = holder(target, beside)
    try:
        with pytest.raises(IgakuError) as refused, writing(target, beside=beside):
            pass
    finally:
        child.communicate("")
    says = str(refused.value)
    assert says.startswith(f"{target}: another igaku is writing here (igaku ecg convert, process {child.pid} on ")
    assert os.uname().nodename in says and "since 2" in says and "secret" not in says
    with writing(target, beside=beside):
        assert promise()
    assert not list(tmp_path.rglob("*lock*")) and not promise()


def test_a_killed_writer_s_file_stops_nobody(tmp_path: Path) -> None:
    child = holder(tmp_path)
    child.send_signal(signal.SIGKILL)
    child.communicate()
    assert (tmp_path / LOCK).read_text().startswith("igaku ecg convert\n")
    with writing(tmp_path):
        assert (tmp_path / LOCK).read_text().split("\n")[1] == str(os.getpid())
    assert not (tmp_path / LOCK).exists()


def test_the_same_thread_may_write_inside_what_it_writes_and_another_may_not(tmp_path: Path) -> None:
    refused: list[IgakuError] = []

    def other() -> None:
        try:
            with writing(tmp_path):
                pass
        except IgakuError as error:
            refused.append(error)

    with writing(tmp_path):
        with writing(tmp_path):
            pass
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
        assert len(refused) == 1 and (tmp_path / LOCK).exists()


def test_who_waits_gets_it_when_the_first_ends(tmp_path: Path) -> None:
    child = holder(tmp_path)
    threading.Timer(0.3, lambda: child.communicate("")).start()
    with writing(tmp_path, wait=60):
        pass


def test_a_folder_in_which_nothing_came_is_not_left(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="bad"), writing(tmp_path / "a" / "b"):
        raise ValueError("bad")
    assert not list(tmp_path.iterdir())


def test_a_link_in_a_stranger_s_folder_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("my words")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / LOCK).symlink_to(tmp_path / "mine")
    (tmp_path / "hard").mkdir()
    os.link(tmp_path / "mine", tmp_path / "hard" / LOCK)
    for folder in ("run", "hard"):
        with writing(tmp_path / folder):
            pass
    assert (tmp_path / "mine").read_text() == "my words"


def test_a_fifo_in_its_position_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / LOCK)
    with writing(tmp_path):
        pass


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_read_only_folder_is_locked_itself(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with writing(tmp_path):
        pass
    tmp_path.chmod(0o700)


def test_a_forked_process_neither_holds_nor_releases_the_lock(tmp_path: Path) -> None:
    with writing(tmp_path):
        pid = os.fork()
        if pid == 0:
            try:
                with writing(tmp_path):
                    os._exit(0)
            except IgakuError:
                os._exit(3)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 3 and (tmp_path / LOCK).exists()


def test_only_the_first_of_torchrun_s_processes_holds_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RANK", "1")
    with writing(tmp_path):
        assert not (tmp_path / LOCK).exists()


def test_a_full_disk_that_names_no_file_gets_the_folder_s_name(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No space") as found, writing(tmp_path):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert found.value.filename == str(tmp_path)
    with pytest.raises(IgakuError, match=r"cannot be written .No space left on device.; free space"), writing(tmp_path):
        raise RuntimeError("io error: No space left on device (os error 28)")


def test_a_decorated_function_locks_what_its_parameter_names(tmp_path: Path) -> None:
    @writes("out")
    def write(text: str, out: str | Path) -> bool:
        return (Path(out) / LOCK).exists()

    assert write("x", tmp_path) and write("x", out=str(tmp_path)) and not (tmp_path / LOCK).exists()
    with pytest.raises(TypeError):
        write("x")  # type: ignore[call-arg]
