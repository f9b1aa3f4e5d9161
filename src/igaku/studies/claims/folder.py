"""The folder itself: every line can be read, and everything that the manifest names is there, once.

A folder of somebody else's is hostile: what cannot be graded is named and left out, and no code that it names is run.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from msgspec.structs import replace

from igaku.benchmarks.checks import check as check_questions
from igaku.errors import IgakuError
from igaku.grading import METHODS
from igaku.plugins import is_name
from igaku.question import Question, Reply
from igaku.runs.checked import misfit
from igaku.runs.manifest import Manifest, StoredQuestion, TaskRun, read_manifest
from igaku.runs.seal import JOURNAL
from igaku.runs.store import Run
from igaku.statistics.aggregate import AGGREGATORS
from igaku.studies.claims.check import Tally
from igaku.studies.claims.files import decoded, lines, refuse_unfit

T = TypeVar("T")
K = TypeVar("K")
Prompts = dict[str, str]


class Folder:
    """A run as far as it can be read, with what was found on the way.

    Attributes:
        run: the run without what is damaged or missing; its prompts are by the hash that the file gives them.
        whole: the check of files and lines.
    """

    def __init__(self, path: Path) -> None:
        self.whole = Tally("files", "every line can be read, and every question and reply that run.json names is there")
        refuse_unfit(path)
        manifest = read_manifest(path)
        self.run = Run(path)
        stored = self._once("questions.jsonl", StoredQuestion, lambda k: (k.bench, k.question.lang, k.question.id))
        questions: dict[tuple[str, str, str], Question] = {}
        for key, k in stored.items():
            if self._can_be_graded(k, questions):
                questions[key] = k.question
        rendered = self._once("prompts.jsonl", Prompts, lambda p: p.get("hash", ""))
        if not (path / JOURNAL).exists():
            self.whole.fault(JOURNAL, "the file is missing")
        self.lines = [r for _, r in decoded(path / JOURNAL, Reply, self.whole)]
        self._doubles()
        replies = {r.key: replace(r, votes=()) for r in self.lines}
        prompts = {hash: p.get("prompt", "") for hash, p in rendered.items()}
        self.run.__dict__ |= {"questions": questions, "prompts": prompts, "replies": replies}
        self.run.__dict__["manifest"] = self._known(manifest)
        self._sessions()

    def _once(self, name: str, kind: type[T], key_of: Callable[[T], K]) -> dict[K, T]:
        """The lines of a file by what they are about; a second one about the same is a fault."""
        found: dict[K, T] = {}
        for where, one in decoded(self.run.path / name, kind, self.whole):
            key = key_of(one)
            if key in found:
                self.whole.fault(where, "a second line about the same", expected="one", got=key)
            found[key] = one
        return found

    def _can_be_graded(self, stored: StoredQuestion, earlier: Mapping[tuple[str, str, str], Question]) -> bool:
        q = stored.question
        before = earlier.get((stored.bench, q.lang, q.after)) if q.after else None
        try:
            check_questions([replace(before, after=""), q] if before else [q], stored.bench)
        except IgakuError as error:
            self.whole.fault(f"{stored.bench} {q.lang}", "a question that cannot be graded", question=q.id, got=error)
            return False
        return True

    def _doubles(self) -> None:
        """One key has one reply; only an engine's error is followed by another."""
        before: dict[str, Reply] = {}
        for r in self.lines:
            if r.votes:
                self.whole.fault(JOURNAL, "votes inside a reply", question=r.id, expected="lines of their own")
            if (old := before.get(r.key)) and old.answer.finish != "error":
                self.whole.fault(JOURNAL, "two replies with one key", question=r.id, expected="one", got=r.key)
            before[r.key] = r

    def _known(self, manifest: Manifest) -> Manifest:
        """The manifest without blocks, questions and methods that are not there or not known."""
        for judge in manifest.judges:
            for key in (k for keys in judge.votes.values() for k in keys):
                if key not in self.run.replies:
                    self.whole.fault(JOURNAL, f"a vote of {judge.judge.model} is missing", expected=key, got="no line")
        tasks = [self._task(t) for t in manifest.tasks if self._has_score(t)]
        return replace(manifest, tasks=tasks)

    def unnamed(self) -> list[str]:
        """What is in the folder and no part of the run, in words; no score counts it."""
        named = {key for t in self.run.manifest.tasks for key in t.reply_keys()}
        named |= {key for judge in self.run.manifest.judges for keys in judge.votes.values() for key in keys}
        wanted = {(t.bench, t.lang, name) for t in read_manifest(self.run.path).tasks for name in t.replies}
        counts = {"replies": len(self.run.replies.keys() - named), "questions": len(self.run.questions.keys() - wanted)}
        return [
            f"{n:,} {what} are in the folder that run.json does not name: no score counts them"
            for what, n in counts.items()
            if n
        ]

    def _has_score(self, task: TaskRun) -> bool:
        if task.aggregate in AGGREGATORS:
            return True
        where = f"{task.bench} {task.lang}"
        self.whole.fault(where, "an unknown score", expected=", ".join(AGGREGATORS), got=task.aggregate)
        return False

    def _task(self, task: TaskRun) -> TaskRun:
        where, present, further = f"{task.bench} {task.lang}", dict[str, dict[str, str]](), dict[str, list[str]]()
        for name, keys in task.replies.items():
            q = self.run.questions.get((task.bench, task.lang, name))
            if q is None:
                self.whole.fault(where, "the question is missing", question=name, expected="a line of questions.jsonl")
                continue
            present[name] = {kind: key for kind, key in keys.items() if self._answered(where, q, kind, key)}
            further[name] = [key for key in task.samples.get(name, ()) if self._answered(where, q, "text", key)]
        methods = [m for m in task.methods if is_name(m) and m in METHODS]
        samples = {name: keys for name, keys in further.items() if keys}
        return replace(task, replies=present, samples=samples, methods=methods)

    def _answered(self, where: str, q: Question, kind: str, key: str) -> bool:
        r = self.run.replies.get(key)
        if r is None:
            self.whole.fault(where, "the reply is missing", question=q.id, expected=key, got="no line of the journal")
            return False
        if fault := misfit(r, q):
            self.whole.fault(where, "the reply does not fit its question", question=q.id, got=fault)
            return False
        if r.kind != kind:
            self.whole.fault(where, "kind of the reply", question=q.id, expected=kind, got=r.kind)
            return False
        self.whole.held()
        return True

    def _sessions(self) -> None:
        """No fewer replies are there than the sessions wrote."""
        written = 0
        for where, line in lines(self.run.path / "sessions.jsonl", self.whole):
            try:
                count = json.loads(line).get("asked", 0)
            except (ValueError, AttributeError, RecursionError):
                self.whole.fault(where, "cannot be read")
                continue
            written += count if isinstance(count, int) else 0
        if written > len(self.lines):
            self.whole.fault(JOURNAL, "replies are missing", expected=f"{written:,} lines", got=f"{len(self.lines):,}")


def unknown_methods(run: Run) -> Counter[str]:
    """Methods that the folder names and igaku does not have, with their blocks."""
    given = read_manifest(run.path)
    return Counter(m for t in given.tasks for m in t.methods if not (is_name(m) and m in METHODS))
