"""One suite of the field, from the user's download to a table: macro AUROC of our models beside those others report."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct

from igaku.cardiology import RESEARCH
from igaku.cardiology.ecg.config import Config, load_config
from igaku.cardiology.ecg.efficiency import fit_settings
from igaku.cardiology.ecg.fit_label import fit_init, measures_of
from igaku.cardiology.ecg.formats import parts_of_record
from igaku.cardiology.ecg.inits import INITS
from igaku.cardiology.ecg.measures import MetricRow
from igaku.cardiology.ecg.signal import Contract
from igaku.cardiology.ecg.store import Prepared, Store, prepare
from igaku.cardiology.ecg.suites import challenge, flags, ptb_xl
from igaku.cardiology.ecg.suites.published import reported
from igaku.cardiology.ecg.suites.task import Found, Task, varied, view, without_twins
from igaku.cardiology.ecg.tables import RecordRow
from igaku.errors import IgakuError, UnknownNameError
from igaku.io.files import write_whole
from igaku.io.hashing import files_sha256
from igaku.steps import Steps
from igaku.tables import Kind, Table, Value, View, to_markdown

Tasks = tuple[list[Task], list[str]]
"""Tasks of a suite, and notes about their labels."""


class Suite(NamedTuple):
    """A data set of the field as it is downloaded."""

    config: str
    """Built-in config whose signal contract fits the data set."""
    records: Callable[[Path, Contract], Found]
    tasks: Callable[[Path, Sequence[RecordRow]], Tasks]
    names: tuple[str, ...]
    """Of its tasks."""
    own_split: bool
    """Whether the published numbers are on the same test records."""
    from_table: bool = True
    """Whether a table has the labels, so that faults in it are found before anything is prepared."""


def _listed(tasks: Callable[[Path, Sequence[RecordRow]], list[Task]]) -> Callable[[Path, Sequence[RecordRow]], Tasks]:
    return lambda folder, rows: (tasks(folder, rows), [])


def _challenge(name: str) -> Suite:
    origin = challenge.ORIGINS[name]
    return Suite(
        "ptb-xl",
        lambda folder, _: challenge.records(origin, folder),
        lambda _, rows: challenge.tasks(rows),
        ("diagnoses",),
        own_split=False,
        from_table=False,
    )


SUITES = {
    "ptb-xl": Suite("ptb-xl", ptb_xl.records, _listed(ptb_xl.tasks), tuple(ptb_xl.TASKS), own_split=True),
    "echonext": Suite(
        "echonext", flags.echonext_records, _listed(flags.echonext_tasks), flags.ECHONEXT_TASKS, own_split=True
    ),
    "code-15": Suite("code-15", flags.code15_records, _listed(flags.code15_tasks), ("diagnoses",), own_split=False),
    **{name: _challenge(name) for name in challenge.ORIGINS},
}


class Score(Struct):
    """One model, ours or another's, on one task."""

    task: str
    model: str
    auroc: str
    """Macro AUROC with its 95 % interval."""
    labels: str
    """How many labels both classes of which are among the test records, of how many."""
    records: int | None
    """Test records; None of a reported number."""
    source: str
    """``measured``, or where it is reported."""


class Benchmark(View, Struct):
    """A suite's table."""

    suite: str
    scores: list[Score]
    remarks: list[str] = []

    def tables(self) -> list[Table]:
        """A row a model and task; reported ones below ours."""
        columns: dict[str, Kind] = dict.fromkeys(
            ("task", "model", "macro AUROC", "labels", "test records", "source"), "text"
        )
        rows: list[list[Value]] = [
            [s.task, s.model, s.auroc, s.labels, "" if s.records is None else f"{s.records:,}", s.source]
            for s in self.scores
        ]
        return [Table(name="benchmark", columns=columns, rows=rows, title=self.suite)]

    def notes(self) -> list[str]:
        """What was left out, and how the numbers compare."""
        return [*self.remarks, RESEARCH]


class _Work(NamedTuple):
    """What every step needs."""

    suite: str
    folder: Path
    config: Config
    steps: Steps
    encoder: Path | None


