"""What stands behind J-ClinicalBench's published scores: how much was answered and read, and what gold answers, one
label for everything, and igaku's graders get beside them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Required, TypedDict

from msgspec import Struct

from igaku.benchmarks import load_benchmark
from igaku.benchmarks.j_clinicalbench import TASKS
from igaku.errors import IgakuError
from igaku.grading import METHODS
from igaku.question import Choices, Fields, Key, Question, Spans, Terms
from igaku.runs.importers.j_clinicalbench import ids_of, reply_of
from igaku.runs.importers.recorded import Remarks
from igaku.statistics.measures import ratio
from igaku.studies.published.clinicalbench_rows import (
    Published,
    grade_text,
    graded,
    measures,
    overall,
    published,
    rows_of,
    shown,
)
from igaku.tables import Kind, Table, Value

UNREAD = ("unparsed", "truncated", "refused")


class Behind(TypedDict, total=False):
    """What graders make of one file of replies; the fields of ``Hidden``."""

    gold: Required[int]
    constant: float
    ceiling: float
    sound: float
    unread: float


class Hidden(Struct, frozen=True, kw_only=True):
    """What stands behind one published score."""

    task: str
    model: str
    shots: str
    replies: int
    share_scored: float
    """How many of the task's questions have a reply."""
    gold: int
    """What there was to be found: entities, terms, labels, texts."""
    longest: int
    """Characters of the longest reply."""
    published: float
    """F1 (of T, N and M the mean), or accuracy."""
    same: int
    """Models with the very same score in this task and prompt, this one among them."""
    ceiling: float | None = None
    """What the gold answers get by the published rule."""
    constant: float | None = None
    """What one and the same label for everything gets."""
    sound: float | None = None
    """The same measure by igaku's grader; of exam questions by the exam's own keys, with all right choices."""
    unread: float | None = None
    """Share of replies of which igaku reads nothing."""


def hidden() -> list[Hidden]:
    """A row for every published score with replies that can be read.

    Raises:
        IgakuError: the benchmark's own files are not at hand.
    """
    every = [one for one in published() if one.replies]
    same = Counter((one.task, one.shots, shown(one.figure)) for one in published())
    known = {
        name: {q.id: q for q in load_benchmark(f"j_clinicalbench-{name}").load()} for name in {o.task for o in every}
    }
    rows = []
    for one in every:
        with suppress(IgakuError):  # the figure says what is wrong with the file
            rows.append(_hidden(one, known[one.task], same[one.task, one.shots, shown(one.figure)]))
    return rows


def _hidden(one: Published, known: Mapping[str, Question], same: int) -> Hidden:
    assert one.replies is not None
    rows = rows_of(one.replies)
    texts = [reply_of(one.task, row, where) for where, row in rows]
    ids = list(ids_of(one.task, rows, Remarks()))
    found = {name: text for name, text in zip(ids, texts) if name in known}
    behind = _by_graders(one.task, one.replies) if TASKS[one.task].published else _by_keys(one.replies, known, found)
    return Hidden(
        task=one.task,
        model=one.model,
        shots=one.shots,
        replies=len(texts),
        share_scored=len(found) / len(known),
        longest=max(map(len, texts), default=0),
        published=overall(one.figure),
        same=same,
        **behind,
    )


def _by_keys(replies: Path, known: Mapping[str, Question], texts: Mapping[str, str]) -> Behind:
    """Of exam questions: what the published keys are, and what the replies get by the exam's whole keys."""
    golds = Counter(str(row.get("gold")) for _, row in rows_of(replies))
    verdicts = [grade_text(known[name], text, "letter").verdict for name, text in texts.items()]
    scored = [v.right for v in verdicts if v.scored]
    return {
        "gold": sum(golds.values()),
        "constant": max(golds.values()) / sum(golds.values()),
        "sound": ratio(sum(scored), len(scored)),
        "unread": ratio(sum(v.outcome in UNREAD for v in verdicts), len(verdicts)),
    }


def _by_graders(task: str, replies: Path) -> Behind:
    """What the published rule and igaku's grader make of the replies, and of gold and constant answers; of texts only
    how many there are, since ROUGE is igaku's measure as well."""
    about = TASKS[task]
    items = graded(task, replies, about.published)
    if about.aggregate == "rouge":
        return {"gold": len(items)}
    sound = graded(task, replies, about.method)
    rule = METHODS[about.published]
    out: Behind = {
        "gold": sum(n_gold(g.question.key) for g in sound),
        "ceiling": overall(measures(task, [grade_text(g.question, rule.gold(g.question), rule.name) for g in items])),
        "sound": overall(measures(task, sound)),
        "unread": sum(g.verdict.outcome in UNREAD for g in sound) / len(sound),
    }
    constant = constant_answer([g.question for g in items])
    if constant:
        out["constant"] = overall(measures(task, [grade_text(g.question, constant, rule.name) for g in items]))
    return out


def n_gold(key: Key) -> int:
    """What a key wants to be found: its expressions or entities, the parts of its class, or one label."""
    sized = {Terms: "items", Spans: "spans", Fields: "fields"}
    return len(getattr(key, sized[type(key)])) if type(key) in sized else 1


def constant_answer(questions: Sequence[Question]) -> str:
    """The commonest label, or the commonest class of each part, in the form that the published rules read; empty where
    there are neither."""
    first = questions[0].key
    if isinstance(first, Choices):
        return str(Counter(q.right[0] for q in questions).most_common(1)[0][0] + 1)
    if not isinstance(first, Fields):
        return ""
    each = [Counter(f.accepted[0] for f in q.key.fields) for q in questions if isinstance(q.key, Fields)]
    found = sum(each, Counter[str]())
    common = [max((c for c in f.classes if c in found), key=lambda c: found[c]) for f in first.fields]
    return "\n".join(f"{f.name}因子: {c}" for f, c in zip(first.fields, common))


def hidden_table(rows: Sequence[Hidden]) -> Table:
    """The rows of ``hidden`` as a table."""
    columns: dict[str, Kind] = {
        "task": "text",
        "model": "text",
        "prompt": "text",
        "replies": "count",
        "questions answered": "share",
        "gold": "count",
        "longest reply": "count",
        "published": "number",
        "same score": "count",
        "constant": "number",
        "ceiling": "number",
        "sound": "number",
        "unread": "share",
    }
    cells: list[list[Value]] = [
        [
            *(r.task, r.model, r.shots, r.replies, r.share_scored, r.gold, r.longest),
            *(r.published, r.same, r.constant, r.ceiling, r.sound, r.unread),
        ]
        for r in rows
    ]
    return Table(name="hidden", title="J-ClinicalBench: behind the published scores", columns=columns, rows=cells)
