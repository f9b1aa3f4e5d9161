"""Abstention and selective answering: known truths, by hand and by simulation."""

import random
from statistics import fmean

import pytest

from igaku.statistics.selective import break_even, penalised, risk_coverage, share, surest


def each(n: int) -> list[str]:
    return [f"q{i}" for i in range(n)]


def test_the_area_is_the_mean_risk_over_all_coverages() -> None:
    found = risk_coverage([0.9, 0.8, 0.7, 0.6], [True, False, True, False], each(4))
    assert found is not None
    assert found.aurc.value == pytest.approx((0 + 1 / 2 + 1 / 3 + 2 / 4) / 4)
    assert found.random == 0.5
    assert found.best == pytest.approx((0 + 0 + 1 / 3 + 2 / 4) / 4)
    assert [p.coverage for p in found.curve] == [0.25, 0.5, 0.75, 1.0]
    assert [p.accuracy for p in found.curve] == pytest.approx([1, 1 / 2, 2 / 3, 1 / 2])


def test_equal_confidence_counts_as_in_random_order() -> None:
    tied = [3.0, 2.0, 2.0, 2.0, 2.0, 1.0, 1.0]
    right = [True, False, True, True, False, False, True]
    found = risk_coverage(tied, right, each(7))
    draw = random.Random(1)
    shuffled = [risk_coverage([t + draw.random() / 10 for t in tied], right, each(7)) for _ in range(20_000)]
    assert found is not None
    assert found.aurc.value == pytest.approx(fmean(s.aurc.value for s in shuffled if s), abs=0.002)
    assert len(found.curve) == 3
    flat = risk_coverage([1.0] * 7, right, each(7))
    assert flat is not None and flat.aurc.value == pytest.approx(flat.random)


def test_perfect_ranking_has_the_best_area() -> None:
    found = risk_coverage([5.0, 4.0, 3.0, 2.0, 1.0], [True, True, True, False, False], each(5))
    assert found is not None and found.aurc.value == pytest.approx(found.best)


def simulated(n: int, linked: int, draw: random.Random) -> tuple[list[float], list[bool], list[str]]:
    """Confidence uniform, and right with just that probability: the area is 1/4. Linked questions share a lucky draw
    of both."""
    confidence, right, groups = [], [], []
    for g in range(n // linked):
        c, r = draw.random(), draw.random()
        for _ in range(linked):
            if linked > 1 and draw.random() < 0.5:
                mine, luck = draw.random(), draw.random()
            else:
                mine, luck = c, r
            confidence.append(mine)
            right.append(luck < mine)
            groups.append(f"g{g}")
    return confidence, right, groups


@pytest.mark.parametrize("linked", [1, 4])
def test_the_interval_covers_the_true_area_in_about_95_of_100(linked: int) -> None:
    draw = random.Random(7 + linked)
    found = [f for _ in range(500) if (f := risk_coverage(*simulated(200, linked, draw)))]
    assert fmean(f.aurc.value for f in found) == pytest.approx(0.25, abs=0.008)
    covered = fmean(f.aurc.ci95[0] <= 0.25 <= f.aurc.ci95[1] for f in found)
    assert 0.92 <= covered <= 0.985


def test_linked_questions_widen_the_interval() -> None:
    confidence, right, groups = simulated(200, 4, random.Random(3))
    together, single = risk_coverage(confidence, right, groups), risk_coverage(confidence, right, each(200))
    assert together is not None and single is not None
    assert together.aurc.value == single.aurc.value
    assert together.aurc.ci95[1] - together.aurc.ci95[0] > single.aurc.ci95[1] - single.aurc.ci95[0]


def test_all_right_still_has_an_interval() -> None:
    found = risk_coverage([0.1, 0.2, 0.3], [True] * 3, each(3))
    assert found is not None and found.aurc.value == 0 == found.aurc.ci95[0] < found.aurc.ci95[1]
    assert risk_coverage([], [], []) is None
    with pytest.raises(ValueError, match="not a number"):
        risk_coverage([float("nan")], [True], ["q"])


def test_wrong_answers_cost_and_silence_does_not() -> None:
    points = [1.0, 1.0, 0.0, 0.0, -3.0]
    found = penalised(points, -3.0, each(5))
    assert found is not None and found.value == pytest.approx(-0.2)
    assert -3 <= found.ci95[0] < -0.2 < found.ci95[1] <= 1
    assert break_even(0) == 0 and break_even(1) == 0.5 and break_even(3) == 0.75
    assert penalised([], -1.0, []) is None and share([], []) is None


def test_the_penalised_score_covers_its_truth() -> None:
    """Answered with probability 0.7, then right with 0.6, a wrong answer costs 2: the truth is -0.14."""
    draw = random.Random(11)
    truth, hits = 0.7 * (0.6 - 0.4 * 2), 0
    for _ in range(500):
        points = [0.0 if draw.random() > 0.7 else 1.0 if draw.random() < 0.6 else -2.0 for _ in range(150)]
        found = penalised(points, -2.0, each(150))
        hits += found is not None and found.ci95[0] <= truth <= found.ci95[1]
    assert 0.92 <= hits / 500 <= 0.985


def test_the_surest_are_taken_together_where_they_are_equally_sure() -> None:
    assert surest([0.5, 0.9, 0.5, 0.1], 0.5) == [1, 0, 2]
    assert surest([0.5, 0.9, 0.5, 0.1], 0.25) == [1]
