"""Imported replies into a run folder: what it holds already is neither blended nor graded by other keys in silence."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from igaku._version import __version__
from igaku.errors import IgakuError
from igaku.grading import METHODS as GRADERS
from igaku.question import Question, Reply
from igaku.runs.bench_facts import BenchFacts, joined_facts
from igaku.runs.importers.compared import Row
from igaku.runs.importers.match import Questions
from igaku.runs.importers.repeats import Repeats
from igaku.runs.journal import Journal
from igaku.runs.manifest import Manifest, StoredQuestion, TaskRun, read_manifest
from igaku.runs.origins import Origin
from igaku.runs.run_keys import changes_text, key_changes
from igaku.runs.seal import seal
from igaku.runs.store import Run, save

Block = tuple[str, str, str, str, str]
"""Model, benchmark, language, prompt and order: what a block of a run is."""


class Import(NamedTuple):
    """What is to be added to a run."""

    bench: str
    questions: Questions
    facts: BenchFacts
    aggregate: str
    """The benchmark's aggregator."""
    methods: list[str]
    counted: Sequence[Reply]
    further: Sequence[Reply]
    """Replies that the journal keeps and nobody grades."""
    shown: Collection[Row]
    """The rows whose questions' images were shown."""
    origins: Mapping[Row, Sequence[Origin]]
    prompts: dict[str, str]
    """Texts that models were sent, by their hash."""
    notes: Sequence[str]
    """Remarks, which stay in the run."""


def merge_into_run(out: Path, new: Import, repeats: Repeats, new_keys: bool) -> int:
    """Add replies to a run of imported ones, new or not; returns how many were not in it.

    Raises:
        IgakuError: the run holds replies of an engine, other replies to the same questions, or other keys.
    """
    manifest, run = Manifest(igaku=__version__), None
    if (out / "run.json").exists():
        manifest, run = read_manifest(out), Run(out)
    if manifest.identity is not None:
        raise IgakuError(f"{out}: this run holds replies of an engine; import into another --out")
    notes = [*new.notes, *(_changed_keys(run, new, new_keys) if run else [])]
    manifest.notes = list(dict.fromkeys([*manifest.notes, *notes]))
    manifest.tasks = _tasks(manifest.tasks, new, repeats, run)
    manifest.benchmarks = joined_facts(manifest.benchmarks, {new.bench: new.facts})
    with Journal(out / "replies.jsonl") as journal:
        save(out, manifest, [StoredQuestion(new.bench, q) for q in _ordered(new, run, new_keys)], new.prompts)
        before = journal.replies
        added = {r.key: r for r in (*new.counted, *new.further) if r.key not in before}
        for reply in added.values():
            journal.append(reply)
        seal(out)
    return len(added)


def _changed_keys(run: Run, new: Import, new_keys: bool) -> list[str]:
    """A note for keys that differ from the run's.

    Raises:
        IgakuError: they differ, and nobody said that the new ones shall count.
    """
    after = (StoredQuestion(new.bench, q) for by_id in new.questions.values() for q in by_id.values())
    changes = key_changes(run.questions, after)
    if not changes:
        return []
    what = f"{len(changes)} of {new.bench}'s keys have changed ({changes_text(changes)})"
    if not new_keys:
        remedy = "import into another --out, or give --new-keys to grade all of this run by the new ones"
        raise IgakuError(f"{run.path}: {what}; {remedy}")
    return [f"{what}; everything here is graded by the new ones"]


def _ordered(new: Import, run: Run | None, new_keys: bool) -> list[Question]:
    """The questions with a reply, in the exam's order; with new keys, also those that the run has."""
    wanted = {(r.lang, r.id) for r in new.counted}
    if run and new_keys:
        wanted |= {(lang, name) for bench, lang, name in run.questions if bench == new.bench}
    return [q for lang, by_id in new.questions.items() for name, q in by_id.items() if (lang, name) in wanted]


def _tasks(old: Sequence[TaskRun], new: Import, repeats: Repeats, run: Run | None) -> list[TaskRun]:
    """The blocks of a run with new replies in them, each with the methods that its kinds of reply allow."""
    tasks = {(t.model, t.bench, t.lang, t.prompt, t.order): t for t in old}
    if run:
        _refuse_others(tasks, new, repeats, run)
    for r in new.counted:
        task = tasks.setdefault(
            (r.model, new.bench, r.lang, r.prompt, r.order),
            TaskRun(
                model=r.model,
                bench=new.bench,
                lang=r.lang,
                prompt=r.prompt,
                order=r.order,
                aggregate=new.aggregate,
                methods=[],
                replies={},
            ),
        )
        _put(task, r, repeats)
    for row in new.origins:
        _describe(tasks[row[0], new.bench, *row[1:]], new, row)
    for task in tasks.values():
        kinds = {kind for keys in task.replies.values() for kind in keys}
        task.methods = [m for m in dict.fromkeys([*task.methods, *new.methods]) if GRADERS[m].kind in kinds]
        if task.bench == new.bench:
            order = new.questions[task.lang]
            task.replies = {name: task.replies[name] for name in (*order, *task.replies) if name in task.replies}
    return list(tasks.values())


def _put(task: TaskRun, r: Reply, repeats: Repeats) -> None:
    """A reply into its block: beside the others as a sample, or for them."""
    keys = task.replies.setdefault(r.id, {})
    if repeats in ("first", "samples"):
        keys.setdefault(r.kind, r.key)
    if repeats == "samples":
        further = task.samples.get(r.id, [])
        if r.key not in (keys[r.kind], *further):
            task.samples[r.id] = [*further, r.key]
    elif repeats != "first":
        if keys.get(r.kind) != r.key:
            task.samples.pop(r.id, None)
        keys[r.kind] = r.key


def _describe(task: TaskRun, new: Import, row: Row) -> None:
    """A block's files, and whether its images were shown: of all its parts, unless the new ones replace it whole."""
    files = {o.file for o in new.origins[row]}
    earlier = [o for o in task.origins if o.file not in files]
    task.origins = [*earlier, *new.origins[row]]
    task.images = row in new.shown and (task.images or not earlier)


def _refuse_others(tasks: Mapping[Block, TaskRun], new: Import, repeats: Repeats, run: Run) -> None:
    """Refuse replies to questions of a block that has other ones, unless it was said which count."""
    others: dict[Block, list[tuple[Reply, str]]] = defaultdict(list)
    for r in new.counted:
        block = (r.model, new.bench, r.lang, r.prompt, r.order)
        before = tasks[block].replies.get(r.id, {}).get(r.kind) if block in tasks else None
        if before is not None and before != r.key:
            others[block].append((r, before))
    if not others or repeats in ("first", "last", "samples"):
        return
    block, pairs = next(iter(others.items()))
    stored = [run.replies[key] for _, key in pairs if key in run.replies]
    same = sum(r.answer == s.answer for (r, _), s in zip(pairs, stored))
    files = ", ".join(dict.fromkeys(s.source.split(" sha256:")[0] for s in stored))
    held = f"holds other replies of {block[0]} to {len(pairs)} of these questions ({same} of them equal)"
    remedy = "choose with --repeats first (those there), last (these) or samples (both), or import into another --out"
    raise IgakuError(f"{run.path}: {held}, from {files or 'another file'}; {remedy}")
