"""J-ClinicalBench's published scores with the replies behind them: one a task, model and prompt."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from igaku.benchmarks import j_clinicalbench_keys as keys
from igaku.benchmarks.j_clinicalbench import TASKS
from igaku.errors import IgakuError
from igaku.grading import METHODS, Graded, grade_one
from igaku.io.json_values import read_object
from igaku.io.paths import find_data
from igaku.io.rows import literal_list
from igaku.question import Answer, Key, Question, Reply, Terms
from igaku.runs.importers.j_clinicalbench import Row, read_rows, reply_of
from igaku.statistics.aggregate import AGGREGATORS

RESULTS, REPLIES = "j_clinicalbench/results", "j_clinicalbench/data/generated"
PARTS = ("precision", "recall", "f1")
Scores = Mapping[str, float]


class Published(NamedTuple):
    """One file of scores; ``replies`` is None where upstream publishes, or the user has, none."""

    task: str
    model: str
    shots: str
    figure: Scores
    """Precision, recall and F1 (of T, N and M each), or accuracy, by the names that ``recomputed`` gives them."""
    replies: Path | None


@cache
def published() -> list[Published]:
    """Every file of scores at hand, task by task.

    Raises:
        IgakuError: one of them does not hold scores.
    """
    top, replies, out = find_data(RESULTS), find_data(REPLIES), []
    if top is None:
        return []
    for task, about in TASKS.items():
        for path in sorted((top / about.folder).rglob("*_shot.json")):
            given = replies / about.folder / path.parent.name / path.name if replies else None
            found = given if given and given.exists() else None
            out.append(Published(task, path.parent.name, path.stem, _scores(task, path), found))
    return out


def _scores(task: str, path: Path) -> Scores:
    scores: Any = read_object(path, "a file of scores")
    try:
        if task == "tnm":
            return {f"{n.upper()} {part}": float(scores[n][part]) for n in keys.TNM for part in PARTS}
        names = ("accuracy",) if task == "mcqa" else PARTS
        return {name: float(scores[name if name in scores else f"_{name}"]) for name in names}
    except (ValueError, KeyError, TypeError) as error:
        raise IgakuError(f"{path}: not a file of scores ({type(error).__name__}: {error})") from None


def rows_of(path: Path) -> list[tuple[str, Row]]:
    """The rows of a file of replies, each with where it stands.

    Raises:
        IgakuError: it is none, or empty.
    """
    if rows := read_rows(path):
        return rows
    raise IgakuError(f"{path}: no replies in it")


def recomputed(one: Published) -> Scores:
    """The scores of a file's replies by the published rule, from the keys that stand beside the replies."""
    assert one.replies is not None
    if one.task == "mcqa":
        rows = [row for _, row in rows_of(one.replies)]
        return {"accuracy": sum(row.get("generated") == row.get("gold") for row in rows) / len(rows)}
    return measures(one.task, graded(one.task, one.replies, TASKS[one.task].published))


def measures(task: str, items: list[Graded]) -> Scores:
    """A task's numbers under the names in which upstream gives them."""
    aggregate = TASKS[task].aggregate
    found = AGGREGATORS[aggregate](items)
    if task == "tnm":
        return {f"{name} {part}": found[f"{part}:{name}"] for name in map(str.upper, keys.TNM) for part in PARTS}
    if aggregate == "macro_f1":
        return {"precision": found["precision"], "recall": found["accuracy"], "f1": found["micro_f1"]}
    return {"precision": found["precision"], "recall": found["recall"], "f1": found[aggregate]}


def shown(scores: Scores) -> str:
    """Scores as a figure has them; T, N and M one after the other."""
    values = [f"{v:.4f}" for v in scores.values()]
    return "; ".join(" / ".join(values[i : i + 3]) for i in range(0, len(values), 3))


def overall(scores: Scores) -> float:
    """One number of a task: F1, its mean over T, N and M, or accuracy."""
    f1s = [v for name, v in scores.items() if name.endswith("f1")] or list(scores.values())
    return sum(f1s) / len(f1s)


@cache
def graded(task: str, path: Path, method: str) -> list[Graded]:
    """Every row of a file by one method."""
    by_rule = method.endswith("-as-published")
    pairs = [(row_question(task, row, where, by_rule), reply_of(task, row, where)) for where, row in rows_of(path)]
    return [grade_text(q, text, method) for q, text in pairs]


def grade_text(q: Question, text: str, method: str) -> Graded:
    """One text as a reply to a question."""
    reply = Reply(key="", model="", bench="", lang="ja", id=q.id, answer=Answer(text=text))
    return Graded(q, reply, method, grade_one(METHODS[method], q, reply))


def row_question(task: str, row: Row, where: str, by_rule: bool) -> Question:
    """The question of a row, as far as a grader needs it, with the key that stands in the row."""
    choices = keys.RELATIONS.get(task, keys.EVENT if task == "ade" else {})
    key = _key(task, row, where, by_rule)
    return Question(id=where, lang="ja", stem=task, key=key, choices=tuple(choices.values()), documents=(where,))


def _key(task: str, row: Row, where: str, by_rule: bool) -> Key:
    if task == "tnm":
        return keys.classes(row, where)
    if task == "ade":
        return keys.choice(str(row.get("label")), keys.EVENT, where)
    if task in keys.RELATIONS:
        return keys.choice(str(row.get("relation")), keys.RELATIONS[task], where)
    if task in keys.LABELS:
        return keys.entities(row, task, where)
    gold = row.get("gold_medra" if task == "cca" else "gold")
    if task not in ("cca", "mr"):
        return keys.writing(task, gold, where)
    if by_rule:  # upstream compares an empty name (``['']``) like any other
        return Terms(tuple(sorted(map(str, gold if isinstance(gold, list) else literal_list(str(gold))))))
    return keys.expressions(gold, where)


def forget() -> None:
    """Look for the files again."""
    published.cache_clear()
    graded.cache_clear()
