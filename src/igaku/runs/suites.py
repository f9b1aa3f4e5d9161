"""Suites: what is asked, in which ways, as one named, versioned and hashed bundle, so that scores can be compared.

igaku's own are YAML files in ``benchmarks/suites/``; one's own is a file of the same form::

    version: 1
    title: our cardiology questions
    tasks:                                       # each has the fields of TaskSpec, the flags of ``igaku eval``
      - {bench: ours.jsonl, prompt: [standard, closing], order: [original, shuffle], method: letter}

Files that it names (``.jsonl``, ``.csv``, ``.py``, ``.jinja``) stand beside it, or in the working folder.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, NamedTuple

from msgspec import Meta, Struct

from igaku import configs
from igaku.benchmarks import load_benchmark
from igaku.benchmarks.base import Benchmark
from igaku.errors import IgakuError
from igaku.io.paths import find_data
from igaku.runs.manifest import SuiteRef
from igaku.runs.plan import Part, blocks_of
from igaku.runs.requests import n_shots
from igaku.runs.specs import TaskSpec, names, task_spec
from igaku.runs.suite_hash import content_hash

PACKAGE, FOLDER = "igaku.benchmarks", "suites"
FILES = (".jsonl", ".csv", ".py", ".jinja")
Name = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}\Z")]


class _File(Struct, kw_only=True, forbid_unknown_fields=True):
    """A suite's YAML file."""

    version: Annotated[int, Meta(ge=0)] | Name
    title: str
    title_ja: str = ""
    tasks: Annotated[list[dict[str, object]], Meta(min_length=1)]


class Suite(NamedTuple):
    """A suite as it is written."""

    name: str
    version: str
    title: str
    title_ja: str
    tasks: list[TaskSpec]

    @property
    def label(self) -> str:
        """``quick 1``."""
        return f"{self.name} {self.version}"


def suite_names() -> list[str]:
    """Names of igaku's own suites."""
    return configs.builtin_names(PACKAGE, FOLDER)


def read_suite(name: str | Path) -> Suite:
    """A suite by name, or from a YAML file; no question is read.

    Raises:
        IgakuError: no such suite, or the file is none; the line says why. A file of one's own may not have the name of
            one of igaku's.
    """
    name, own = str(name), str(name).endswith(configs.YAML_SUFFIXES)
    file = configs.load("suite", name, _File, PACKAGE, FOLDER)
    stem = Path(name).stem if own else name
    if own and stem in suite_names():
        raise IgakuError(f"{name}: {stem!r} is the name of a suite of igaku's; give your file another name")
    tasks = [_task(f"suite {name}, task {n}", entry, Path(name).parent) for n, entry in enumerate(file.tasks, 1)]
    return Suite(stem, str(file.version), file.title, file.title_ja, tasks)


def _task(where: str, entry: Mapping[str, object], folder: Path) -> TaskSpec:
    """One entry, the files that it names found beside the suite's."""
    try:
        given = {k: _beside(v, folder) for k, v in entry.items()}
        task = task_spec(**given)
    except IgakuError as error:
        raise IgakuError(f"{where}: {error}") from None
    if not task.bench:
        raise IgakuError(f"{where}: bench is missing; write bench: NAME")
    return task


def _beside(value: object, folder: Path) -> object:
    """A file's name as a path from here where the file stands in ``folder``; everything else as it is."""
    if isinstance(value, list):
        return [_beside(v, folder) for v in value]
    if not isinstance(value, str) or Path(value.split(":")[0]).suffix not in FILES:
        return value
    return str(folder / value) if (folder / value.split(":")[0]).is_file() else value


def suite_parts(suite: Suite) -> list[Part]:
    """The blocks of each task, with their questions.

    Raises:
        IgakuError: data are missing here, in one line for all benchmarks, with how to get them; or a task does not fit.
    """
    try:
        if lacking := list(dict.fromkeys(name for task in suite.tasks for name in _lacking(task))):
            raise IgakuError(
                f"no data here of {', '.join(lacking)}; get them with: igaku data get {' '.join(lacking)} "
                "(or set IGAKU_DATA to a folder that holds them); nothing was asked"
            )
        parts = [(task, blocks_of(task.bench, task)) for task in suite.tasks]
    except IgakuError as error:
        raise IgakuError(f"suite {suite.label}: {error}") from None
    _refuse_doubles(suite, parts)
    return parts


def _refuse_doubles(suite: Suite, parts: Sequence[Part]) -> None:
    seen = set()
    for task, blocks in parts:
        for b in blocks:
            block = (b.bench.label, b.lang, b.prompt.name, b.order, n_shots(b.prompt, task), task.question_format)
            if block in seen:
                raise IgakuError(
                    f"suite {suite.label}: {b.bench.label} ({b.lang}) is asked twice with prompt {b.prompt.name}, "
                    f"order {b.order}; leave out one of the two"
                )
            seen.add(block)


def _lacking(task: TaskSpec) -> list[str]:
    """Names of a task's benchmarks that cannot be read for want of their files."""
    return [name for name in names(task.bench) if absent_files(name, task) and not _loads(name, task)]


def absent_files(name: str, task: TaskSpec) -> list[str]:
    """Files of a benchmark's languages that are not on this machine."""
    bench = load_benchmark(name)
    files = dict.fromkeys(f for lang in _languages(bench, task) for f in bench.files(lang))
    return [f for f in files if not Path(f).is_absolute() and not Path(f).exists() and find_data(f) is None]


def _loads(name: str, task: TaskSpec) -> bool:
    """Whether the questions can be read: pictures are not needed for that."""
    bench = load_benchmark(name)
    try:
        return all(bench.load(lang) for lang in _languages(bench, task))
    except IgakuError:
        return False


def _languages(bench: Benchmark, task: TaskSpec) -> list[str]:
    return [lang for lang in task.lang or bench.languages if lang in bench.languages]


def suite_ref(suite: Suite, parts: Sequence[Part]) -> SuiteRef:
    """The suite as a run names it: name, version and the hash over what was asked."""
    return SuiteRef(name=suite.name, version=suite.version, content=content_hash(parts))


def suite_notes(suite: Suite) -> list[str]:
    """Pictures that are missing here: with them, the suite's hash is another."""
    notes = []
    for task in suite.tasks:
        for name in task.bench:
            if absent := absent_files(name, task):
                notes.append(
                    f"{name}: {len(absent):,} of its files are not here ({absent[0]}), so the suite's hash is not that "
                    f"of a whole copy: igaku data get {name}"
                )
    return list(dict.fromkeys(notes))
