"""A run: a folder that holds everything needed to check its numbers, and to continue or re-grade it.

``run.json`` says what was asked of whom, ``questions.jsonl`` and ``prompts.jsonl`` keep the questions and the
rendered prompts as they were, ``replies.jsonl`` is the journal, ``sessions.jsonl`` how long each session took.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from igaku.errors import IgakuError, UnknownNameError
from igaku.grading import METHODS, VERSION, Graded, Job, grade_all, methods_for
from igaku.grading.rubric import to_judge
from igaku.io.files import write_json, write_whole
from igaku.io.json_values import decode_lines
from igaku.plugins import is_name
from igaku.question import Question, Reply
from igaku.runs.bench_facts import version_notes
from igaku.runs.checked import check_tasks, fitting, read_questions
from igaku.runs.journal import read_replies
from igaku.runs.manifest import JudgeVotes, Manifest, StoredPrompt, StoredQuestion, TaskRun, read_manifest
from igaku.runs.results import SuiteScore, error_notes, results_table, suite_notes
from igaku.runs.samples import by_question
from igaku.statistics import Cell, baselines, cells, totals
from igaku.statistics.baselines import Baseline
from igaku.statistics.tally import CellKey
from igaku.tables import Table, View, text_of

T = TypeVar("T")


class Run(View):
    """A run folder, open for reading.

    ``run.cells`` are its results as data, ``run.show()`` as a table, ``run.grade([...])`` grades by other methods.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @cached_property
    def manifest(self) -> Manifest:
        """What was asked of whom."""
        manifest = read_manifest(self.path)
        check_tasks(manifest.tasks, self.path / "run.json")
        return manifest

    @cached_property
    def questions(self) -> dict[tuple[str, str, str], Question]:
        """Questions by (bench, lang, id), as they were when asked.

        Raises:
            IgakuError: damaged, a question in it cannot be graded, or one that ``run.json`` names is missing.
        """
        return read_questions(self.path / "questions.jsonl", self.manifest.tasks)

    @cached_property
    def replies(self) -> dict[str, Reply]:
        """Replies by key, in the order they came; of two with one key (a retried error) the last counts."""
        path = self.path / "replies.jsonl"
        return {r.key: r for r in read_replies(path)} if path.exists() else {}

    @cached_property
    def prompts(self) -> dict[str, str]:
        """Rendered prompts by their hash."""
        return {p.hash: p.prompt for p in _read_lines(self.path / "prompts.jsonl", StoredPrompt)}

    def pairs(self, task: TaskRun, judge_votes: JudgeVotes | None = None) -> Iterator[tuple[Question, list[Reply]]]:
        """Each question of a block with its replies, found by key (one a kind of request, then further samples), with
        a judge's votes."""
        for name, keys in task.replies.items():
            question = self.questions[task.bench, task.lang, name]
            wanted = (*keys.values(), *task.samples.get(name, ()))
            replies = [fitting(self.replies[k], question, self.path) for k in wanted if k in self.replies]
            if task.penalty is not None:
                replies = [replace(r, penalty=task.penalty) for r in replies]
            yield question, [self.with_votes(r, judge_votes) for r in replies] if judge_votes else replies

    def with_votes(self, reply: Reply, judge_votes: JudgeVotes) -> Reply:
        """The reply with one judge's votes, if all that were asked for have come."""
        keys = judge_votes.votes.get(reply.key, [])
        votes = tuple(self.replies[k] for k in keys if k in self.replies)
        return replace(reply, votes=votes) if len(votes) == len(keys) else reply

    def grade(
        self, methods: str | Iterable[str] | None = None, *, as_published: bool = False
    ) -> list[tuple[CellKey, Graded]]:
        """Verdicts by the methods the run was made for, or by others that its replies allow; one a question, whatever
        samples it has (``igaku.runs.samples``). No model is called."""
        return self.graded(methods, as_published=as_published)[0]

    def results(self, methods: str | Iterable[str] | None = None, *, as_published: bool = False) -> list[Cell]:
        """Cells by the given methods."""
        return cells(*self.graded(methods, as_published=as_published))

    @cached_property
    def cells(self) -> list[Cell]:
        """Cells by the methods the run was made for."""
        return self.results()

    @cached_property
    def suite(self) -> SuiteScore | None:
        """The suite that its scores are of; None where it was asked as none."""
        ref = self.manifest.suite
        if ref is None:
            return None
        keys = [key for task in self.manifest.tasks for key in task.reply_keys()]
        missing = sum(key not in self.replies for key in keys)
        return {
            "name": ref.name,
            "version": ref.version,
            "hash": ref.hash,
            "grading": VERSION,
            "requests": len(keys),
            "missing": missing,
        }

    @property
    def own_methods(self) -> set[str]:
        """The methods that it was asked for."""
        return {m for task in self.manifest.tasks for m in task.methods}

    @property
    def baselines(self) -> list[Baseline]:
        """Chance, first choice and people, for each benchmark and language, over questions asked with their choices."""
        questions: dict[tuple[str, str], dict[str, Question]] = {}
        for task in (t for t in self.manifest.tasks if t.question_format == "choices"):
            mine = questions.setdefault((task.bench, task.lang), {})
            mine |= {i: self.questions[task.bench, task.lang, i] for i in task.replies}
        return [b for (bench, lang), qs in questions.items() for b in baselines(bench, lang, list(qs.values()))]

    def tables(self) -> list[Table]:
        """The results by the methods the run was made for."""
        return [self.table()]

    def notes(self) -> list[str]:
        """What was noticed when the model was loaded."""
        return self.manifest.notes

    def table(self, cells: Sequence[Cell] | None = None) -> Table:
        """Cells (its own, if not given) as a table, with the baselines below."""
        table = results_table(self.cells if cells is None else cells, self.baselines, self.images)
        table.notes += [
            *version_notes(self.manifest.benchmarks, (t.bench for t in self.manifest.tasks)),
            *error_notes(self.replies.values()),
            *suite_notes(self.suite, self.own_methods, self.cells if cells is None else cells),
        ]
        return table

    def shown(self, task: TaskRun) -> frozenset[str]:
        """The questions of a block whose images were sent: of imported replies all that need one, as their files say,
        whatever is on this machine; else those whose images were on the machine that asked."""
        questions = (self.questions[task.bench, task.lang, i] for i in task.replies) if task.images else ()
        imported = self.manifest.identity is None
        return frozenset(q.id for q in questions if q.images or (imported and not q.text_only))

    @property
    def images(self) -> dict[tuple[str, str, str, str], str]:
        """Model, benchmark, language and prompt of blocks whose images were sent -> ``shown``, or ``37 of 103 shown``
        where only some of those that need one were."""
        return {(t.model, t.bench, t.lang, t.prompt): self._shown_text(t) for t in self.manifest.tasks if t.images}

    def _shown_text(self, task: TaskRun) -> str:
        needing = {i for i in task.replies if not self.questions[task.bench, task.lang, i].text_only}
        sent = len(needing & self.shown(task))
        return "shown" if sent == len(needing) else f"{sent} of {len(needing)} shown"

    def show(self, method: str | Iterable[str] | None = None) -> str:
        """The results as a text table."""
        return text_of(self.table(self.results(method) if method else None))

    def as_data(self, rows: Sequence[Cell] | None = None) -> dict[str, object]:
        """Everything ``igaku show --json`` prints."""
        rows = self.cells if rows is None else rows
        manifest = self.manifest
        return {
            "run": str(self.path),
            "igaku": manifest.igaku,
            "grading": VERSION,
            "identity": msgspec.to_builtins(manifest.identity),
            "notes": manifest.notes,
            **({"suite": self.suite} if self.suite else {}),
            "cells": [c.as_data() for c in rows],
            "totals": [c.as_data() for c in totals(rows)],
            "baselines": msgspec.to_builtins(self.baselines),
        }

    def write_verdicts(self, graded: Iterable[tuple[CellKey, Graded]]) -> Path:
        """Write verdicts to ``verdicts.jsonl``, one a line, for other tools to read."""
        lines = [
            json.dumps(
                {
                    **msgspec.to_builtins(cell_key),
                    "id": g.question.id,
                    "key": g.reply.key if g.reply else "",
                    "grading": VERSION,
                    **msgspec.to_builtins(g.verdict),
                },
                ensure_ascii=False,
            )
            for cell_key, g in graded
        ]
        return write_whole(self.path / "verdicts.jsonl", "".join(f"{line}\n" for line in lines))

    @property
    def has_samples(self) -> bool:
        """Whether some question was asked for several written replies."""
        return any(task.samples for task in self.manifest.tasks)

    def graded(
        self, methods: str | Iterable[str] | None = None, *, as_published: bool = False, each_sample: bool = False
    ) -> tuple[list[tuple[CellKey, Graded]], Counter[tuple[CellKey, bool]]]:
        """Verdicts as ``grade`` gives them, and how many questions of each cell still wait for a reply.

        Args:
            each_sample: one verdict a sample, in their order, instead of one a question.
        """
        waiting: Counter[tuple[CellKey, bool]] = Counter()
        cell_keys: list[CellKey] = []
        jobs: list[Job] = []
        for task, name, judge_votes in self._wanted(methods, as_published):
            label = f"{name} by {self.judge_name(judge_votes)}" if judge_votes else name
            cell_key, mine, late = task.cell_key(label), *_matched(task, self.pairs(task, judge_votes), name)
            answered = any(r is not None for _, r, _ in mine)
            if answered or (late and name in task.methods):
                waiting.update((cell_key, q.text_only) for q in late)
                cell_keys += [cell_key] * len(mine)
                jobs += mine
        if methods and not waiting and not any(r is not None for _, r, _ in jobs):
            known = ", ".join(dict.fromkeys(m for a in self.manifest.tasks for m in a.methods))
            raise IgakuError(f"{self.path}: no replies that these methods can grade; this run was made for: {known}")
        graded = [(p, Graded(*job, v)) for p, job, v in zip(cell_keys, jobs, grade_all(jobs))]
        return (graded if each_sample or not self.has_samples else by_question(graded)), waiting

    def judge_name(self, judge_votes: JudgeVotes) -> str:
        """The judge's model; with its prompt and weights where two judges would have one name."""
        alike = sum(j.judge.model == judge_votes.judge.model for j in self.manifest.judges)
        judge = judge_votes.judge
        which = f" ({judge_votes.prompt}, {judge.weights[:8] or judge.engine})" if alike > 1 else ""
        return judge.model + which

    def _methods(self, wanted: str | Iterable[str], as_published: bool, own: bool) -> list[str]:
        """Names checked; a run's own method that is not known here is said to be the run's, and is never a file or a
        module that the folder names: whoever reads a run does not run its code."""
        listed = [wanted] if isinstance(wanted, str) else list(wanted)
        if own and (code := next((name for name in listed if not is_name(name)), "")):
            raise IgakuError(f"{self.path}: run.json names the code {code!r} as a method; give it with --method")
        try:
            return methods_for(listed, as_published)
        except UnknownNameError as error:
            if not own:
                raise
            hint = "give --method with the file or module that it was asked with, or another method"
            raise IgakuError(f"{self.path}: was asked for a method that is not igaku's ({error}); {hint}") from None

    def _wanted(
        self, methods: str | Iterable[str] | None, as_published: bool
    ) -> Iterator[tuple[TaskRun, str, JudgeVotes | None]]:
        """Each block by each method; by a method that reads votes, once for each judge."""
        for task in self.manifest.tasks:
            for name in self._methods(methods or task.methods, as_published, methods is None or not methods):
                judges: Sequence[JudgeVotes | None] = self.manifest.judges if METHODS[name].needs_votes else ()
                for judge_votes in judges or [None]:
                    yield task, name, judge_votes


