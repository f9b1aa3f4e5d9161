import math
import random
from statistics import fmean, pstdev

import pytest

from igaku.statistics.points import Needed, Scored, chance_at_most, chance_of_all, like_exam, points_interval, spread


def answers(right: int, n: int, points: float = 1.0, name: str = "", group: int = 1) -> list[Scored]:
    """n questions of one kind; ``group`` > 1 links that many in a row."""
    return [
        Scored(f"{name}{i}", (name, points), f"{name}g{i // group}" if group > 1 else "", points, points * (i < right))
        for i in range(n)
    ]


def tail(exam: list[Scored], needed: float) -> float:
    return math.fsum(w for p, w in like_exam(exam).items() if p >= needed)


def drawn(exam: list[Scored], rng: random.Random) -> float:
    """Points of one exam whose questions are drawn anew within their stratum, linked ones together."""
    strata: dict[object, dict[str, list[float]]] = {}
    for a in exam:
        strata.setdefault(a.stratum, {}).setdefault(a.group or a.id, []).append(a.got)
    total = 0.0
    for clusters in strata.values():
        by_size: dict[int, list[float]] = {}
        for got in clusters.values():
            by_size.setdefault(len(got), []).append(sum(got))
        total += sum(sum(rng.choices(sums, k=len(sums))) for sums in by_size.values())
    return total


def test_the_exact_distribution_is_that_of_the_bootstrap() -> None:
    exam = [*answers(41, 50, 1, "one"), *answers(30, 40, 3, "three"), *answers(13, 20, 1, "linked", group=2)]
    exam += [Scored(f"x{i}", ("linked", 1.0), f"xg{i // 3}", 1.0, float(i % 2)) for i in range(12)]
    rng = random.Random(7)
    draws = [drawn(exam, rng) for _ in range(4000)]
    exact = like_exam(exam)
    assert math.fsum(exact.values()) == pytest.approx(1)
    assert fmean(draws) == pytest.approx(sum(a.got for a in exam), abs=0.5)
    assert spread(exact) == pytest.approx(pstdev(draws), rel=0.04)
    assert tail(exam, 150) == pytest.approx(fmean(d >= 150 for d in draws), abs=0.03)


def test_linked_questions_that_fall_together_widen_the_interval() -> None:
    linked, single = answers(40, 60, group=4), answers(40, 60)
    width = [high - low for low, high in map(points_interval, (linked, single))]
    assert width[0] > 1.5 * width[1]


def test_an_interval_of_a_perfect_part_is_not_a_point() -> None:
    low, high = points_interval(answers(100, 100))
    assert (round(low, 1), high) == (96.3, 100.0)  # Wilson's for 100 of 100
    heavy = points_interval([*answers(50, 50, 1, "a"), *answers(50, 50, 3, "b")])
    assert heavy[0] / 200 < low / 100  # half of the questions carry three quarters of the points
    assert points_interval([]) == (0.0, 0.0)


@pytest.mark.parametrize(("p", "n"), [(0.5, 50), (0.8, 100), (0.95, 100), (0.98, 200)])
def test_intervals_cover_what_they_promise(p: float, n: int) -> None:
    """Expected points of an examinee whose ability is p on every question; 600 exams, simulation error 0.9 points."""
    rng, hits, times = random.Random(int(1000 * p) + n), 0, 600
    for _ in range(times):
        exam = [
            Scored(str(i), i < n // 2, "", w := 3.0 if i < n // 2 else 1.0, w * (rng.random() < p)) for i in range(n)
        ]
        low, high = points_interval(exam)
        hits += low <= p * sum(a.points for a in exam) <= high
    assert 0.92 < hits / times < 0.985


def test_conditions_inside_each_other_are_taken_together() -> None:
    a, b = answers(5, 10, name="a"), answers(12, 20, name="b")
    inner, outer = Needed(frozenset(x.id for x in a), 4), Needed(frozenset(x.id for x in [*a, *b]), 16)
    together = chance_of_all([*a, *b], [outer, inner])
    pa, pb = like_exam(a), like_exam(b)
    by_hand = math.fsum(w * v for x, w in pa.items() for y, v in pb.items() if x >= 4 and x + y >= 16)
    assert together == pytest.approx(by_hand)
    separate = chance_of_all([*a, *b], [inner, Needed(frozenset(x.id for x in b), 12)])
    assert separate == pytest.approx(tail(a, 4) * tail(b, 12))
    crossing = Needed(frozenset([a[0].id, b[0].id]), 1)
    assert chance_of_all([*a, *b], [inner, crossing]) is None


def test_prohibited_choices_on_a_like_exam() -> None:
    assert chance_at_most(40, 0, 3) == 1.0
    by_hand = sum(math.comb(40, k) * 0.1**k * 0.9 ** (40 - k) for k in range(4))
    assert chance_at_most(40, 4, 3) == pytest.approx(by_hand)
