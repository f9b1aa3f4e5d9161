"""Every pair of many respondents: arrays give what the pair by pair comparison gives."""

import math
import random
from itertools import combinations

import pytest
from msgspec.structs import asdict

from igaku.statistics import all_pairs
from igaku.statistics.paired import Outcomes, compare

pytest.importorskip("numpy")


def respondent(k: int, ways: int, n: int = 120, lacking: float = 0.0, linked: int = 3) -> Outcomes:
    draw = random.Random(k)
    skill = 0.3 + 0.08 * k
    scores = {
        f"q{i}": sum(draw.random() < skill for _ in range(ways)) / ways for i in range(n) if draw.random() >= lacking
    }
    return Outcomes(f"m{k}", scores, {q: f"g{int(q[1:]) // linked}" if int(q[1:]) % 4 else "" for q in scores})


@pytest.mark.parametrize("ways", [1, 2, 3])
@pytest.mark.parametrize("lacking", [0.0, 0.2])
@pytest.mark.parametrize("linked", [1, 3, 40])
def test_pairs_by_arrays_are_the_pairs_one_by_one(
    monkeypatch: pytest.MonkeyPatch, ways: int, lacking: float, linked: int
) -> None:
    monkeypatch.setattr(all_pairs, "MANY", 1)
    found = [respondent(k, ways, lacking=lacking, linked=linked) for k in range(5)]
    pairs = list(combinations(range(5), 2))
    for (i, j), got in zip(pairs, all_pairs.compare_all(found, pairs), strict=True):
        assert_same(asdict(compare(found[i], found[j])), asdict(got))


def assert_same(expected: dict[str, object], got: dict[str, object]) -> None:
    for name, value in expected.items():
        other = got[name]
        if isinstance(value, float) and isinstance(other, float):
            assert math.isclose(value, other, rel_tol=1e-9, abs_tol=1e-12), name
        elif isinstance(value, tuple) and isinstance(other, tuple):
            assert all(math.isclose(x, y, rel_tol=1e-9, abs_tol=1e-12) for x, y in zip(value, other, strict=True)), name
        else:
            assert value == other, name


def test_two_respondents_that_never_differ_have_p_one_in_both(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(all_pairs, "MANY", 1)
    same = Outcomes("a", {f"q{i}": 1.0 for i in range(9)}, {f"q{i}": f"g{i // 3}" for i in range(9)})
    other = Outcomes("b", same.scores, same.groups)
    assert_same(asdict(compare(same, other)), asdict(all_pairs.compare_all([same, other], [(0, 1)])[0]))
