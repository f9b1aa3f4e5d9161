"""Differences between groups of patients against their definitions."""

import numpy as np
import pytest

from igaku.cardiology.gaps import gap, holm
from igaku.cardiology.metrics import auroc, bootstrap_interval, delong, delong_variance, resampled, resampled_aurocs

pytest.importorskip("scipy")
RNG = np.random.default_rng(3)
N = 400
TRUTH = (RNG.random(N) < 0.4).astype(float)
INSIDE = RNG.random(N) < 0.5
PATIENTS = [f"p{i}" for i in range(N)]


def test_a_model_that_fails_in_one_group_has_a_gap_and_one_that_does_not_has_none() -> None:
    noise = RNG.normal(0, 1, N)
    score = np.where(INSIDE, noise, 2.0 * TRUTH + noise)
    found = gap(TRUTH, score, PATIENTS, INSIDE, binary=True)
    assert found.value == pytest.approx(auroc(TRUTH[INSIDE], score[INSIDE]) - auroc(TRUTH[~INSIDE], score[~INSIDE]))
    assert found.high is not None and found.high < -0.2 and found.p is not None and found.p < 1e-6
    even = gap(TRUTH, 2.0 * TRUTH + noise, PATIENTS, INSIDE, binary=True)
    assert even.low is not None and even.high is not None and even.low < 0 < even.high
    assert even.p is not None and even.p > 0.05


def test_the_test_of_interaction_errs_once_in_twenty() -> None:
    rng, wrong = np.random.default_rng(8), 0
    for _ in range(400):
        truth = (rng.random(120) < 0.4).astype(float)
        score, inside = truth + rng.normal(0, 1, 120), rng.random(120) < 0.5
        (a, va), (b, vb) = (
            delong_variance(truth[inside], score[inside]),
            delong_variance(truth[~inside], score[~inside]),
        )
        wrong += abs(a - b) > 1.959964 * np.sqrt(va + vb)
    assert 0.02 < wrong / 400 < 0.09


def test_delongs_variance_is_that_of_the_paired_test_against_chance() -> None:
    score = TRUTH + RNG.normal(0, 1, N)
    area, variance = delong_variance(TRUTH, score)
    difference, p = delong(TRUTH, score, np.zeros(N))
    assert area == pytest.approx(auroc(TRUTH, score)) and difference == pytest.approx(area - 0.5)
    from scipy.stats import norm

    assert p == pytest.approx(2 * norm.sf((area - 0.5) / np.sqrt(variance)))


def test_records_of_one_patient_make_no_test_of_independent_patients() -> None:
    found = gap(TRUTH, TRUTH + RNG.normal(0, 1, N), [f"p{i // 2}" for i in range(N)], INSIDE, binary=True)
    assert found.p is None and found.low is not None


def test_errors_of_numbers_are_compared_too() -> None:
    age = RNG.normal(60, 10, N)
    predicted = age + np.where(INSIDE, 3, 1) * RNG.normal(0, 3, N)
    found = gap(age, predicted, PATIENTS, INSIDE, binary=False)
    assert found.value > 3 and found.low is not None and found.low > 0 and found.p is not None and found.p < 0.01


def test_holm_multiplies_the_smallest_most_and_stays_in_order() -> None:
    assert holm([0.01, None, 0.04, 0.03]) == pytest.approx([0.03, None, 0.06, 0.06])
    assert holm([0.9, 0.8]) == [1.0, 1.0] and holm([]) == []


@pytest.mark.parametrize("patients", [PATIENTS, [f"p{i // 3}" for i in range(N)]])
def test_resampled_aurocs_are_those_of_the_resampled_records(patients: list[str]) -> None:
    score = np.round(TRUTH + RNG.normal(0, 1, N), 1)
    fast = bootstrap_interval(auroc, patients, TRUTH, score, rounds=200)
    slow = bootstrap_interval(lambda t, s: auroc(t, s), patients, TRUTH, score, rounds=200)
    assert fast == pytest.approx(slow, abs=1e-12)
    weights = np.concatenate(list(resampled(patients, 30)))
    some = np.repeat(np.arange(N), weights[4].astype(int))
    assert resampled_aurocs(TRUTH, score, [weights])[4] == pytest.approx(auroc(TRUTH[some], score[some]))


def test_a_sample_of_one_class_has_no_area() -> None:
    weights = np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 1.0]])
    assert np.isnan(resampled_aurocs([1, 1, 0], [0.2, 0.9, 0.1], [weights])).tolist() == [True, False]
