"""Groups of readers, each in a process of its own: what one imports is not counted as memory of the other."""

import json
import os
import select
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from .child import Outcome
from .fuzz import child, fuzz
from .reader import Reader


class Job(NamedTuple):
    """What all groups share."""

    inputs: int
    """Of all groups together."""
    seed: int
    folder: Path
    seconds: float
    """Of all groups together, by the clock of one process."""
    only: int | None = None


def by_group(groups: Mapping[str, Sequence[Reader]], job: Job, at_once: int) -> Iterator[Outcome]:
    """Outcomes as they come; inputs and time are divided by the readers' shares."""
    total = sum(r.share for readers in groups.values() for r in readers)
    waiting, pipes, broken = list(groups), dict[int, tuple[int, bytes]](), []
    while waiting or pipes:
        while waiting and len(pipes) < at_once:
            name = waiting.pop(0)
            part = sum(r.share for r in groups[name]) / total
            pid, pipe = _begin(groups[name], job, part, name)
            pipes[pipe] = pid, b""
        for pipe in select.select(list(pipes), [], [])[0]:
            pid, rest = pipes[pipe]
            if not (data := os.read(pipe, 2**16)):
                broken += [pid] if os.waitpid(pid, 0)[1] else []
                del pipes[pipe]
                os.close(pipe)
                continue
            *lines, rest = (rest + data).split(b"\n")
            pipes[pipe] = pid, rest
            yield from (Outcome(**json.loads(line)) for line in lines)
    if broken:
        raise RuntimeError(f"{len(broken)} groups of the fuzz suite could not go on; the lines above say why")


def _begin(readers: Sequence[Reader], job: Job, part: float, name: str) -> tuple[int, int]:
    here, there = os.pipe()

    def go_through() -> None:
        until = time.monotonic() + job.seconds * part
        inputs = max(1, round(job.inputs * part))
        for outcome in fuzz(readers, inputs, job.seed, job.folder / name, until, job.only):
            os.write(there, json.dumps(outcome._asdict()).encode() + b"\n")

    pid = child(go_through, closes=here)
    os.close(there)
    return pid, here
