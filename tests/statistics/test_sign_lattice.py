"""Sign flips counted on a lattice."""

import random

import pytest

from igaku.statistics import sign_flip

pytest.importorskip("numpy")


@pytest.mark.parametrize("ways", [1, 2, 4])
def test_the_lattice_gives_the_chance_that_counting_one_by_one_gives(
    monkeypatch: pytest.MonkeyPatch, ways: int
) -> None:
    draw = random.Random(ways)
    sums = [draw.randint(-ways, ways) / ways for _ in range(300)] + [0.5] * 12
    on_lattice = sign_flip.sign_flip(sums)
    monkeypatch.setattr(sign_flip, "LATTICE_FROM", 10**9)
    assert on_lattice == pytest.approx(sign_flip.sign_flip(sums), rel=1e-12)


def test_thirds_that_are_rounded_stand_on_one_lattice() -> None:
    sums = [1 / 3] * 150 + [2 / 3] * 100 + [-1.0] * 90
    assert 0 < (sign_flip.sign_flip(sums) or 0) < 1


def test_sums_without_a_common_unit_are_left_to_the_other_count() -> None:
    draw = random.Random(1)
    assert sign_flip.sign_flip([draw.random() for _ in range(400)]) is None
