"""Entries of a plan's YAML that say what to ask, and the cells of their runs."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from igaku.engines.spec import EngineSpec
from igaku.errors import IgakuError
from igaku.io.hashing import digest, file_sha256
from igaku.runs.plan import blocks_of
from igaku.runs.requests import Block, examples_of, n_shots, shots_of
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


class Contents(Struct):
    """Hashes of what is asked, as inputs of a step: a changed file, class, prompt or example changes them."""

    questions: dict[str, str]
    """Of each benchmark and language."""
    prompts: dict[str, list[str]]
    """Of each name the templates of that name, with the examples before the question."""


def contents_of(tasks: Sequence[TaskSpec]) -> Contents:
    """What tasks ask, read from its files.

    Raises:
        IgakuError: a question, a prompt or an example is not there, or does not fit.
    """
    blocks = [(task, b) for task in tasks for b in blocks_of(task.bench, task)]
    each = {(b.bench.label, b.lang): b.questions for _, b in blocks}
    prompts = {(b.prompt.name, _text_of(b, task)) for task, b in blocks}
    return Contents(
        questions={f"{bench} {lang}": digest(msgspec.json.encode(found)) for (bench, lang), found in each.items()},
        prompts={name: sorted(text for n, text in prompts if n == name) for name, _ in sorted(prompts)},
    )


def _text_of(block: Block, task: TaskSpec) -> str:
    """A hash of a template, and of the examples that it shows."""
    shots = shots_of(block, examples_of(block.prompt, task), n_shots(block.prompt, task))
    return digest(msgspec.json.encode([block.prompt.hash, shots])) if shots else block.prompt.hash


def weights_of(spec: EngineSpec) -> dict[str, str]:
    """File -> SHA-256 of local weights and of a local adapter; a hub id or a served name has none."""
    files = [f for path in (spec.model, spec.adapter) if path for f in _weight_files(Path(path))]
    return {f.name: file_sha256(f) for f in files}


def _weight_files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    return sorted(f for f in path.iterdir() if f.suffix in (".safetensors", ".gguf")) if path.is_dir() else []


def is_answered(run: Run) -> bool:
    """Whether every request of a run has its reply, and none is an engine's error."""
    keys = {key for task in run.manifest.tasks for key in task.reply_keys()}
    return all(key in run.replies and run.replies[key].answer.finish != "error" for key in keys)