def _matched(
    task: TaskRun, everything: Iterable[tuple[Question, list[Reply]]], name: str
) -> tuple[list[Job], list[Question]]:
    """What one method can grade now, and the questions that still wait for their reply, or for one of their samples."""
    method = METHODS[name]
    jobs: list[Job] = []
    late: list[Question] = []
    for q, replies in everything:
        mine = [r for r in replies if r.kind == method.kind]
        unjudged = method.needs_votes and any(to_judge(r) and not r.votes for r in mine)
        waits = unjudged or len(mine) < task.wanted(q.id, method.kind)
        if waits and method.applies(q) and q.void in ("", "unless-right"):
            late.append(q)
        else:
            jobs += [(q, r, name) for r in mine or (None,)]
    return jobs, late


def open_run(path: Run | str | Path) -> Run:
    """Open a run folder; a run that is open already is given back as it is.

    Raises:
        IgakuError: there is no run in it, or it was written by a newer igaku.
    """
    if isinstance(path, Run):
        return path
    run = Run(Path(path))
    _ = run.manifest
    return run


def open_runs(*runs: Run | str | Path | Sequence[Run | str | Path]) -> list[Run]:
    """Run folders, given one by one or as a list; errors as of ``open_run``."""
    flat = [one for given in runs for one in ([given] if isinstance(given, Run | str | Path) else given)]
    return [open_run(one) for one in flat]


def save(path: Path, manifest: Manifest, questions: Iterable[StoredQuestion], prompts: dict[str, str]) -> None:
    """Write a run's manifest, and its questions and prompts together with those already there."""
    stored = {
        (k.bench, k.question.lang, k.question.id): k
        for k in [*_read_lines(path / "questions.jsonl", StoredQuestion), *questions]
    }
    texts = {p.hash: p.prompt for p in _read_lines(path / "prompts.jsonl", StoredPrompt)} | prompts
    encode = msgspec.json.encode
    write_whole(path / "questions.jsonl", "".join(encode(k).decode() + "\n" for k in stored.values()))
    write_whole(
        path / "prompts.jsonl",
        "".join(json.dumps({"hash": h, "prompt": p}, ensure_ascii=False) + "\n" for h, p in texts.items()),
    )
    write_json(path / "run.json", manifest)


def _read_lines(path: Path, kind: type[T]) -> list[T]:
    return [value for _, value in decode_lines(path, kind, "a line of a run")] if path.exists() else []
