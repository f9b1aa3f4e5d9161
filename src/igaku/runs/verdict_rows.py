"""A run's verdicts as compact rows: which question, which reply, which of the few different verdicts.

Replies are read and graded question by question, and dropped; a verdict is held once, however many replies have it. A
million verdicts take twelve megabytes so, and are written to a file as they are (``igaku.runs.grade_cache``).
"""

from array import array
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from msgspec import Struct

from igaku.grading import METHODS, Graded, Job, Method
from igaku.grading.grader import grade_stream
from igaku.grading.rubric import to_judge
from igaku.question import Question, Reply, Verdict
from igaku.runs.checked import fitting
from igaku.runs.gradable import Gradable
from igaku.runs.manifest import TaskRun
from igaku.statistics.tally import CellKey

UNIT = 500
"""Replies that are graded at one time; all of one question are in one unit, so that its words are compiled once."""


class BlockRows(Struct, array_like=True):
    """The verdicts of one block by one method, in the order of the block's questions."""

    task: int
    """Which block of the manifest."""
    judge: int
    """Which of the run's judges; -1 where none is needed."""
    method: str
    questions: bytes = b""
    """Unsigned integers of four bytes, one a verdict: which of the block's questions,"""
    replies: bytes = b""
    """which of the question's replies (0: none was needed, 1 the first),"""
    verdicts: bytes = b""
    """and which verdict."""
    late: list[int] = []
    """Questions that still wait for a reply."""


class VerdictRows(Struct, array_like=True):
    """All verdicts of a run by some methods."""

    verdicts: list[Verdict]
    """The different ones."""
    blocks: list[BlockRows]


class _Position(NamedTuple):
    """Where a job's verdict belongs."""

    block: int
    question: int
    reply: int


class _Block(NamedTuple):
    """What is graded together: a block, one method, one judge."""

    number: int
    task: TaskRun
    judge: int
    method: str
    load: Callable[[str], Reply | None]


def graded_rows(run: Gradable, methods: Sequence[tuple[int, str, int]], workers: int = 0) -> VerdictRows:
    """Grade a run.

    Args:
        run: the run.
        methods: number of a block, method, number of a judge (-1: none).
        workers: processes; 0 takes all cores where there are many replies.
    """
    tasks = run.manifest.tasks
    blocks = [_Block(k, tasks[k], judge, name, run.loader(tasks[k], judge)) for k, name, judge in methods]
    collected = [_Collected() for _ in blocks]
    known: dict[object, int] = {}
    verdicts: list[Verdict] = []
    total = sum(len(b.task.replies) + sum(map(len, b.task.samples.values())) for b in blocks)
    for positions, found in grade_stream(_units(run, blocks, collected), total, workers):
        for position, verdict in zip(positions, found):
            name = _name(verdict)
            if name not in known:
                known[name] = len(verdicts)
                verdicts.append(verdict)
            collected[position.block].add(position, known[name])
    return VerdictRows(verdicts, [mine.rows(block) for mine, block in zip(collected, blocks)])


def _name(v: Verdict) -> object:
    return v.outcome, v.score, v.read, v.rule, v.share, tuple(v.parts.items())


class _Collected:
    """The rows of one block as they come."""

    def __init__(self) -> None:
        self.questions, self.replies, self.verdicts = array("I"), array("I"), array("I")
        self.late: list[int] = []

    def add(self, at: _Position, verdict: int) -> None:
        """One more verdict."""
        self.questions.append(at.question)
        self.replies.append(at.reply)
        self.verdicts.append(verdict)

    def rows(self, block: _Block) -> BlockRows:
        """All of them in the order of the block's questions, a question's samples in theirs."""
        order = sorted(range(len(self.questions)), key=self.questions.__getitem__)
        columns = [array("I", (c[i] for i in order)).tobytes() for c in (self.questions, self.replies, self.verdicts)]
        return BlockRows(block.number, block.judge, block.method, columns[0], columns[1], columns[2], sorted(self.late))


def _units(
    run: Gradable, blocks: Sequence[_Block], collected: Sequence[_Collected]
) -> Iterator[tuple[list[_Position], list[Job]]]:
    """Jobs question by question over all blocks of one benchmark and language."""
    groups: dict[tuple[str, str], list[int]] = {}
    for k, block in enumerate(blocks):
        groups.setdefault((block.task.bench, block.task.lang), []).append(k)
    positions: list[_Position] = []
    jobs: list[Job] = []
    for mine in groups.values():
        order = [{name: i for i, name in enumerate(blocks[k].task.replies)} for k in mine]
        for name in dict.fromkeys(name for known in order for name in known):
            for k, known in zip(mine, order):
                if name in known and not _question(run, blocks[k], name, (k, known[name]), positions, jobs):
                    collected[k].late.append(known[name])
            if len(jobs) >= UNIT:
                yield positions, jobs
                positions, jobs = [], []
    yield positions, jobs


def _question(
    run: Gradable, block: _Block, name: str, at: tuple[int, int], positions: list[_Position], jobs: list[Job]
) -> bool:
    """Add what one method can grade of a question; False where it waits for its reply, or for one of its samples."""
    task, method = block.task, METHODS[block.method]
    question = run.questions[task.bench, task.lang, name]
    keys = (*task.replies[name].values(), *task.samples.get(name, ()))
    mine = [(i, r) for i, key in enumerate(keys, 1) if (r := block.load(key)) is not None and r.kind == method.kind]
    if _waits(task, method, question, [r for _, r in mine]):
        return False
    for _, reply in mine:
        fitting(reply, question, run.path)
    positions += [_Position(*at, i) for i, _ in mine] or [_Position(*at, 0)]
    jobs += [(question, r, block.method) for _, r in mine] or [(question, None, block.method)]
    return True


def _waits(task: TaskRun, method: Method, question: Question, mine: Sequence[Reply]) -> bool:
    unjudged = method.needs_votes and any(to_judge(r) and not r.votes for r in mine)
    waits = unjudged or len(mine) < task.wanted(question.id, method.kind)
    return waits and method.applies(question) and question.void in ("", "unless-right")


def expanded(
    run: Gradable, verdicts: Sequence[Verdict], rows: BlockRows
) -> tuple[CellKey, list[Graded], list[Question]]:
    """Where a block's verdicts are counted, the verdicts, and the questions that still wait for a reply."""
    task = run.manifest.tasks[rows.task]
    label = f"{rows.method} by {run.judge_name(run.manifest.judges[rows.judge])}" if rows.judge >= 0 else rows.method
    names, load = list(task.replies), run.loader(task, rows.judge)
    questions = [run.questions[task.bench, task.lang, name] for name in names]
    columns = zip(*(memoryview(c).cast("I") for c in (rows.questions, rows.replies, rows.verdicts)))
    graded = [
        Graded(questions[q], _key(task, names[q], r) if r else None, rows.method, verdicts[v], load)
        for q, r, v in columns
    ]
    return task.cell_key(label), graded, [questions[q] for q in rows.late]


def _key(task: TaskRun, name: str, reply: int) -> str:
    """The key of a question's first reply (1), its second …"""
    own = tuple(task.replies[name].values())
    return own[reply - 1] if reply <= len(own) else task.samples[name][reply - 1 - len(own)]
