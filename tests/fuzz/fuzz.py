"""The parent: processes of many inputs, ended and begun anew where one hangs or dies."""

import importlib
import json
import os
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from .child import SOUND, Batch, Outcome, command_of, damaged_input, work
from .limits import CLOCK, SECONDS, processor_time
from .reader import Reader
from .server import server

BATCH = 50
"""Inputs of one process."""
WARM = (
    *("igaku.cli", "igaku.runs.evaluate", "igaku.runs.results", "igaku.runs.importers", "igaku.runs.one_question"),
    *("rich.progress", "rich.table", "yaml", "igaku.benchmarks.checks", "igaku.prompts", "msgspec.toml"),
)
"""Modules that most commands need, imported before processes are forked."""


class Sound:
    """The sound examples, each written once, by a process of its own: what it imports and begins ends with it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._done: dict[Callable[[Path], None], Path] = {}

    def of(self, reader: Reader) -> Path:
        """The folder with a reader's sound example."""
        if reader.make not in self._done:
            folder = self._folder / "sound" / str(len(self._done))
            folder.mkdir(parents=True)
            _separately(lambda: reader.make(folder), reader.name)
            self._done[reader.make] = folder
        return self._done[reader.make]


def fuzz(
    readers: Sequence[Reader],
    inputs: int,
    seed: int,
    folder: Path,
    until: float = float("inf"),
    only: int | None = None,
) -> Iterator[Outcome]:
    """Put inputs through readers in turn, until they are done or the time is over.

    Args:
        inputs: of all readers together, divided by their shares.
        seed: of the damage; ``SOUND`` runs commands once each on the sound example, all of them where ``inputs`` allow.
        folder: for what is written; findings stay in it.
        until: of ``time.monotonic()``.
        only: the number of one input, to see it again.
    """
    sound, total = Sound(folder), sum(r.share for r in readers)
    wanted = {r.name: max(1, round(inputs * r.share / total)) for r in readers}
    for module in dict.fromkeys(m for r in readers for m in (*WARM, *r.warm)):
        importlib.import_module(module)
    done = dict.fromkeys(wanted, only or 0)
    if only is not None:
        wanted = dict.fromkeys(wanted, only + 1)
    if seed == SOUND:
        wanted = {r.name: min(len(r.commands), max(1, inputs // len(readers))) for r in readers}
    with server() as address:
        while open_ := [r for r in readers if done[r.name] < wanted[r.name]]:
            for reader in open_:
                if time.monotonic() > until:
                    return
                size = min(1 if reader.alone else BATCH, wanted[reader.name] - done[reader.name])
                indices = range(done[reader.name], done[reader.name] + size)
                where = folder / "inputs" / named(reader)
                yield from outcomes(Batch(reader, seed, indices, sound.of(reader), where, address))
                done[reader.name] += size


def named(reader: Reader) -> str:
    """A reader's name as a folder's."""
    return "".join(c if c.isalnum() or c in ".-" else "-" for c in reader.name)


def outcomes(batch: Batch) -> Iterator[Outcome]:
    """Outcomes of some inputs of one reader."""
    batch.folder.mkdir(parents=True, exist_ok=True)
    left = list(batch.indices)
    while left:
        pid, pipe = _fork(batch._replace(indices=tuple(left)))
        for found in _heard(pid, pipe):
            outcome = found if isinstance(found, Outcome) else _lost(batch, *found)
            left.remove(outcome.index)
            yield outcome
        os.close(pipe)


def _lost(batch: Batch, what: str, index: int) -> Outcome:
    """The outcome of an input with which its process hung or died."""
    reader = batch.reader
    damage, _ = damaged_input(reader, batch.seed, index, (batch.sound / reader.file).read_bytes())
    command = command_of(reader, index, batch.server)
    return Outcome(reader.name, index, damage, command, what, f"{what} of the process", SECONDS * (what == "hang"))


def _fork(batch: Batch) -> tuple[int, int]:
    """A process that works on a batch, and the pipe on which it reports."""
    here, there = os.pipe()
    pid = child(lambda: work(there, batch), closes=here)
    os.close(there)
    return pid, here


def child(do: Callable[[], None], closes: int = -1) -> int:
    """A process that does something and ends; exit code 70 where it fails."""
    sys.stdout.flush()
    sys.stderr.flush()
    if pid := os.fork():
        return pid
    try:
        if closes >= 0:
            os.close(closes)
        do()
        os._exit(0)
    except BaseException:
        traceback.print_exc(file=sys.__stderr__)
        os._exit(70)


def _separately(do: Callable[[], None], name: str) -> None:
    if os.waitpid(child(do), 0)[1]:
        raise RuntimeError(f"{name}: its sound example cannot be written")


def _heard(pid: int, pipe: int) -> Iterator[Outcome | tuple[str, int]]:
    """Outcomes as they come; at last ``(hang or crash, index)`` where an input was never done."""
    rest, under_way, watch, hung = b"", None, _Watch(pid), False
    while not hung:
        ready, _, _ = select.select([pipe], [], [], 1.0)
        if not ready:
            hung = watch.over()
            continue
        if not (data := os.read(pipe, 2**16)):
            break
        *lines, rest = (rest + data).split(b"\n")
        for value in map(json.loads, lines):
            watch = _Watch(pid)
            under_way = value if isinstance(value, int) else None
            if isinstance(value, dict):
                yield Outcome(**value)
    status = _end(pid)
    if under_way is not None:
        yield ("hang" if hung else "crash"), under_way
    elif status:
        raise RuntimeError(f"a process of the fuzz suite ended with status {status} between inputs")


class _Watch:
    """What a process has used since now."""

    def __init__(self, pid: int) -> None:
        self._pid, self._clock, self._used = pid, time.monotonic(), processor_time(pid)

    def over(self) -> bool:
        """Whether it has used too much."""
        return processor_time(self._pid) - self._used > SECONDS or time.monotonic() - self._clock > CLOCK


def _end(pid: int) -> int:
    """End a process and what it began; its status."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    return os.waitpid(pid, 0)[1]
