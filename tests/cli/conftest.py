"""The command line in this process: what a terminal would see, without starting an interpreter for each command."""

import io
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from typing import NamedTuple

import pytest

import igaku.cli
import igaku.cli.commands
from igaku.io import interrupts


class Done(NamedTuple):
    """What a command left."""

    returncode: int
    stdout: str
    stderr: str


Cli = Callable[..., Done]


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Run ``igaku ARGS`` in this process."""
    return command_line(monkeypatch)


def command_line(monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Run ``igaku ARGS`` as a terminal would, in English wherever the tests run; what libraries print is pytest's."""
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setattr(igaku.cli.commands, "quiet", lambda: None)

    def run(*args: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["igaku", *args])
        out, err, code = io.StringIO(), io.StringIO(), 0
        with redirect_stdout(out), redirect_stderr(err):
            try:
                igaku.cli.main()
            except SystemExit as end:
                code = end.code if isinstance(end.code, int) else int(bool(end.code))
            finally:
                interrupts.give_back()
        return Done(code, out.getvalue(), err.getvalue())

    return run
