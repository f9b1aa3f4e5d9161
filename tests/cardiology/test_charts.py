"""Pictures of probabilities: what they draw is what the numbers say."""

import re
from pathlib import Path

import numpy as np
import pytest

from igaku.cardiology.metrics import auroc

pytest.importorskip("matplotlib")
pytest.importorskip("scipy")

from igaku.cardiology.charts_risk import calibration_chart, local_line, roc, roc_band, roc_chart

RNG = np.random.default_rng(4)
TRUE = 1 / (1 + np.exp(-RNG.normal(-0.5, 1.5, 3000)))
TRUTH = (RNG.random(3000) < TRUE).astype(float)
PATIENTS = [f"p{i}" for i in range(3000)]


def test_the_band_holds_the_curve_and_narrows_with_more_patients() -> None:
    grid, low, high = roc_band(TRUTH[:300], TRUE[:300], PATIENTS[:300])
    curve = np.interp(grid, *roc(TRUTH[:300], TRUE[:300]))
    assert (low <= curve + 0.02).all() and (curve <= high + 0.02).all()
    few = high[30] - low[30]
    _, low, high = roc_band(TRUTH, TRUE, PATIENTS)
    assert high[30] - low[30] < 0.5 * few


def test_the_local_line_of_a_calibrated_model_is_the_diagonal_and_of_a_distorted_one_its_curve() -> None:
    at, line, low, high = local_line(TRUTH, TRUE, PATIENTS)
    assert np.abs(line - at).max() < 0.05 and (low <= line).all() and (line <= high).all()
    at, line, *_ = local_line(TRUTH, TRUE**2, PATIENTS)
    inside = (at > 0.1) & (at < 0.8)
    assert np.abs(line - np.sqrt(at))[inside].max() < 0.06, "a probability squared is undone by the root"


def test_equal_probabilities_give_the_share_of_positives() -> None:
    _, line, *_ = local_line(TRUTH[:200], np.full(200, 0.3), PATIENTS[:200])
    assert line == pytest.approx(np.full(41, TRUTH[:200].mean()))


def test_a_roc_chart_names_areas_and_has_a_sign_for_each_threshold(tmp_path: Path) -> None:
    models = {"one": TRUE[:200], "two": RNG.random(200)}
    cuts = {"one": {"90 % specificity": 0.6, "Youden": 0.4}, "two": {"90 % specificity": 0.9}}
    text = roc_chart(TRUTH[:200], models, "LVH <&> x", tmp_path / "r.svg", PATIENTS[:200], cuts).read_text()
    assert f"one {auroc(TRUTH[:200], TRUE[:200]):.3f} (" in text and "for 90 % specificity" in text and "Youden" in text
    assert "LVH &lt;&amp;&gt; x" in text and "90 % sensitivity" not in text
    assert text == roc_chart(TRUTH[:200], models, "LVH <&> x", tmp_path / "s.svg", PATIENTS[:200], cuts).read_text()


@pytest.mark.parametrize("n", [1, 2, 4, 6])
def test_a_calibration_chart_has_a_panel_for_each_model(n: int, tmp_path: Path) -> None:
    models = {f"model {k}": np.clip(TRUE[:80] + 0.1 * k, 0, 1) for k in range(n)}
    text = calibration_chart(TRUTH[:80], models, "LVH", tmp_path / "c.svg", PATIENTS[:80]).read_text()
    assert len(re.findall(r">model \d<", text)) == n and text.count("slope") == n
