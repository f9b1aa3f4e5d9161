"""Many runs graded side by side: each whole run by one process, which sends back its verdicts as compact rows."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from igaku.grading import METHODS
from igaku.grading.grader import PARALLEL_FROM
from igaku.grading.methods import BUILTIN
from igaku.runs.grade_cache import cached_rows
from igaku.runs.store import Run
from igaku.runs.verdict_rows import VerdictRows

Wanted = tuple[tuple[int, str, int], ...]


def grade_runs(runs: Iterable[Run], methods: Sequence[str] | None, workers: int = 0) -> None:
    """Grade runs that are read together, so that each finds its verdicts when it is asked for them.

    Few replies, one run or methods of the user's own are left to be graded when they are wanted.
    """
    todo = [(run, run.wanted(methods)) for run in runs]
    total = sum(len(run.manifest.tasks[k].replies) for run, wanted in todo for k, _, _ in wanted)
    own = all(METHODS[name] in BUILTIN for _, wanted in todo for _, name, _ in wanted)
    workers = workers or os.cpu_count() or 1
    if len(todo) < 2 or workers < 2 or total < PARALLEL_FROM or not own:
        return
    from concurrent.futures.process import BrokenProcessPool

    from igaku.io.workers import processes

    given = [(str(run.path), wanted) for run, wanted in todo]
    try:
        with processes(workers) as pool:
            for (run, wanted), (parts, rows) in zip(todo, pool.map(_graded, given, chunksize=4)):
                run.take_rows(wanted, parts, msgspec.msgpack.decode(rows, type=VerdictRows))
    except (BrokenProcessPool, OSError):  # a script without a main guard cannot start processes by spawning
        return


def _graded(given: tuple[str, Wanted]) -> tuple[dict[str, str], bytes]:
    path, wanted = given
    run = Run(Path(path))
    return dict(run.parts), msgspec.msgpack.encode(cached_rows(run, wanted, workers=1))
