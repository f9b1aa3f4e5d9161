import json

import pytest

from igaku.grading.letter import read_letters
from igaku.grading.scale import is_scale
from igaku.question import Choices, Question

from ..conftest import ASSETS

ROWS = [json.loads(line) for line in (ASSETS / "replies_label.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("row", ROWS, ids=[r["id"] for r in ROWS])
def test_replies_to_classifications_and_scales(row: dict) -> None:
    labels = list(row["options"])
    choices = tuple(labels if labels[0] == "0" else row["options"].values())
    read = read_letters(row["reply"], Question(id="1", lang="ja", stem="s", choices=choices, key=Choices(((0,),))))
    assert (labels[read.positions[0]] if len(read.positions) == 1 else None) == row["expect"], row["why"]


def test_what_is_a_scale() -> None:
    assert is_scale(("0", "1", "2"))
    assert is_scale(("1", "2", "3", "4", "5"))
    assert not is_scale(("48", "56", "64"))
    assert not is_scale(("0", "²", "2"))
    assert not is_scale(("0", "1"))