def benchmark(
    suite: str,
    folder: Path,
    out: Path,
    say: Callable[[str], None],
    *,
    tasks: Sequence[str] = (),
    inits: Sequence[str] = (),
    config: str = "",
    changes: Sequence[str] = (),
    encoder: Path | None = None,
    redo: bool = False,
) -> Benchmark:
    """Prepare a suite's records, fit a model a task and initialisation, measure them; ``out/report.md``.

    Steps that are done stay, one that was cut off goes on.

    Args:
        suite: a name of ``SUITES``.
        folder: the download, as it is.
        tasks: of the suite's; all if empty.
        inits: of ``INITS``; those that need no encoder, or with one all.
        config: another one than the suite's; its ``source`` is not used.
        encoder: a pre-trained encoder's folder.

    Raises:
        IgakuError: an unknown name, a folder in another layout, or an encoder that has seen test records.
    """
    if suite not in SUITES:
        raise UnknownNameError("suite", suite, SUITES)
    how = SUITES[suite]
    for name in tasks:
        if name not in how.names:
            raise UnknownNameError("task", name, how.names)
    settings = load_config(config or how.config, changes)
    chosen = _inits(inits, encoder)
    work = _Work(suite, folder, settings, Steps(out, say, redo=redo), encoder)
    found = how.records(folder, settings.contract)
    if how.from_table:
        how.tasks(folder, found.rows)
    store = _prepared(work, found)
    known, notes = how.tasks(folder, store.rows)
    if lost := len(found.rows) - len(store.rows):
        notes.append(f"{lost:,} of {len(found.rows):,} records could not be read (records/errors.json)")
    if twins := without_twins(store.rows):
        notes.append(f"{twins} training records recur in another part under another name, and teach nothing")
    scores = []
    for task in known:
        if task.name in tasks or not tasks:
            scores += _scored(work, store, task, chosen, notes)
    if not how.own_split:
        notes.append("others divide these records in their own way: their numbers are for orientation")
    result = Benchmark(suite, scores, [*found.notes, *notes])
    write_whole(out / "report.md", to_markdown(result))
    return result


def _inits(names: Sequence[str], encoder: Path | None) -> list[str]:
    if encoder and not encoder.is_dir():
        raise IgakuError(f"{encoder}: no folder of an encoder; a published one is fitted with igaku ecg finetune")
    for name in names:
        if name not in INITS:
            raise UnknownNameError("init", name, INITS)
        if INITS[name].pretrained and encoder is None:
            raise IgakuError(f"{name!r} needs --encoder, a pre-trained encoder's folder")
    return list(names) or [n for n, init in INITS.items() if encoder or not init.pretrained]


def _prepared(work: _Work, found: Found) -> Store:
    """Read the records and bring them into the contract's form."""
    signals = {f for row in found.rows for f in parts_of_record(row.path)}
    tables = files_sha256(sorted(work.folder.glob("*.csv")))
    inputs = {
        "suite": work.suite,
        "contract": work.config.contract,
        "tables": {Path(f).name: sha[:16] for f, sha in tables.items()},
        "signals": {str(f.relative_to(work.folder)): f.stat().st_size for f in sorted(signals)},
    }

    def do(folder: Path) -> Store:
        n, errors = prepare(found.rows, work.config.contract, folder)
        for line in errors[:5]:
            work.steps.say(f"  {line}")
        work.steps.say(f"  {n:,} records" + (f"; {len(errors):,} could not be read" if errors else ""))
        return Store(folder)

    return work.steps.run("records", inputs, do, Store, f"prepare {work.suite}: {len(found.rows):,} records")


def _scored(work: _Work, store: Store, task: Task, inits: Sequence[str], notes: list[str]) -> list[Score]:
    """Our models on one task, then what others report."""
    records = view(store, task)
    task, gone = varied(task, records.rows)
    if gone:
        notes.append(
            f"{task.name}: {len(gone)} labels that no record has, or all, are left out ({', '.join(gone[:3])})"
        )
    if not task.labels:
        raise IgakuError(
            f"{work.folder}: no record has a label of the task {task.name!r}, or all have; nothing to learn"
        )
    scores = []
    for init in inits:
        step = f"models/{task.name}/{init.replace(' ', '-')}"
        do = partial(_fitted, work, records, task, init)
        measured = work.steps.run(step, _inputs(work, task, init), do, _measured, f"fit {task.name}, {init}")
        scores.append(_score(task, init, measured))
    others = [
        Score(task.name, r.model, r.text, "", None, f"reported: {r.source}") for r in reported(work.suite, task.name)
    ]
    return scores + others


def _inputs(work: _Work, task: Task, init: str) -> dict[str, object]:
    seen = {"encoder": files_sha256(sorted(work.encoder.glob("*")))} if work.encoder and INITS[init].pretrained else {}
    return {
        "records": work.steps.fingerprints["records"],
        "labels": task.labels,
        "classes": dict(task.classes),
        "init": init,
        "config": fit_settings(work.config),
        **({"encoder": sorted(seen["encoder"].values())} if seen else {}),
    }


def _fitted(work: _Work, records: Prepared, task: Task, init: str, folder: Path) -> list[MetricRow]:
    return fit_init(records, work.config, ",".join(task.labels), folder, init, work.encoder or folder)


def _measured(folder: Path) -> list[MetricRow]:
    return measures_of(folder)[1]


def _score(task: Task, init: str, measured: Sequence[MetricRow]) -> Score:
    """The mean of labels; of one label, its own AUROC."""
    areas = [m for m in measured if m.measure == "AUROC" and m.group == "all"]
    if not areas:
        raise IgakuError(f"{task.name}: no label has both classes among the test records; nothing can be measured")
    return Score(
        task.name,
        init,
        areas[-1].text,
        f"{len({m.label for m in areas if m.label in task.labels})} of {len(task.labels)}",
        areas[-1].records,
        "measured",
    )
