"""The interval of a mean over questions, by simulation with known truth: answers that are right or wrong, means over
samples, and scores with rare costs."""

import math
import random
from collections.abc import Callable
from statistics import fmean, stdev

import pytest

from igaku.statistics.interval import clustered, of_parts, wilson
from igaku.statistics.selective import penalised
from igaku.statistics.student import student

DRAWS = 600
Share = Callable[[random.Random], float]


def either(first: float, second: float, often: float) -> Share:
    """A question's own share of right answers: the second with probability ``often``."""
    return lambda rng: second if rng.random() < often else first


SHARES: dict[str, tuple[Share, float]] = {
    "every question half right": (lambda rng: 0.5, 0.5),
    "all alike": (lambda rng: rng.betavariate(2, 2), 0.5),
    "known or not": (lambda rng: rng.betavariate(0.3, 0.3), 0.5),
    "mostly right": (lambda rng: rng.betavariate(20, 1), 20 / 21),
    "nearly all right": (lambda rng: 0.98, 0.98),
    "nearly all wrong": (lambda rng: 0.02, 0.02),
    "a rare question is never known": (either(0.9, 0.0, 0.05), 0.855),
    "a rare question is always known": (either(0.1, 1.0, 0.05), 0.145),
}


def mean_of(share: float, samples: int, rng: random.Random) -> float:
    return fmean(rng.random() < share for _ in range(samples))


def held(share: Share, truth: float, questions: int, samples: int, linked: int = 1) -> tuple[float, float]:
    """How often the interval holds the truth, and its mean length; linked questions share their share."""
    rng, hits, length = random.Random(questions * 100 + samples), 0, 0.0
    groups = [i // linked for i in range(questions)]
    for _ in range(DRAWS):
        own = [p for _ in range(questions // linked) for p in [share(rng)] * linked]
        low, high = clustered([mean_of(p, samples, rng) for p in own], groups[: len(own)])
        hits += low <= truth <= high
        length += high - low
    return hits / DRAWS, length / DRAWS


@pytest.mark.parametrize("name", SHARES)
@pytest.mark.parametrize(("questions", "samples"), [(30, 2), (30, 16), (100, 8)])
def test_means_over_samples_are_covered_from_30_questions_on(name: str, questions: int, samples: int) -> None:
    share, truth = SHARES[name]
    assert held(share, truth, questions, samples)[0] >= 0.93


@pytest.mark.parametrize("name", ["every question half right", "all alike", "known or not"])
@pytest.mark.parametrize("questions", [5, 10])
def test_so_are_a_few_questions(name: str, questions: int) -> None:
    share, truth = SHARES[name]
    assert held(share, truth, questions, 16)[0] >= 0.93


@pytest.mark.parametrize("linked", [2, 5])
@pytest.mark.parametrize("name", ["all alike", "known or not", "mostly right"])
def test_so_are_linked_questions(name: str, linked: int) -> None:
    share, truth = SHARES[name]
    assert held(share, truth, 60, 4, linked)[0] >= 0.93


def test_an_interval_is_not_longer_than_the_scatter_of_means_asks_for() -> None:
    """Eight samples of questions that are each half right: the means scatter by sqrt(1/32) and not by 1/2."""
    often, length = held(*SHARES["every question half right"], 100, 8)
    exact = 2 * 1.96 * math.sqrt(1 / 32 / 100)
    assert exact < length < 1.3 * exact < 0.5 * (wilson(50, 100)[1] - wilson(50, 100)[0])
    assert often <= 0.99


def test_the_more_questions_the_nearer_to_what_the_scatter_asks_for() -> None:
    ratios = [held(lambda rng: 0.5, 0.5, n, 8)[1] / (2 * 1.96 * math.sqrt(1 / 32 / n)) for n in (30, 100, 300)]
    assert ratios[0] > ratios[1] > ratios[2] > 1
    assert ratios[2] < 1.1


def test_a_rare_question_that_did_not_come_up_is_why_the_scatter_is_not_taken_at_its_word() -> None:
    share, truth = SHARES["a rare question is always known"]
    rng, plain = random.Random(5), 0
    for _ in range(DRAWS):
        values = [mean_of(share(rng), 16, rng) for _ in range(30)]
        plain += abs(fmean(values) - truth) <= student(29) * stdev(values) / math.sqrt(30)
    assert plain / DRAWS < 0.85


@pytest.mark.parametrize("value", [0.0, 1.0])
@pytest.mark.parametrize("n", [1, 7, 400])
def test_all_right_and_all_wrong_are_what_they_are_for_single_replies(value: float, n: int) -> None:
    assert clustered([value] * n, range(n)) == pytest.approx(wilson(value * n, n))


def test_right_or_wrong_is_wilson_and_a_part_of_either_is_narrower() -> None:
    assert clustered([1.0, 0.0, 1.0, 1.0, 0.0], range(5)) == pytest.approx(wilson(3, 5))
    low, high = clustered([1.0, 0.5, 0.5, 1.0, 0.0], range(5))
    assert wilson(3, 5)[0] < low < 0.6 < high < wilson(3, 5)[1]


def test_equal_means_of_a_few_questions_leave_a_wide_interval() -> None:
    low, high = clustered([0.5] * 5, range(5))
    assert low < 0.35 and high > 0.65


def test_parts_count_by_what_they_add_and_not_by_where_zero_is() -> None:
    values, groups = [1.0, 0.25, 0.75, 0.0, 0.5, 1.0], "aabbcd"
    moved = [v + 3 for v in values]
    assert of_parts(fmean(values), moved, groups) == pytest.approx(clustered(values, groups))


@pytest.mark.parametrize(("often", "cost"), [(0.02, 10.0), (0.05, 5.0), (0.3, 1.0)])
def test_a_score_with_a_rare_cost_is_covered(often: float, cost: float) -> None:
    """An answer is right in 7 of 10, and costs where it is wrong in just so many; otherwise it was none."""
    rng, hits, truth = random.Random(4), 0, 0.7 - often * cost
    groups = [f"q{i}" for i in range(100)]
    for _ in range(DRAWS):
        drawn = [rng.random() for _ in groups]
        points = [1.0 if x < 0.7 else -cost if x < 0.7 + often else 0.0 for x in drawn]
        found = penalised(points, -cost, groups)
        hits += found is not None and found.ci95[0] <= truth <= found.ci95[1]
    assert hits / DRAWS >= 0.93


def test_a_cost_that_did_not_come_up_leaves_the_interval_longer_and_not_as_long_as_if_it_always_could() -> None:
    points, groups = [1.0] * 30 + [0.0] * 40 + [-1.0] * 30, range(100)
    possible = [penalised(points, lowest, groups) for lowest in (-1.0, -5.0)]
    lengths = [e.ci95[1] - e.ci95[0] for e in possible if e]
    assert lengths[0] < lengths[1] < 2 * lengths[0]
