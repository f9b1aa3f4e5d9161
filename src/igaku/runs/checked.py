"""What a run's files must agree on before anything is counted from them: a run may be damaged, or edited by hand."""

import math
from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec.structs import replace

from igaku.benchmarks.checks import LANGUAGES
from igaku.errors import IgakuError, UnknownNameError
from igaku.io.json_values import decode_lines
from igaku.keys import LETTERS, Ordering
from igaku.prompts.formats import QUESTION_FORMATS
from igaku.question import Question, Reply
from igaku.runs.manifest import StoredQuestion, TaskRun
from igaku.statistics.aggregate import AGGREGATORS

Questions = dict[tuple[str, str, str], Question]
"""By benchmark, language and id."""
LARGEST = 1e-3
"""A log-probability is at most 0, but for rounding."""
RESTORE = "restore the file, or the run from a copy"


def check_tasks(tasks: Sequence[TaskRun], file: Path) -> None:
    """Pass where a run's blocks are different from each other and can be counted.

    Raises:
        IgakuError: a block is there twice, or counted in a way that is not known.
    """
    seen: set[bytes] = set()
    for n, task in enumerate(tasks, 1):
        where, block = f"{file}, block {n} ({task.bench}, {task.lang}, {task.prompt})", _block(task)
        if not task.model.strip():
            raise IgakuError(f"{where}: its model has no name; {RESTORE}")
        if task.aggregate not in AGGREGATORS:
            raise IgakuError(f"{where}: {UnknownNameError('aggregate', task.aggregate, AGGREGATORS)}")
        if task.question_format not in QUESTION_FORMATS:
            raise IgakuError(f"{where}: {UnknownNameError('form', task.question_format, QUESTION_FORMATS)}")
        if block in seen:
            raise IgakuError(f"{where}: a block like it stands before it; {RESTORE}")
        seen.add(block)


def _block(task: TaskRun) -> bytes:
    """What makes a block another than those beside it: everything but its replies."""
    return msgspec.json.encode(replace(task, replies={}, samples={}, origins=[], methods=[]))


def read_questions(file: Path, tasks: Sequence[TaskRun]) -> Questions:
    """The questions of a run, each one that can be graded, and all that its blocks name.

    Raises:
        IgakuError: a line is damaged or cannot be graded, or a question is missing; with file and place.
    """
    found: Questions = {}
    lines = decode_lines(file, StoredQuestion, "a stored question") if file.exists() else ()
    for number, stored in lines:
        if problem := _problem(stored.question):
            raise IgakuError(f"{file}, line {number}: question {stored.question.id}: {problem}; {RESTORE}")
        found[stored.bench, stored.question.lang, stored.question.id] = stored.question
    for task in tasks:
        if missing := [name for name in task.replies if (task.bench, task.lang, name) not in found]:
            names = f"{', '.join(missing[:3])}{' …' if len(missing) > 3 else ''}"
            what = f"no question {names} of {task.bench} in {task.lang!r}, which run.json names"
            raise IgakuError(f"{file}: {what} ({len(missing)} missing); {RESTORE}")
    return found


def _problem(q: Question) -> str:
    """Why nothing can be computed from a question; empty where all is in order."""
    n = len(q.choices)
    if n > len(LETTERS):
        return f"{n} choices are more than the {len(LETTERS)} letters"
    sequence = q.key.sequence if isinstance(q.key, Ordering) else ()
    named = {*q.prohibited, *q.human_choice, *sequence, *(i for accepted in q.key.choice_sets for i in accepted)}
    if not named <= set(range(n)):
        return f"its key, or a prohibited or chosen choice, is beyond its {n} choices"
    if not 0 <= q.points < math.inf or (q.human_accuracy is not None and not 0 <= q.human_accuracy <= 1):
        return "its points or people's accuracy are out of range"
    if q.lang not in LANGUAGES:
        return f"its language is {q.lang!r}, not one of {', '.join(LANGUAGES)}"
    return "" if q.void else q.key.problem(q)


def fitting(reply: Reply, q: Question, run: Path) -> Reply:
    """The reply, whose order of choices and log-probabilities are its question's.

    Raises:
        IgakuError: they cannot be.
    """
    if problem := misfit(reply, q):
        raise IgakuError(f"{run / 'replies.jsonl'}: reply {reply.key} to {q.id}: {problem}; {RESTORE}")
    return reply


def misfit(reply: Reply, q: Question) -> str:
    """Why a reply cannot be one to this question; empty where it can."""
    n, values = len(q.choices), reply.answer.logprobs
    if reply.permutation and sorted(reply.permutation) != list(range(n)):
        return f"an order of {len(reply.permutation)} choices, the question has {n}"
    scored = reply.kind in ("letters", "likelihood") and reply.answer.finish == "stop"
    if scored and not len(values) == (len(reply.answer.tokens) or n) == n:
        return f"{len(values)} log-probabilities for {n} choices"
    if any(v > LARGEST for v in values):
        return f"a log-probability of {max(values):g}, above 0"
    return ""
