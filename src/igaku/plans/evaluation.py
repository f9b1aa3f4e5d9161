"""An evaluation suite: several models, each asked the same tasks, and one board over all of them."""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import asdict

from igaku import configs
from igaku.corpus.steps import decisive
from igaku.engines.build import using_rows
from igaku.engines.spec import EngineSpec, as_spec
from igaku.errors import IgakuError
from igaku.io.files import write_json, write_whole
from igaku.io.locks import writes
from igaku.plans.tasks import Entry, contents_of, is_answered, read_tasks, weights_of
from igaku.runs.evaluate import evaluate_task
from igaku.runs.plan import blocks_of, needs_of
from igaku.runs.specs import TaskSpec
from igaku.runs.store import Run, open_run
from igaku.steps import Steps
from igaku.studies.boards import Standing
from igaku.studies.leaderboard import leaderboard
from igaku.tables import Kind, Table, Value, View, to_markdown

Say = Callable[[str], None]


class Suite(Struct, kw_only=True, forbid_unknown_fields=True):
    """A suite's YAML file."""

    models: list[dict[str, object] | str]
    """Each a model's name, or the fields of ``EngineSpec`` (``{model: NAME, base_url: ...}``), with a ``name`` for its
    run's folder where the one taken from the model does not do."""
    tasks: list[Entry]
    """Each the fields of ``TaskSpec``: ``{bench: mini, prompt: [standard, closing]}``."""
    about: str = ""


class SuiteBoard(View, Struct):
    """``board.json``: every model on every benchmark, the best first."""

    about: str
    standings: list[Standing]
    runs: list[str]
    """Run folders."""

    def tables(self) -> list[Table]:
        """Ranks, accuracy and its interval."""
        columns: dict[str, Kind] = {
            "benchmark": "text",
            "language": "text",
            "rank": "text",
            "model": "text",
            "questions": "count",
            "accuracy": "share",
            "95 % interval": "interval",
        }
        rows: list[list[Value]] = [
            [s.benchmark, s.language, s.rank, s.respondent, s.n, s.accuracy, s.ci95] for s in self.standings
        ]
        return [Table(name="board", columns=columns, rows=rows, title=self.about)]

    def notes(self) -> list[str]:
        """How ranks are to be read, and where the runs are."""
        where = f"runs: {', '.join(self.runs)}"
        if not self.standings:
            return ["no benchmark in these runs has an accuracy; igaku show prints their scores", where]
        return ["a rank is a range where the paired test does not show a difference (5 %, Holm)", where]


def read_suite(file: Path, changes: Sequence[str] = ()) -> Suite:
    """The suite in a YAML file.

    Raises:
        IgakuError: it is not a suite; the line says which field.
    """
    suite = configs.read("evaluation suite", file, Suite, changes)
    if not suite.models or not suite.tasks:
        raise IgakuError(f"evaluation suite {file}: give at least one model and one task")
    try:
        read_tasks(suite.tasks)
    except IgakuError as error:
        raise IgakuError(f"evaluation suite {file}: tasks, {error}") from None
    for n, entry in enumerate(suite.models, 1):
        _named(n, entry)
    return suite


@writes("out")
def run_suite(
    file: str | Path, out: str | Path, *, say: Say = lambda _: None, redo: bool = False, changes: Sequence[str] = ()
) -> Path:
    """Ask every model what is not answered yet, and write ``BOARD.md`` and ``board.json``; the board's page.

    A task or model that is added later is asked in the same folder; nothing is asked twice.

    Raises:
        IgakuError: as ``evaluate`` does; whatever was answered before is kept.
    """
    suite, out = read_suite(Path(file), changes), Path(out)
    tasks, models = read_tasks(suite.tasks), [_named(n, entry) for n, entry in enumerate(suite.models, 1)]
    names = [name for name, _ in models]
    if double := next((n for n in names if names.count(n) > 1), ""):
        raise IgakuError(f"{file}: two models have runs called {double!r}; give one a name: {{model: ..., name: NAME}}")
    steps = Steps(out, say, redo=redo)
    runs = [_ask(steps, name, spec, tasks) for name, spec in models]
    board = board_of(runs, suite.about)
    write_json(out / "board.json", board)
    say(f"board: {out / 'BOARD.md'}")
    return write_whole(out / "BOARD.md", to_markdown(board))


def _named(n: int, entry: Mapping[str, object] | str) -> tuple[str, EngineSpec]:
    """A model's run name and spec from its entry."""
    fields = {"model": entry} if isinstance(entry, str) else dict(entry)
    name = fields.pop("name", "")
    try:
        spec = as_spec(str(fields.pop("model", "")), **fields)
    except IgakuError as error:
        raise IgakuError(f"models, entry {n}: {error}") from None
    if not spec.model:
        raise IgakuError(f"models, entry {n}: model is missing; write model: NAME")
    if name and not re.fullmatch(r"\w[\w.+-]*", str(name)):
        raise IgakuError(f"models, entry {n}: name {name!r}; use letters, digits, '.', '+', '-' and '_'")
    return str(name) or run_name(spec), spec


def run_name(spec: EngineSpec) -> str:
    """A folder's name from a model and its adapter."""
    parts = [Path(p).name.removesuffix(".gguf") for p in (spec.model, spec.adapter) if p]
    return re.sub(r"[^\w.+-]+", "-", "+".join([*parts, *([spec.quantize] if spec.quantize else [])])).strip("-.")


def board_of(runs: Sequence[Run], about: str = "") -> SuiteBoard:
    """A board over runs; without standings where no benchmark has an accuracy."""
    try:
        standings = leaderboard(runs).standings
    except IgakuError:  # nothing in the runs has an accuracy: a rubric, a list of terms
        standings = []
    return SuiteBoard(about, standings, [str(run.path) for run in runs])


def _ask(steps: Steps, name: str, spec: EngineSpec, tasks: Sequence[TaskSpec]) -> Run:
    """One model's run; the model is loaded only where something may be missing."""
    contents = asdict(contents_of(tasks))
    inputs = {"model": decisive(spec), "tasks": tasks, **contents, "weights": weights_of(spec)}

    def do(folder: Path) -> Run:
        needs = frozenset(kind for t in tasks for kind in needs_of(blocks_of(t.bench, t)))
        with using_rows(spec, needs=needs) as engine:
            for task in tasks:
                steps.say(f"{name}: {', '.join(task.bench)}")
                evaluate_task(engine, task.bench, task, out=folder, retry_errors=True)
        return open_run(folder)

    return steps.run(name, msgspec.to_builtins(inputs), do, open_run, grows=True, is_done=is_answered)
