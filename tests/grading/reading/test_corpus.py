"""Precision and recall on replies written for igaku (see tests/assets/replies/README.md and bench/reading.py)."""

import json
from collections import Counter

import pytest

from igaku.grading.letter import read_letters
from igaku.grading.number import same_number
from igaku.question import LETTERS, Choices, Number, Question

from ...conftest import ASSETS


def outcomes(name: str) -> Counter[str]:
    found: Counter[str] = Counter()
    for line in (ASSETS / "replies" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        key = Choices.letters("a") if row["choices"] else Number(("1",))
        question = Question(id=row["id"], lang=row["lang"], stem=row["stem"], choices=tuple(row["choices"]), key=key)
        read = read_letters(row["reply"], question, row.get("finish", "stop"))
        answer = "".join(sorted(LETTERS[i] for i in read.positions)) or read.number
        same = answer == row["truth"] or (not row["choices"] and same_number(answer or "x", row["truth"] or "y"))
        found["invented" if answer and not row["truth"] else "right" if same else "wrong" if answer else "unread"] += 1
        found["answers"] += bool(row["truth"])
        found["right answers"] += same and bool(row["truth"])
    return found


@pytest.mark.parametrize(
    ("name", "precision", "recall"),
    [("developed", 0.99, 0.88), ("short", 0.99, 0.98), ("short_2", 0.99, 0.98), ("held_out", 0.97, 0.92)],
)
def test_what_is_read_is_right_and_most_is_read(name: str, precision: float, recall: float) -> None:
    """The floors are what was measured when the rules were written: a change may not fall below."""
    found = outcomes(name)
    read = found["right answers"] + found["wrong"] + found["invented"]
    assert found["right answers"] / read >= precision
    assert found["right answers"] / found["answers"] >= recall
