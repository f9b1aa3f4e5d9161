"""Grade many replies by many methods, over all cores where that pays."""

import os
import pickle
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from multiprocessing import get_start_method
from typing import TYPE_CHECKING, TypeVar, cast

from igaku.errors import IgakuError
from igaku.grading.methods import BUILTIN, METHODS, Method, grade_one, register_method
from igaku.question import Question, Reply, Verdict

if TYPE_CHECKING:
    from concurrent.futures import Future, ProcessPoolExecutor

T = TypeVar("T")
PARALLEL_FROM = 10_000
"""Fewer verdicts than this are faster in one process than the start of a second one."""

CHUNK = 500
"""Verdicts that one process is given at a time."""

Job = tuple[Question, Reply | None, str]
"""Question, reply (None where none is needed), name of a method."""


class Graded:
    """One question, its reply (None where none was needed), and the verdict of one method.

    The reply of a run is read from its journal whenever somebody looks at it: verdicts of a million replies are held in
    memory, their texts are not.

    Args:
        question: the question.
        reply: the reply, or its key with ``load``.
        method: the method's name.
        verdict: what it gave.
        load: from the reply's key to the reply.
    """

    __slots__ = ("_load", "_reply", "method", "question", "verdict")

    def __init__(
        self,
        question: Question,
        reply: Reply | str | None,
        method: str,
        verdict: Verdict,
        load: Callable[[str], Reply | None] | None = None,
    ) -> None:
        self.question, self._reply, self.method, self.verdict, self._load = question, reply, method, verdict, load

    @property
    def reply(self) -> Reply | None:
        """The reply; None where none was needed."""
        return self._load(self._reply) if isinstance(self._reply, str) and self._load else cast(Reply, self._reply)

    @property
    def key(self) -> str:
        """The reply's key, without reading it; empty where there is none."""
        return self._reply if isinstance(self._reply, str) else self._reply.key if self._reply else ""

    @property
    def answered(self) -> bool:
        """Whether there is a reply."""
        return self._reply is not None

    def _replace(self, *, question: Question | None = None, verdict: Verdict | None = None) -> "Graded":
        """The same with another question or verdict."""
        return Graded(question or self.question, self._reply, self.method, verdict or self.verdict, self._load)

    def __iter__(self) -> Iterator[Question | Reply | str | Verdict | None]:
        return iter((self.question, self.reply, self.method, self.verdict))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Graded) and tuple(self) == tuple(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return "Graded({!r}, {!r}, {!r}, {!r})".format(*self)


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
    # replies to one question side by side, so that its words are compiled once; the methods of one reply likewise
    order = sorted(range(len(jobs)), key=lambda i: (jobs[i][0].lang, jobs[i][0].id, id(jobs[i][1])))
    parts = (order[start : start + CHUNK] for start in range(0, len(order), CHUNK))
    by_index: dict[int, Verdict] = {}
    for part, verdicts in grade_stream(((part, [jobs[i] for i in part]) for part in parts), len(jobs), workers):
        by_index |= zip(part, verdicts)
    return [by_index[i] for i in range(len(jobs))]


def grade_stream(
    units: Iterable[tuple[T, Sequence[Job]]], expected: int, workers: int = 0
) -> Iterator[tuple[T, list[Verdict]]]:
    """Verdicts of units of jobs, in order, each with whatever stands beside the unit; few units are held at a time.

    Args:
        units: something of the caller's own, and jobs.
        expected: about how many jobs will come.
        workers: processes; 0 takes all cores from ``PARALLEL_FROM`` jobs on.
    """
    workers = workers or (os.cpu_count() or 1 if expected >= PARALLEL_FROM else 1)
    coming = iter(units)
    extra = tuple(m for name, m in METHODS.items() if m not in BUILTIN)
    if workers == 1 or not _can_send(extra):
        yield from ((beside, _chunk(jobs)) for beside, jobs in coming)
        return
    from igaku.io.workers import processes

    waiting: deque[tuple[T, Sequence[Job], Future[list[Verdict]] | None]] = deque()
    with processes(workers, begin=_receive, given=(extra,)) as pool:
        for beside, jobs in coming:
            waiting.append((beside, jobs, _sent(pool, jobs)))
            if len(waiting) > 3 * workers:
                yield _first(waiting)
        while waiting:
            yield _first(waiting)


def _sent(pool: "ProcessPoolExecutor", jobs: Sequence[Job]) -> "Future[list[Verdict]] | None":
    """None where no process can be had: a script without a main guard cannot start them by spawning."""
    try:
        return pool.submit(_chunk, jobs)
    except (RuntimeError, OSError):  # a broken pool is a RuntimeError
        return None


def _first(waiting: "deque[tuple[T, Sequence[Job], Future[list[Verdict]] | None]]") -> tuple[T, list[Verdict]]:
    """The verdicts of the unit that waits longest, graded here where its process ended early."""
    from concurrent.futures.process import BrokenProcessPool

    beside, jobs, found = waiting.popleft()
    try:
        return beside, found.result() if found else _chunk(jobs)
    except (BrokenProcessPool, OSError):
        return beside, _chunk(jobs)


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
