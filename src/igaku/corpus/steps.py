"""A step of a corpus: its settings are one typed struct, and every step is done the same way, once, in its own folder.

The struct is what a plan's YAML, the command line and Python hold. ``igaku.steps`` keeps the books: nothing is done
twice from the same inputs, and a step that was cut off goes on. The manifest that a step leaves is its product.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import ClassVar

import msgspec
from msgspec import Struct

from igaku.benchmarks.base import Benchmark
from igaku.corpus.documents import files_of, short_names
from igaku.corpus.manifest import Manifest, read_manifest
from igaku.corpus.progress import Say
from igaku.engines.base import Engine
from igaku.engines.spec import EngineSpec
from igaku.errors import IgakuError
from igaku.io.hashing import file_sha256
from igaku.io.paths import find_data
from igaku.steps import Steps

Workers = str | int
"""Processes on this machine, or ``ray``: the Ray cluster that is running, or a local one."""


class Step(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of one step."""

    name: ClassVar[str]

    def depends_on(self) -> dict[str, object]:
        """What else can change the result, beside the settings and the documents: hashes of files."""
        return {}

    def write(self, files: list[Path], out: Path, workers: Workers, engine: Engine | None, say: Say) -> Manifest:
        """Do the step in ``out``.

        Args:
            engine: one that is built already, instead of the one in the settings.
            say: called with a line of progress now and then.
        """
        raise NotImplementedError


def run_step(
    step: Step,
    inputs: Iterable[str | Path],
    out: str | Path,
    *,
    workers: Workers = 1,
    engine: Engine | None = None,
    say: Say = lambda _: None,
    redo: bool = False,
) -> Manifest:
    """Do a step, unless it was done in ``out`` from the same inputs and settings; its manifest.

    Raises:
        IgakuError: something cannot be read or written, or ``out`` holds the work of other inputs or settings.
    """
    files = files_of(Path(p) for p in inputs)
    settings = msgspec.to_builtins(step) | ({"engine": engine.identity} if engine else {})
    if isinstance(spec := getattr(step, "engine", None), EngineSpec) and not engine:
        settings["engine"] = decisive(spec)

    def write(folder: Path) -> Manifest:
        return step.write(files, folder, workers, engine, say)

    return once(step.name, settings | step.depends_on(), files, Path(out), write, say, redo)


def once(
    name: str,
    settings: dict[str, object],
    files: list[Path],
    out: Path,
    write: Callable[[Path], Manifest],
    say: Say = lambda _: None,
    redo: bool = False,
) -> Manifest:
    """A step's manifest, by ``write`` or as it was left; errors as of ``run_step``."""
    names = short_names(files)
    inputs = {"step": name, "settings": settings, "read": {names[f]: file_sha256(f) for f in files}}
    return Steps(out.parent, say, redo=redo).run(out.name, inputs, write, _written, what=name)


def _written(folder: Path) -> Manifest:
    found = read_manifest(folder)
    if found is None:
        raise IgakuError(f"{folder / 'manifest.json'}: not found; remove the folder, and give the same command again")
    return found


SPEED_AND_COST = (
    "threads",
    "batch_tokens",
    "tensor_parallel",
    "pipeline_parallel",
    "replicas",
    "concurrency",
    "prices",
    "max_cost",
)
"""Settings of an engine that change no answer."""


def decisive(spec: EngineSpec) -> EngineSpec:
    """A spec without what changes no answer: a step that stopped at ``max_cost`` goes on with a higher one."""
    defaults = EngineSpec(model=spec.model)
    return msgspec.structs.replace(spec, **{name: getattr(defaults, name) for name in SPEED_AND_COST})


def benchmark_files(bench: Benchmark) -> dict[str, str]:
    """File -> SHA-256 of a benchmark's questions on this machine; a file that is not found is left out."""
    found = {f: find_data(f) for lang in bench.languages for f in bench.question_files(lang)}
    here = {name: path for name, path in found.items() if path is not None}
    return {name: file_sha256(path) if path.is_file() else "folder" for name, path in here.items()}
