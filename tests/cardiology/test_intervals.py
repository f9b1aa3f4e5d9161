import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from igaku.cardiology.ecg import Contract, read, synthetic
from igaku.cardiology.ecg.features import NAMES, beats, features
from igaku.io.paths import find_data

pytest.importorskip("scipy")
ECG = find_data("ecg")


def measured(signal: np.ndarray, rate: float) -> dict[str, float]:
    return dict(zip(NAMES, features(signal, rate).tolist()))


def test_what_the_generator_put_in_is_measured() -> None:
    patients = synthetic.cohort(80, seed=3)
    found = [measured(Contract(rate=500, normalise="none").prepare(r), 500) for r in patients.records]
    for k, name in enumerate(("QRS", "R V5/V2", "T V5")):
        assert np.corrcoef(patients.features[:, k], [f[name] for f in found])[0, 1] > 0.85, name
    width = np.array([f["QRS"] for f in found])
    assert np.median(np.abs(width - patients.features[:, 0])) < 15


def test_the_rate_of_samples_hardly_matters() -> None:
    record = synthetic.cohort(1, seed=8).records[0]
    fine, coarse = (measured(Contract(rate=r).prepare(record), r) for r in (500, 125))
    assert fine["heart rate"] == pytest.approx(coarse["heart rate"], rel=0.01)
    assert fine["QRS"] == pytest.approx(coarse["QRS"], abs=16) and fine["QT"] == pytest.approx(coarse["QT"], abs=24)


@pytest.mark.data
def test_beats_and_widths_are_those_that_cardiologists_marked() -> None:
    if ECG is None:
        pytest.skip("the real ECGs are not found (IGAKU_DATA)")
    wfdb = pytest.importorskip("wfdb")
    differences, missed = [], 0
    for i in range(101, 141):
        path = ECG / "ludb/data" / str(i)
        signal = Contract(rate=500, normalise="none").prepare(read(f"{path}.hea"))
        widths = []
        for lead in ("ii", "v2", "v5"):
            marks = wfdb.rdann(str(path), lead)
            at, symbols = marks.sample, marks.symbol
            whole = [k for k in range(1, len(symbols) - 1) if symbols[k - 1 : k + 2] == ["(", "N", ")"]]
            widths += [2 * (at[k + 1] - at[k - 1]) for k in whole]
            found = beats(signal)
            missed += sum(1 for k in whole if np.abs(found - at[k]).min() > 50)
        differences.append(measured(signal, 500)["QRS"] - np.median(widths))
    assert np.median(np.abs(differences)) < 10 and missed < 10


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([100, 250, 500, 1000]), st.floats(0, 5))
def test_noise_flat_lines_and_gaps_never_break_it(seed: int, rate: int, size: float) -> None:
    signal = np.random.default_rng(seed).normal(0, size, (12, 6 * rate)).astype(np.float32)
    signal[:, : rate * (seed % 3)] = np.nan
    assert features(signal, rate).shape == (len(NAMES),)
