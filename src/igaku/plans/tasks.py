"""Entries of a plan's YAML that say what to ask, and the cells of their runs."""

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from igaku.benchmarks import load_benchmark
from igaku.corpus.steps import benchmark_files
from igaku.errors import IgakuError
from igaku.runs.specs import TaskSpec, task_spec
from igaku.runs.store import Run
from igaku.statistics.tally import Cell

Entry = dict[str, object]
"""The fields of ``TaskSpec``; where it holds a list, one name may stand for a list of one."""


def read_tasks(entries: Sequence[Mapping[str, object]], method: str = "") -> list[TaskSpec]:
    """The tasks of a plan.

    Args:
        method: the grading method of an entry that names none; empty: the benchmark's own.

    Raises:
        IgakuError: an entry is not a task; the line says which and why.
    """
    return [_task(n, entry, method) for n, entry in enumerate(entries, 1)]


def _task(n: int, entry: Mapping[str, object], method: str) -> TaskSpec:
    try:
        task = task_spec(**entry)
    except IgakuError as error:
        raise IgakuError(f"entry {n}: {error}") from None
    if not task.bench:
        raise IgakuError(f"entry {n}: bench is missing; write bench: NAME")
    return replace(task, method=task.method or [method]) if method else task


def whole_cells(run: Run) -> list[Cell]:
    """A run's cells over all questions; over those without an image where only these were asked."""
    return [c for c in run.cells if c.text_only is None] or [c for c in run.cells if c.text_only]


def question_files(task: TaskSpec) -> dict[str, dict[str, str]]:
    """Benchmark -> its files with their SHA-256, as inputs of a step."""
    return {name: benchmark_files(load_benchmark(name)) for name in task.bench if not name.endswith(".py")}
