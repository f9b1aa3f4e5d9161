"""What a suite predicts of its records, and the records as one of its tasks sees them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from igaku.cardiology.ecg.store import Given, Prepared
from igaku.cardiology.ecg.tables import RecordRow, same_patients

LEAST = 10
"""Records of a diagnosis below which it is no label, where a data set has no list of its own."""


class Found(NamedTuple):
    """Records of a suite's folder, before they are read."""

    rows: list[RecordRow]
    notes: list[str]
    """What was left out, and how many."""


class Task(NamedTuple):
    """Yes-or-no labels of one model."""

    name: str
    labels: list[str]
    classes: Mapping[str, str] = {}
    """Statement of a record -> label; empty where labels are columns of the table."""
    stated_only: bool = False
    """Records without any of the statements are left out, and else have none of the labels."""


def view(store: Prepared, task: Task) -> Given:
    """The store's records with the task's labels as columns of 0 and 1."""
    rows = [labelled_by(row, task) for row in store.rows] if task.classes else store.rows
    return Given(store.contract, rows, store.signals)


def labelled_by(row: RecordRow, task: Task) -> RecordRow:
    """A record with the task's labels as columns; without any where it is left out, or nothing is known."""
    stated = {task.classes[s] for s in row.labels or () if s in task.classes}
    if row.labels is None or (task.stated_only and not stated):
        return replace(row, extra={})
    return replace(row, extra={name: str(int(name in stated)) for name in task.labels})


def varied(task: Task, rows: Sequence[RecordRow]) -> tuple[Task, list[str]]:
    """The task without the labels that no record has, or all; and these."""
    counts: dict[str, Counter[str]] = {name: Counter() for name in task.labels}
    for row in rows:
        for name, count in counts.items():
            count[row.extra.get(name, "")] += 1
    gone = [name for name, count in counts.items() if not (count["0"] and count["1"])]
    return task._replace(labels=[name for name in task.labels if name not in gone]), gone


def without_twins(rows: Sequence[RecordRow]) -> int:
    """Take records out of training that recur among the test or validation records under another name; their number.

    The test part stays as it is published.
    """
    order = {"test": 0, "valid": 1, "train": 2}
    side: dict[str, str] = {}
    named = same_patients(rows)
    for row in sorted((r for r in named if r.split in order), key=lambda r: order[r.split]):
        side.setdefault(row.patient, row.split)
    twins = [r for r, n in zip(rows, named) if r.split in order and r.split != side[n.patient]]
    for row in twins:
        row.split = "none"
    return len(twins)
