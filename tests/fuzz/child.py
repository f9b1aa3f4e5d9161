"""One process that puts many inputs through the command line, and reports each on a pipe before the next begins."""

import contextlib
import io
import json
import os
import shlex
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

from .limits import Touched, forget_peak, limit_memory, peak
from .mutate import mutate
from .reader import Reader


class Outcome(NamedTuple):
    """What became of one input."""

    reader: str
    index: int
    damage: str
    command: str
    what: str
    """read, refused, traceback, hang, escape, crash."""
    detail: str = ""
    """The last line of what it said, and for a traceback the last line of ours in it."""
    seconds: float = 0.0
    peak: int = 0


SOUND = -1
"""The seed with which nothing is damaged."""


def damaged_input(reader: Reader, seed: int, index: int, raw: bytes) -> tuple[str, bytes]:
    """The input of one number: the same for the same seed."""
    if seed == SOUND:
        return "sound", raw
    return mutate(reader.kind, raw, Random(f"{seed}/{reader.name}/{index}"))


def command_of(reader: Reader, index: int, server: str) -> str:
    """The command of an input: the reader's, in turn, with the address of a server where it asks one."""
    return reader.commands[index % len(reader.commands)].replace("{server}", server)


class Batch(NamedTuple):
    """What a process is given."""

    reader: Reader
    seed: int
    indices: Sequence[int]
    sound: Path
    """The folder of the sound example."""
    folder: Path
    """For the inputs' own folders."""
    server: str
    """Address of a server that answers."""


def work(pipe: int, batch: Batch) -> None:
    """Put inputs through; one line on the pipe when one begins (its index) and one when it ends (its outcome)."""
    os.setsid()
    reader, folder = batch.reader, batch.folder
    os.environ |= {"IGAKU_CACHE": str(folder / "cache"), "IGAKU_CONFIG": str(folder / "config")}
    touched = Touched((str(folder), str(batch.sound.parent), tempfile.gettempdir()))
    limit_memory()
    raw = (batch.sound / reader.file).read_bytes()
    for index in batch.indices:
        _send(pipe, index)
        name, bad = damaged_input(reader, batch.seed, index, raw)
        here = folder / str(index)
        shutil.copytree(batch.sound, here, symlinks=True)
        (here / reader.file).write_bytes(bad.replace(b"{server}", batch.server.encode()))
        touched.found.clear()
        outcome = run(reader, index, name, here, command_of(reader, index, batch.server))
        if touched.found and outcome.what in ("read", "refused"):
            outcome = outcome._replace(what="escape", detail=touched.found[0])
        _send(pipe, outcome._asdict())
        if outcome.what in ("read", "refused"):
            shutil.rmtree(here)


def _send(pipe: int, value: object) -> None:
    os.write(pipe, json.dumps(value).encode() + b"\n")


def run(reader: Reader, index: int, damage: str, here: Path, command: str) -> Outcome:
    """A command line in a folder, as the shell runs it: after ``&&`` another, where the first succeeds."""
    before = Path.cwd()
    os.chdir(here)
    forget_peak()
    began = time.process_time()
    for one in command.split(" && "):
        code, error = _main(shlex.split(one.removeprefix("igaku ")))
        what, detail = _judge(code, error, reader.fine)
        if what != "read":
            break
    seconds = time.process_time() - began
    os.chdir(before)
    return Outcome(reader.name, index, damage, command, what, detail, round(seconds, 2), peak())


def _main(argv: list[str]) -> tuple[int, str]:
    """Exit code and stderr of ``igaku``; a traceback stands in stderr."""
    from igaku.cli import main

    out, error = _Text(), _Text()
    sys.argv = ["igaku", *argv]
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(error):
        try:
            main()
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1 if end.code else 0
        except BaseException:
            traceback.print_exc()
            code = 1
    return code, error.text()


class _Text(io.TextIOWrapper):
    """Standard output of a terminal in UTF-8: what cannot be encoded is an error here as it is there."""

    def __init__(self) -> None:
        self._bytes = io.BytesIO()
        super().__init__(self._bytes, encoding="utf-8", write_through=True)

    def text(self) -> str:
        """What was written."""
        self.flush()
        return self._bytes.getvalue().decode("utf-8", "replace")


def _judge(code: int, error: str, fine: tuple[int, ...]) -> tuple[str, str]:
    lines = [line for line in error.splitlines() if line.strip()]
    last = lines[-1] if lines else ""
    if "Traceback (most recent call last)" in error:
        return "traceback", f"{last[:200]} | {_deepest(lines)}"
    if code == 2 and code in fine:
        return (
            ("refused", last)
            if last.startswith("igaku: ")
            else ("traceback", f"exit 2 without a line of ours: {last[:200]}")
        )
    return ("read", last[:200]) if code in fine else ("traceback", f"exit code {code}: {last[:200]}")


def _deepest(lines: list[str]) -> str:
    """The last line of igaku's own in a traceback."""
    ours = [line.strip() for line in lines if line.lstrip().startswith("File ") and "/igaku/" in line]
    return ours[-1].split("/igaku/")[-1].replace('", line ', ":").split(",")[0] if ours else ""
