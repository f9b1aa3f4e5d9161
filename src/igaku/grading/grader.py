"""Grade many replies by many methods, over all cores where that pays."""

import os
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any, NamedTuple

from igaku.errors import IgakuError, UnknownNameError
from igaku.grading.methods import METHODS, grade_one
from igaku.question import Question, Reply, Verdict

PARALLEL_FROM = 10_000
"""Fewer verdicts than this are faster in one process than the start of a second one."""


Job = tuple[Question, Reply | None, str]
"""Question, reply (None where none is needed), name of a method."""


class Graded(NamedTuple):
    """One question, what was said (None where nothing was needed), and the verdict of one method."""

    question: Question
    reply: Reply | None
    method: str
    verdict: Verdict


def method_names() -> list[str]:
    """Every grading method's name."""
    return list(METHODS)


def methods_for(names: str | Iterable[str], as_published: bool = False) -> list[str]:
    """Names checked, with near matches for unknown ones; ``as_published`` turns each into its published variant."""
    names = [names] if isinstance(names, str) else list(names)
    out = []
    for name in names:
        if name not in METHODS:
            raise UnknownNameError("method", name, METHODS)
        published = f"{name}-as-published"
        if as_published and METHODS[name].sound:
            if published not in METHODS:
                raise IgakuError(f"--as-published: {name!r} has no published variant; letter, exact and gestalt have")
            name = published
        out.append(name)
    return list(dict.fromkeys(out))


def grade(
    pairs: Sequence[tuple[Question, Reply | None]], methods: str | Sequence[str], workers: int = 0
) -> list[Graded]:
    """Verdicts of all methods on all pairs, method by method; a reply of another kind than a method needs is skipped.

    Args:
        pairs: question and reply; the reply may be None only where no method applies or the question is void.
        methods: names out of ``METHODS``.
        workers: processes; 0 takes all cores from ``PARALLEL_FROM`` verdicts on.
    """
    jobs = [
        (q, r, name)
        for name in methods_for(methods)
        for q, r in pairs
        if (r is not None and r.kind == METHODS[name].kind) or (r is None and (q.void or not METHODS[name].applies(q)))
    ]
    return [Graded(q, r, name, v) for (q, r, name), v in zip(jobs, grade_all(jobs, workers))]


def grade_all(jobs: Sequence[Job], workers: int = 0) -> list[Verdict]:
    """One verdict a job, in order; over all cores from ``PARALLEL_FROM`` jobs on, unless ``workers`` says otherwise."""
    workers = workers or (os.cpu_count() or 1 if len(jobs) >= PARALLEL_FROM else 1)
    if workers == 1:
        return _chunk(jobs)
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    # the methods of one reply side by side, so that it is cleaned once for all of them
    order = sorted(range(len(jobs)), key=lambda i: id(jobs[i][1]))
    size = max(500, len(jobs) // (workers * 8))
    chunks = [[jobs[i] for i in order[at : at + size]] for at in range(0, len(jobs), size)]
    try:
        with ProcessPoolExecutor(workers) as pool:
            parts = list(pool.map(_chunk, chunks))
    except (BrokenProcessPool, OSError):  # a script without a main guard cannot start processes by spawning
        return _chunk(jobs)
    verdicts: list[Any] = [None] * len(jobs)
    for i, verdict in zip(order, chain.from_iterable(parts)):
        verdicts[i] = verdict
    return verdicts


def _chunk(jobs: Sequence[Job]) -> list[Verdict]:
    return [grade_one(METHODS[name], q, r) for q, r, name in jobs]
