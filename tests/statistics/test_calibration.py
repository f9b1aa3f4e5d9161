"""Simulations whose truth is known: who is calibrated, by how much one is not, and how well confidence tells."""

import math
import random
from collections.abc import Callable
from statistics import fmean

import pytest

from igaku.statistics.auroc import auroc
from igaku.statistics.calibration import brier, calibration_error, overconfidence
from igaku.statistics.reliability import Binning, Stated, in_bins, reliability_table

BINNINGS: tuple[Binning, ...] = ("equal width", "equal mass")


def drawn(rng: random.Random, n: int, truth: Callable[[float], float]) -> list[Stated]:
    """n answers of models as they are, mostly sure; ``truth`` is how often a confidence is really right."""
    values = (round(1 - 0.6 * rng.random() ** 2, 2) for _ in range(n))
    return [Stated(c, rng.random() < truth(c), i) for i, c in enumerate(values)]


def true_error(answers: list[Stated], truth: Callable[[float], float], binning: Binning) -> float:
    bins = in_bins(answers, binning)
    return sum(abs(sum(a.confidence - truth(a.confidence) for a in mine)) for mine in bins) / len(answers)


def over(c: float) -> float:
    return max(0.0, c - 0.15)


@pytest.mark.parametrize("binning", BINNINGS)
@pytest.mark.parametrize("truth", [lambda c: c, over, lambda c: c * c], ids=["calibrated", "by 0.15", "squared"])
def test_the_interval_of_the_error_covers_the_true_one(binning: Binning, truth: Callable[[float], float]) -> None:
    rng, hits = random.Random(5), []
    for _ in range(60):
        answers = drawn(rng, 200, truth)
        low, high = calibration_error(answers, binning).ci95
        hits.append(low <= true_error(answers, truth, binning) <= high)
    assert fmean(hits) > 0.88


@pytest.mark.parametrize("binning", BINNINGS)
def test_what_a_calibrated_respondent_would_have_is_what_it_has(binning: Binning) -> None:
    rng = random.Random(6)
    found = [calibration_error(drawn(rng, 150, lambda c: c), binning) for _ in range(60)]
    assert fmean(e.value for e in found) == pytest.approx(fmean(e.if_calibrated for e in found), rel=0.1)
    assert fmean(e.value > e.if_calibrated_most for e in found) < 0.1


def test_the_error_of_one_bin_is_exact() -> None:
    answers = [Stated(0.9, i < 6, i) for i in range(10)]
    for binning in BINNINGS:
        found = calibration_error(answers, binning)
        assert (found.bins, found.value) == (1, pytest.approx(0.3))
    # |k - 9| / 10 over the binomial distribution of k
    exact = sum(math.comb(10, k) * 0.9**k * 0.1 ** (10 - k) * abs(k - 9) / 10 for k in range(11))
    assert found.if_calibrated == pytest.approx(exact, abs=0.006)


def test_bounds_belong_to_the_lower_bin_and_equal_values_stay_together() -> None:
    values = [0.0, 0.1, 0.10001, 0.3, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]
    answers = [Stated(v, True, i) for i, v in enumerate(values)]
    assert [len(b) for b in in_bins(answers, "equal width")] == [2, 1, 1, 6]
    assert [len(b) for b in in_bins(answers, "equal mass", 4)] == [2, 2, 6]
    table = reliability_table(in_bins(answers, "equal width"))
    assert [(b.low, b.high) for b in table] == [(0.0, 0.1), (0.10001, 0.10001), (0.3, 0.3), (1.0, 1.0)]


def test_the_parts_of_briers_score_add_up_and_its_reliability_has_no_bias() -> None:
    rng = random.Random(7)
    one = brier(drawn(rng, 300, over))
    assert one.value == pytest.approx(one.reliability - one.resolution + one.uncertainty + one.within)
    calibrated = [brier([Stated(c, rng.random() < c, 0) for c in (0.35, 0.65, 0.95) * 20]) for _ in range(200)]
    assert all(abs(b.within) < 1e-12 for b in calibrated)
    assert fmean(b.reliability for b in calibrated) > 0.004
    assert fmean(b.reliability_debiased for b in calibrated) == pytest.approx(0, abs=0.0015)


