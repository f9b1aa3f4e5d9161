import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from igaku.errors import IgakuError
from igaku.question import Answer, Reply
from igaku.runs.journal import Journal, read_replies

RUN = """
import sys, time
from igaku import evaluate
from igaku.engines.replay import Replay
from igaku.question import Answer

def slowly(request):
    time.sleep(0.002)
    return Answer(text="答え：" + "ABCDE"[len(request.prompt) % 5], prompt_tokens=9)

evaluate(Replay(slowly), "mini", method="letter", out=sys.argv[1])
"""


def reply(i: int) -> Reply:
    return Reply(key=f"k{i}", model="m", bench="b", lang="ja", id=str(i), answer=Answer(text="答え：b" * 20))


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "replies.jsonl"
    with Journal(path) as journal:
        for i in range(5):
            journal.append(reply(i))
    assert list(read_replies(path)) == [reply(i) for i in range(5)]


@pytest.mark.parametrize("cut", [1, 7, 60])
def test_an_unfinished_last_line_is_cut_off_and_nothing_else(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "replies.jsonl"
    with Journal(path) as journal:
        for i in range(3):
            journal.append(reply(i))
    path.write_bytes(path.read_bytes()[:-cut])
    assert [r.id for r in read_replies(path)] == ["0", "1"]
    with Journal(path) as journal:
        assert set(journal.replies) == {"k0", "k1"}
        journal.append(reply(2))
    assert [r.id for r in read_replies(path)] == ["0", "1", "2"]


def test_one_unfinished_line_alone(tmp_path: Path) -> None:
    path = tmp_path / "replies.jsonl"
    path.write_bytes(b'{"key": "x')
    with Journal(path) as journal:
        journal.append(reply(0))
    assert [r.id for r in read_replies(path)] == ["0"]


def test_damage_inside_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "replies.jsonl"
    with Journal(path) as journal:
        for i in range(3):
            journal.append(reply(i))
    lines = path.read_bytes().split(b"\n")
    for bad in (b'{"key": 3}', b"\xff\xfe", b"null"):
        path.write_bytes(b"\n".join([lines[0], bad, *lines[2:]]))
        with pytest.raises(IgakuError, match="line 2"):
            list(read_replies(path))


def test_a_second_writer_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "replies.jsonl"
    with Journal(path), pytest.raises(IgakuError, match="another igaku is writing"):
        Journal(path)
    Journal(path).close()


def test_a_full_disk_loses_nothing(tmp_path: Path) -> None:
    """A limit on the file's size makes the kernel refuse a write half way, as a full disk does."""
    path = tmp_path / "replies.jsonl"
    script = f"""
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1500, 1500))
from pathlib import Path
from igaku.errors import IgakuError
from igaku.runs.journal import Journal
from igaku.question import Answer, Reply
with Journal(Path({str(path)!r})) as journal:
    try:
        for i in range(50):
            answer = Answer(text="x" * 90)
            journal.append(Reply(key=f"k{{i}}", model="m", bench="b", lang="ja", id=str(i), answer=answer))
    except IgakuError as error:
        print(i, error)
"""
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert "cannot write (File too large)" in out
    stored = list(read_replies(path))
    assert len(stored) == int(out.split()[0]) > 3
    assert path.read_bytes().endswith(b"\n")


@pytest.mark.slow
def test_killed_at_twenty_random_points_it_ends_as_if_never_killed(tmp_path: Path) -> None:
    """Promise 4: the same lines after sorting as an uninterrupted run, nothing asked twice, nothing lost."""
    whole = tmp_path / "whole"
    subprocess.run([sys.executable, "-c", RUN, str(whole)], check=True)
    truth = sorted((whole / "replies.jsonl").read_bytes().splitlines())
    assert len(truth) == 208
    draw, kills, folder = random.Random(7), 0, tmp_path / "r0"
    while kills < 20:
        journal = folder / "replies.jsonl"
        before = journal.stat().st_size if journal.exists() else 0
        child = subprocess.Popen([sys.executable, "-c", RUN, str(folder)], stderr=subprocess.DEVNULL)
        target = before + draw.randrange(1, 6000)
        while child.poll() is None and (not journal.exists() or journal.stat().st_size < target):
            time.sleep(0.0005)
        if child.poll() is None:
            os.kill(child.pid, signal.SIGKILL)
            kills += 1
        child.wait()
        if child.returncode == 0:
            assert sorted(journal.read_bytes().splitlines()) == truth
            folder = tmp_path / f"r{kills}"
    subprocess.run([sys.executable, "-c", RUN, str(folder)], check=True)
    assert sorted((folder / "replies.jsonl").read_bytes().splitlines()) == truth
