"""Grade many replies by many methods, over all cores where that pays."""

import os
import pickle
from collections.abc import Iterable, Sequence
from itertools import chain
from multiprocessing import get_start_method
from typing import NamedTuple

from igaku.errors import IgakuError
from igaku.grading.methods import BUILTIN, METHODS, Method, grade_one, register_method
from igaku.question import Question, Reply, Verdict

PARALLEL_FROM = 10_000
"""Fewer verdicts than this are faster in one process than the start of a second one."""


Job = tuple[Question, Reply | None, str]
"""Question, reply (None where none is needed), name of a method."""


class Graded(NamedTuple):
    """One question, its reply (None where none was needed), and the verdict of one method."""

    question: Question
    reply: Reply | None
    method: str
    verdict: Verdict


def method_names() -> list[str]:
    """Every grading method's name."""
    return list(METHODS)


def methods_for(names: str | Iterable[str], as_published: bool = False) -> list[str]:
    """Names checked, with near matches for unknown ones; ``as_published`` turns each into its published variant.

    Raises:
        IgakuError: an unknown name, or a method without a published variant.
    """
    names = [names] if isinstance(names, str) else list(names)
    return list(dict.fromkeys(_published(METHODS[n].name) if as_published else METHODS[n].name for n in names))


def _published(name: str) -> str:
    if not METHODS[name].sound:
        return name
    if (published := f"{name}-as-published") not in METHODS:
        known = ", ".join(n.removesuffix("-as-published") for n in METHODS if n.endswith("-as-published"))
        raise IgakuError(f"--as-published: {name!r} has no published variant; these have one: {known}")
    return published


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
    extra = tuple(m for m in (METHODS[name] for name in {name for _, _, name in jobs}) if m not in BUILTIN)
    workers = workers or (os.cpu_count() or 1 if len(jobs) >= PARALLEL_FROM else 1)
    # replies to one question side by side, so that its words are compiled once; the methods of one reply likewise
    order = sorted(range(len(jobs)), key=lambda i: (jobs[i][0].lang, jobs[i][0].id, id(jobs[i][1])))
    if workers == 1 or not _can_send(extra):
        return _put_back(order, _chunk([jobs[i] for i in order]))
    from concurrent.futures.process import BrokenProcessPool

    from igaku.io.workers import processes

    size = max(500, len(jobs) // (workers * 8))
    chunks = [[jobs[i] for i in order[start : start + size]] for start in range(0, len(jobs), size)]
    try:
        with processes(workers, begin=_receive, given=(extra,)) as pool:
            parts = list(pool.map(_chunk, chunks))
    except (BrokenProcessPool, OSError):  # a script without a main guard cannot start processes by spawning
        return _put_back(order, _chunk([jobs[i] for i in order]))
    return _put_back(order, chain.from_iterable(parts))


def _put_back(order: Sequence[int], verdicts: Iterable[Verdict]) -> list[Verdict]:
    by_index = dict(zip(order, verdicts))
    return [by_index[i] for i in range(len(order))]


def _can_send(methods: tuple[Method, ...]) -> bool:
    """Whether another process can have these methods; one with a lambda only by forking."""
    if not methods or get_start_method() == "fork":
        return True
    try:
        pickle.dumps(methods)
    except (pickle.PicklingError, AttributeError, TypeError):
        return False
    return True


def _receive(methods: tuple[Method, ...]) -> None:
    """In a new process: register the user's own methods."""
    for method in methods:
        if not dict.__contains__(METHODS, method.name):
            register_method(method)


def _chunk(jobs: Sequence[Job]) -> list[Verdict]:
    return [grade_one(METHODS[name], q, r) for q, r, name in jobs]