def test_overconfidence_and_briers_score_cover_the_truth() -> None:
    rng, gaps, scores = random.Random(8), [], []
    for _ in range(300):
        answers = drawn(rng, 100, over)
        truths = [(a.confidence, over(a.confidence)) for a in answers]
        low, high = overconfidence(answers)[1]
        gaps.append(low <= fmean(c - p for c, p in truths) <= high)
        low, high = brier(answers).ci95
        scores.append(low <= fmean(p * (1 - c) ** 2 + (1 - p) * c**2 for c, p in truths) <= high)
    assert 0.91 < fmean(gaps) <= 0.99
    assert 0.91 < fmean(scores) <= 0.99


def normal(rng: random.Random, n: int, distance: float, linked: int = 1) -> list[Stated]:
    """Confidence is a logistic of a normal variable, higher by ``distance`` where the answer is right; linked answers
    share their confidence and outcome."""
    out = []
    for i in range(0, n, linked):
        right = rng.random() < 0.7
        c = 1 / (1 + math.exp(-rng.gauss(distance * right, 1)))
        out += [Stated(c, right, i)] * linked
    return out


@pytest.mark.parametrize(("distance", "linked"), [(0.0, 1), (0.5, 1), (2.0, 1), (0.5, 4)])
def test_the_interval_of_the_auroc_covers_the_true_one(distance: float, linked: int) -> None:
    """Of two normal variables a distance d apart, the area is Phi(d / sqrt 2)."""
    rng, truth = random.Random(9), 0.5 * math.erfc(-distance / 2)
    found = [auroc(normal(rng, 120, distance, linked)) for _ in range(250)]
    hits = [a is not None and a.ci95[0] <= truth <= a.ci95[1] for a in found]
    assert 0.91 < fmean(hits) <= 0.99


def test_ties_count_half_and_one_outcome_has_no_area() -> None:
    ties = [Stated(1.0, True, 0), Stated(1.0, False, 1), Stated(0.5, True, 2), Stated(0.5, False, 3)]
    found = auroc(ties)
    assert found is not None and found.value == 0.5 and (found.right, found.wrong) == (2, 2)
    assert auroc([Stated(0.5, True, i) for i in range(9)]) is None


def test_a_perfect_separation_keeps_a_width() -> None:
    found = auroc([Stated(0.9 if i % 2 else 0.1, bool(i % 2), i) for i in range(40)])
    assert found is not None and found.value == 1
    assert 0.7 < found.ci95[0] < 0.95 and found.ci95[1] == 1


@pytest.mark.parametrize("n", [1, 2])
def test_few_answers_give_wide_intervals_and_no_error(n: int) -> None:
    answers = [Stated(0.7, True, "one group") for _ in range(n)]
    assert calibration_error(answers, "equal mass").ci95[1] - calibration_error(answers, "equal mass").ci95[0] > 0.5
    assert 0 <= brier(answers).ci95[0] <= brier(answers).ci95[1] <= 1


def test_linked_answers_widen_every_interval() -> None:
    rng = random.Random(11)
    linked = [Stated(c, r, g) for g in range(40) for c, r in [(round(rng.uniform(0.5, 1), 2), rng.random() < 0.3)] * 4]
    single = [Stated(a.confidence, a.right, i) for i, a in enumerate(linked)]

    def widths(answers: list[Stated]) -> list[float]:
        area = auroc(answers)
        assert area is not None
        ends = [calibration_error(answers, "equal width").ci95, brier(answers).ci95, overconfidence(answers)[1]]
        return [high - low for low, high in (*ends, area.ci95)]

    assert [a > 1.4 * b for a, b in zip(widths(linked), widths(single))] == [True] * 4


def test_a_model_that_is_sure_and_mostly_right_is_covered_although_a_wrong_answer_may_not_have_come_up() -> None:
    rng, gaps, scores = random.Random(12), [], []
    for _ in range(400):
        answers = [Stated(0.9 + 0.1 * rng.random(), rng.random() < 0.94, i) for i in range(40)]
        low, high = overconfidence(answers)[1]
        gaps.append(low <= 0.95 - 0.94 <= high)
        low, high = brier(answers).ci95
        scores.append(low <= 0.94 * fmean((1 - c / 1000) ** 2 for c in range(900, 1001)) + 0.06 * 0.9033 <= high)
    assert fmean(gaps) >= 0.93 and fmean(scores) >= 0.93
