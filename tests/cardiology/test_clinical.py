"""Calibration, thresholds and decision curves against their definitions."""

import numpy as np
import pytest

from igaku.cardiology.clinical import (
    Line,
    calibration_in_the_large,
    calibration_line,
    difference_slope,
    likelihood_ratio,
    limits_of_agreement,
    logit,
    net_benefit,
    observed_expected,
    recalibrated,
    sensitivity_threshold,
    validation_groups,
    wilson,
    youden_threshold,
)

linear = pytest.importorskip("sklearn.linear_model")
metrics = pytest.importorskip("sklearn.metrics")
RNG = np.random.default_rng(5)
TRUE = 1 / (1 + np.exp(-RNG.normal(-1, 1.5, 4000)))
TRUTH = (RNG.random(4000) < TRUE).astype(float)


def test_a_calibrated_model_has_slope_1_and_intercept_0_and_an_extreme_one_less() -> None:
    assert calibration_line(TRUTH, TRUE) == pytest.approx((1, 0), abs=0.12)
    assert calibration_in_the_large(TRUTH, TRUE) == pytest.approx(0, abs=0.1)
    assert observed_expected(TRUTH, TRUE) == pytest.approx(1, abs=0.06)
    extreme = 1 / (1 + np.exp(-2 * logit(TRUE)))
    assert calibration_line(TRUTH, extreme).slope == pytest.approx(calibration_line(TRUTH, TRUE).slope / 2, abs=1e-4)
    low = 1 / (1 + np.exp(-(logit(TRUE) - 1)))
    assert calibration_in_the_large(TRUTH, low) == pytest.approx(calibration_in_the_large(TRUTH, TRUE) + 1, abs=1e-4)


def test_the_line_is_that_of_scikit_learn_without_a_penalty() -> None:
    fitted = linear.LogisticRegression(C=1e9, tol=1e-10).fit(logit(TRUE)[:, None], TRUTH)
    found = calibration_line(TRUTH, TRUE)
    assert found == pytest.approx((float(fitted.coef_[0, 0]), float(fitted.intercept_[0])), abs=1e-4)


def test_where_there_is_no_maximum_there_is_no_line() -> None:
    score = np.linspace(0.01, 0.99, 40)
    assert np.isnan(calibration_line(score > 0.5, score).slope)
    assert np.isnan(calibration_line(np.r_[np.ones(3), np.zeros(37)], score).slope)
    assert np.array_equal(recalibrated(score, Line(float("nan"), 0.0)), score)


def test_recalibration_undoes_what_was_done() -> None:
    off = 1 / (1 + np.exp(-(0.5 * logit(TRUE) + 1)))
    back = recalibrated(off, calibration_line(TRUTH, off))
    assert np.abs(back - recalibrated(TRUE, calibration_line(TRUTH, TRUE))).max() < 1e-5
    assert metrics.roc_auc_score(TRUTH, back) == pytest.approx(metrics.roc_auc_score(TRUTH, off))


def test_net_benefit_of_treating_all_and_none() -> None:
    share = TRUTH.mean()
    for at in (0.05, 0.2, 0.5):
        assert net_benefit(TRUTH, np.ones(4000), at) == pytest.approx(share - (1 - share) * at / (1 - at))
        assert net_benefit(TRUTH, np.zeros(4000), at) == 0
        assert net_benefit(TRUTH, TRUE, at) >= max(0, net_benefit(TRUTH, np.ones(4000), at)) - 0.01


def test_thresholds_do_what_they_are_named_for() -> None:
    cut = sensitivity_threshold(TRUTH, TRUE)
    assert (TRUE[TRUTH == 1] > cut).mean() >= 0.9 > (TRUE[TRUTH == 1] > np.quantile(TRUE[TRUTH == 1], 0.12)).mean()
    false, true, _ = metrics.roc_curve(TRUTH, TRUE)
    best = youden_threshold(TRUTH[:500], TRUE[:500])
    false, true, _ = metrics.roc_curve(TRUTH[:500], TRUE[:500])
    gain = (TRUE[:500] > best)[TRUTH[:500] == 1].mean() - (TRUE[:500] > best)[TRUTH[:500] == 0].mean()
    assert gain == pytest.approx((true - false).max())
    assert np.isnan(youden_threshold(np.ones(5), np.ones(5))) and np.isnan(
        sensitivity_threshold(np.zeros(5), np.ones(5))
    )


def test_likelihood_ratios_and_agreement() -> None:
    truth, score = np.r_[np.ones(10), np.zeros(10)], np.r_[np.ones(8), np.zeros(2), np.ones(2), np.zeros(8)]
    assert likelihood_ratio(True, 0.5, truth, score) == pytest.approx(4)
    assert likelihood_ratio(False, 0.5, truth, score) == pytest.approx(0.25)
    t = RNG.normal(55, 10, 1000)
    p = 0.5 * t + 30 + RNG.normal(0, 4, 1000)
    bias, low, high = limits_of_agreement(t, p)
    assert ((p - t > low) & (p - t < high)).mean() == pytest.approx(0.95, abs=0.02)
    assert bias == pytest.approx((p - t).mean()) and difference_slope(t, p) == pytest.approx(-0.5, abs=0.03)
    assert wilson(0, 10) == pytest.approx((0, 0.2775), abs=1e-3) and wilson(5, 10) == pytest.approx(
        (0.2366, 0.7634), abs=1e-3
    )


def test_validation_groups_hold_every_record() -> None:
    groups = validation_groups(TRUTH[:100].tolist(), TRUE[:100].tolist())
    assert [n for _, n, _ in groups] == [20] * 5 and sum(p for _, _, p in groups) == TRUTH[:100].sum()
    assert validation_groups([1.0], [0.5]) == []
