"""Rows in which no reply, or hardly one, reads as an answer: reported with the likely reason, since the file is rarely
meant like that."""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from igaku.grading import METHODS, grade_one
from igaku.question import Question, Reply
from igaku.runs.importers.recorded import listed
from igaku.runs.manifest import TaskRun
from igaku.runs.store import Run

FEW = 0.5
"""Share of replies that are read below which a row is worth a note."""
LOOKED_AT = 200
"""Replies of a row that are graded by other methods, to see whether one reads them."""
OTHERS = ("letter-lenient", "exact", "gestalt")
_EXCERPT = 40


class _Read(NamedTuple):
    question: Question
    reply: Reply


def unread(run: Run, rows: Sequence[TaskRun]) -> list[str]:
    """Notes for blocks of a run whose main method reads fewer than half of the replies."""
    lost: dict[tuple[str, str, str, str], list[int]] = defaultdict(lambda: [0, 0])
    main = {(t.model, t.bench, t.lang, t.prompt, t.order): t for t in rows if t.methods}
    for c in run.cells:
        key = (c.model, c.benchmark, c.language, c.prompt, c.order)
        if key in main and main[key].methods[0] == c.method:
            counts = lost[c.model, c.language, c.prompt, c.order]
            counts[0] += c.unparsed + c.truncated
            counts[1] += c.n_scored
    return [
        _note(run, task, *lost[key[0], key[2], key[3], key[4]])
        for key, task in main.items()
        if lost[key[0], key[2], key[3], key[4]][0] > (1 - FEW) * lost[key[0], key[2], key[3], key[4]][1]
    ]


def _note(run: Run, task: TaskRun, lost: int, n: int) -> str:
    found = [_Read(q, r) for q, replies in run.pairs(task) for r in replies if r.kind == "text"]
    who = f"{task.model} ({task.prompt}, {task.lang})"
    what = "no reply" if lost == n else f"only {n - lost} of {n} replies"
    return f"{what} of {who} {'reads' if lost == n else 'read'} as an answer by {task.methods[0]}: {_why(run, found)}"


def _why(run: Run, found: Sequence[_Read]) -> str:
    """The likeliest reason, and what to do."""
    replies = [one.reply for one in found]
    empty = [r for r in replies if not r.answer.text.strip()]
    if 2 * len(empty) > len(replies):
        if 2 * sum(bool(r.answer.thinking) for r in empty) > len(empty):
            return f"{len(empty)} hold thoughts and no answer after them; was the answer cut, or left in another field?"
        return f"{len(empty)} are empty; is the text in another column (--columns reply=…)?"
    cut = sum(r.answer.finish == "length" for r in replies)
    if 2 * cut > len(replies):
        return f"{cut} are marked as cut before their end (finish)"
    for name in OTHERS:
        if 2 * (n := sum(_reads(name, one) for one in found[:LOOKED_AT])) > len(found[:LOOKED_AT]):
            return f"{name} reads {n} of the first {len(found[:LOOKED_AT])}: igaku show {run.path} --method {name}"
    return f"the first are {listed((f'{one.question.id} {_short(one.reply)!r}' for one in found), 3)}"


def _reads(name: str, one: _Read) -> bool:
    method = METHODS[name]
    return method.applies(one.question) and grade_one(method, one.question, one.reply).outcome in ("right", "wrong")


def _short(reply: Reply) -> str:
    text = reply.answer.text.strip()
    return text if len(text) <= _EXCERPT else f"{text[:_EXCERPT]}…"
