"""The folder itself: every line can be read, everything that the manifest names is there, and nothing was changed since
igaku closed it.

A folder of somebody else's is hostile: what cannot be graded is named and left out, and no code that it names is run.
"""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from igaku.benchmarks.checks import check as check_questions
from igaku.errors import IgakuError
from igaku.grading import METHODS
from igaku.plugins import is_name
from igaku.question import Question, Reply
from igaku.runs.seal import JOURNAL, SEALED, file_hash, read_seal
from igaku.runs.store import Manifest, Run, StoredQuestion, TaskRun, read_manifest
from igaku.statistics.aggregate import AGGREGATORS
from igaku.studies.claims.check import Tally

T = TypeVar("T")
Prompts = dict[str, str]


class Folder:
    """A run as far as it can be read, with what was found on the way.

    Attributes:
        run: the run without what is damaged or missing; its prompts are by the hash that the file gives them.
        whole: the check of files and lines.
    """

    def __init__(self, path: Path) -> None:
        self.whole = Tally("files", "every line can be read, and every question and reply that run.json names is there")
        manifest = read_manifest(path)
        self.run = Run(path)
        questions = {
            (k.bench, k.question.lang, k.question.id): k.question
            for k in self._lines("questions.jsonl", StoredQuestion)
            if self._can_be_graded(k)
        }
        prompts = {p.get("hash", ""): p.get("prompt", "") for p in self._lines("prompts.jsonl", Prompts)}
        self.lines = list(self._lines(JOURNAL, Reply))
        self._doubles()
        replies = {r.key: replace(r, votes=()) for r in self.lines}
        self.run.__dict__ |= {"questions": questions, "prompts": prompts, "replies": replies}
        self.run.__dict__["manifest"] = self._known(manifest)
        self._sessions()

    def _lines(self, name: str, kind: type[T]) -> Iterator[T]:
        """The lines of a file that can be read; the others are faults."""
        path = self.run.path / name
        if not path.is_file():
            if name == JOURNAL:
                self.whole.fault(name, "the file is missing")
            return
        decoder = msgspec.json.Decoder(kind)
        lines = path.read_bytes().split(b"\n")
        for number, line in enumerate(lines, 1):
            if line and number == len(lines):
                self.whole.fault(f"{name}, line {number}", "cut off: the line has no end")
            elif line:
                try:
                    one = decoder.decode(line)
                except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError, RecursionError) as error:
                    self.whole.fault(f"{name}, line {number}", "cannot be read", got=error)
                else:
                    self.whole.held()
                    yield one

    def _can_be_graded(self, stored: StoredQuestion) -> bool:
        q = stored.question
        try:
            check_questions([q], stored.bench)
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

    def _has_score(self, task: TaskRun) -> bool:
        if task.aggregate in AGGREGATORS:
            return True
        where = f"{task.bench} {task.lang}"
        self.whole.fault(where, "an unknown score", expected=", ".join(AGGREGATORS), got=task.aggregate)
        return False

    def _task(self, task: TaskRun) -> TaskRun:
        where, present = f"{task.bench} {task.lang}", dict[str, dict[str, str]]()
        for name, keys in task.replies.items():
            q = self.run.questions.get((task.bench, task.lang, name))
            if q is None:
                self.whole.fault(where, "the question is missing", question=name, expected="a line of questions.jsonl")
                continue
            present[name] = {kind: key for kind, key in keys.items() if self._answered(where, q, kind, key)}
        methods = [m for m in task.methods if is_name(m) and m in METHODS]
        return replace(task, replies=present, methods=methods)

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
        path, written = self.run.path / "sessions.jsonl", 0
        if not path.is_file():
            return
        for line in path.read_bytes().split(b"\n"):
            try:
                count = json.loads(line).get("asked", 0) if line else 0
            except (ValueError, AttributeError, RecursionError):
                self.whole.fault(path.name, "a line cannot be read")
                continue
            written += count if isinstance(count, int) else 0
        if written > len(self.lines):
            self.whole.fault(JOURNAL, "replies are missing", expected=f"{written:,} lines", got=f"{len(self.lines):,}")


def misfit(reply: Reply, q: Question) -> str:
    """Why a reply cannot be one to this question; empty where it can."""
    n = len(q.choices)
    if reply.permutation and sorted(reply.permutation) != list(range(n)):
        return f"an order of {len(reply.permutation)} choices, the question has {n}"
    scored = reply.kind in ("letters", "likelihood") and reply.answer.finish == "stop"
    if scored and not len(reply.answer.logprobs) == (len(reply.answer.tokens) or n) == n:
        return f"{len(reply.answer.logprobs)} log-probabilities for {n} choices"
    return ""


def seal_check(folder: Path) -> Tally:
    """Whether the files are what they were when igaku closed them."""
    tally = Tally("seal", "no file was changed since igaku closed the run (no signature: docs/studies/verify.md)")
    seal = read_seal(folder)
    if seal is None:
        tally.skip("the folder has no seal: it was made by an igaku before seals, or the seal was removed")
        return tally
    for name in SEALED:
        path, was = folder / name, seal.files.get(name, "")
        tally.compare(name, "changed since it was sealed", was, file_hash(path) if path.is_file() else "")
    journal = folder / JOURNAL
    size = journal.stat().st_size if journal.is_file() else 0
    now = file_hash(journal, seal.journal_bytes) if seal.journal_bytes and size >= seal.journal_bytes else ""
    tally.compare(JOURNAL, f"the first {seal.journal_bytes:,} bytes, sealed", seal.journal, now)
    if size > seal.journal_bytes:
        tally.skip(f"{size - seal.journal_bytes:,} bytes of the journal came after the last seal")
    return tally


def unknown_methods(run: Run) -> Counter[str]:
    """Methods that the folder names and igaku does not have, with their blocks."""
    given = read_manifest(run.path)
    return Counter(m for t in given.tasks for m in t.methods if not (is_name(m) and m in METHODS))
