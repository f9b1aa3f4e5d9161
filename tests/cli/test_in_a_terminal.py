"""A real terminal: its width holds for tables and notes, and nothing is coloured that need not be."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest
from rich.cells import cell_len

import igaku

from ..conftest import always

SRC = Path(igaku.__file__).parents[1]
CODES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("one") / "r"
    igaku.evaluate(always("答え：b"), "mini", lang=["ja", "en"], limit=9, out=folder)
    return str(folder)


def shown(columns: int, *args: str, **variables: str) -> str:
    """What ``igaku ARGS`` writes to a terminal of so many columns."""
    here, there = pty.openpty()
    fcntl.ioctl(there, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    environment = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "LINES", "NO_COLOR")}
    environment |= {"PYTHONPATH": str(SRC), "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", **variables}
    command = [sys.executable, "-m", "igaku", *args]
    child = subprocess.Popen(command, stdin=there, stdout=there, stderr=there, env=environment, close_fds=True)
    os.close(there)
    written = b""
    while True:
        try:
            part = os.read(here, 65536)
        except OSError:  # the terminal is closed
            break
        if not part:
            break
        written += part
    assert child.wait(timeout=60) == 0
    os.close(here)
    return written.decode().replace("\r\n", "\n")


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("columns", [100, 50])
def test_tables_and_notes_stay_within_its_width(columns: int, language: str, run: str) -> None:
    text = CODES.sub("", shown(columns, "show", run, "--ui", language))
    assert [line for line in text.splitlines() if cell_len(line) > columns] == []
    assert "11.1" in text


def test_a_head_is_bold_and_nothing_has_a_colour(run: str) -> None:
    assert set(CODES.findall(shown(80, "show", run))) == {"\x1b[1m", "\x1b[0m"}


def test_a_dumb_terminal_gets_plain_text(run: str) -> None:
    assert CODES.findall(shown(80, "show", run, TERM="dumb")) == []
