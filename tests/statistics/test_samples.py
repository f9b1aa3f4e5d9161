"""Numbers over several samples a question: against every draw written out, and on models whose truth is known."""

import math
import random
from collections.abc import Callable
from itertools import combinations
from statistics import fmean

import pytest

from igaku.errors import IgakuError
from igaku.statistics.samples import SampledQuestion, all_right_at, at_k, pass_at, sample_mean, sizes


@pytest.mark.parametrize(("n", "right", "k"), [(5, 2, 3), (8, 1, 8), (8, 8, 3), (4, 0, 2), (6, 5, 2)])
def test_pass_and_all_right_are_shares_of_all_draws(n: int, right: int, k: int) -> None:
    draws = list(combinations([True] * right + [False] * (n - right), k))
    assert pass_at(n, right, k) == pytest.approx(fmean(map(any, draws)))
    assert all_right_at(n, right, k) == pytest.approx(fmean(map(all, draws)))


def test_the_k_that_are_shown_double_up_to_all() -> None:
    assert [sizes(n) for n in (1, 2, 5, 8)] == [[1], [1, 2], [1, 2, 4, 5], [1, 2, 4, 8]]


def test_fewer_samples_than_are_drawn_is_one_clear_error() -> None:
    with pytest.raises(IgakuError, match="3 samples of every question"):
        at_k([SampledQuestion((1.0, 0.0), ("a", "b"))], 3)
    with pytest.raises(IgakuError, match="2 samples of every question"):
        sample_mean([SampledQuestion((1.0,), ("a",))])


def _drawn(rng: random.Random, shares: list[float], k: int, group: Callable[[int], str]) -> list[SampledQuestion]:
    """Samples of questions whose share of right answers is known; wrong ones are spread over two letters."""
    out = []
    for i, p in enumerate(shares):
        scores = tuple(float(rng.random() < p) for _ in range(k))
        out.append(SampledQuestion(scores, tuple("a" if s else rng.choice("bc") for s in scores), group(i)))
    return out


def test_the_two_variances_and_pass_at_k_come_out_as_they_were_put_in() -> None:
    rng = random.Random(1)
    found, passed, every = [], [], []
    for _ in range(40):
        drawn = _drawn(rng, [rng.betavariate(2, 1) for _ in range(200)], 6, str)
        found.append(sample_mean(drawn))
        at_three = at_k(drawn, 3)
        passed.append(at_three.passed.value)
        every.append(at_three.all_right.value)
    # Beta(2, 1): mean 2/3, variance 1/18; E[p(1-p)] = 1/6; E[(1-p)^3] = 1/10; E[p^3] = 2/5
    assert fmean(f.mean.value for f in found) == pytest.approx(2 / 3, abs=0.01)
    assert fmean(f.between_questions**2 for f in found) == pytest.approx(1 / 18, rel=0.05)
    assert fmean(f.between_samples**2 for f in found) == pytest.approx(1 / 6, rel=0.05)
    assert fmean(passed) == pytest.approx(0.9, abs=0.01)
    assert fmean(every) == pytest.approx(0.4, abs=0.01)


def test_drawing_all_samples_of_the_same_questions_again_moves_the_mean_as_far_as_it_says() -> None:
    rng = random.Random(2)
    shares = [rng.betavariate(1, 1) for _ in range(60)]
    runs = [sample_mean(_drawn(rng, shares, 4, str)) for _ in range(400)]
    means = [r.mean.value for r in runs]
    moved = math.sqrt(fmean((m - fmean(means)) ** 2 for m in means))
    assert fmean(r.again for r in runs) == pytest.approx(moved, rel=0.1)
    assert fmean(r.once for r in runs) == pytest.approx(2 * moved, rel=0.1)


@pytest.mark.parametrize("linked", [1, 3])
def test_intervals_hold_for_other_questions_and_samples_are_no_questions(linked: int) -> None:
    rng, runs, held, wrongly, n, k = random.Random(3), [], [], [], 60, 8
    for _ in range(400):
        shares = [p for _ in range(n // linked) for p in [rng.betavariate(0.8, 0.4)] * linked]
        drawn = _drawn(rng, shares, k, lambda i: str(i // linked))
        runs.append(sample_mean(drawn))
        found = runs[-1].mean
        low, high = found.ci95
        held.append(low <= 2 / 3 <= high)
        half = 1.96 * math.sqrt(found.value * (1 - found.value) / (n * k))
        wrongly.append(abs(found.value - 2 / 3) <= half)
    errors = [r.error for r in runs]
    means = [r.mean.value for r in runs]
    assert fmean(held) >= 0.93
    assert fmean(errors) == pytest.approx(math.sqrt(fmean((m - 2 / 3) ** 2 for m in means)), rel=0.1)
    assert fmean(wrongly) < 0.75


def test_one_sample_of_one_answer_is_what_an_ordinary_accuracy_is() -> None:
    drawn = [SampledQuestion((1.0, 1.0), ("a", "a"), "1"), SampledQuestion((0.0, 0.0), ("b", "b"), "2")]
    one = at_k(drawn, 1)
    assert one.passed.value == one.majority.value == one.all_right.value == 0.5
    assert sample_mean(drawn).between_samples == 0
