import pytest

from igaku.errors import IgakuError
from igaku.prompts.orders import expand, permutation
from igaku.question import Choices, Question

Q = Question(id="1", lang="ja", stem="s", choices=("甲", "乙", "丙", "丁", "戊"), key=Choices(((0,),)))


def test_rotations_put_each_choice_in_each_place_once() -> None:
    orders = expand(["rotations"], 5)
    shown = [permutation(Q, o) or (0, 1, 2, 3, 4) for o in orders]
    assert len(orders) == 5
    assert all(sorted(column) == [0, 1, 2, 3, 4] for column in zip(*shown))


def test_names() -> None:
    assert expand(["original", "shuffle", "rotate-0", "rotate-2"], 5, seed=7) == ["original", "shuffle-7", "rotate-2"]
    assert permutation(Q, "rotate-5") == permutation(Q, "original") == ()
    for bad in ("random", "rotate", "shuffle-x", "rotate--1"):
        with pytest.raises(IgakuError, match="is not known"):
            expand([bad], 5)
