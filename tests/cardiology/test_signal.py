"""A record's form for a model: gaps and levels, rates, and by what a record is known under another name."""

import numpy as np
import pytest
from msgspec.structs import replace

from igaku.cardiology.ecg import Contract
from igaku.cardiology.ecg.record import LEADS, Record
from igaku.cardiology.ecg.resampling import resampled
from igaku.cardiology.ecg.signal_hash import BITS, CLOSE, Recordings, one_name, signal_hash
from igaku.cardiology.ecg.synthetic import cohort
from igaku.errors import IgakuError

pytest.importorskip("scipy")
RECORDS = cohort(12, seed=9).records
V4 = LEADS.index("V4")


def changed(record: Record, signal: "np.ndarray[tuple[int, int], np.dtype[np.floating]]", **more: float) -> Record:
    return replace(record, signal=np.asarray(signal, np.float32), **more)


@pytest.mark.parametrize("level", [0.0, 1.0, 5.0, 100.0])
@pytest.mark.parametrize("band", [(0.67, 40.0), None])
def test_a_gap_and_a_level_shrink_no_lead(level: float, band: tuple[float, float] | None) -> None:
    contract, whole = Contract(band=band), RECORDS[0]
    signal = whole.signal + level
    signal[V4, 2000:2700] = np.nan
    wanted, found = contract.prepare(whole)[V4], contract.prepare(changed(whole, signal))[V4]
    known = np.r_[0:1990, 2710:5000]
    assert found[known].max() == pytest.approx(wanted[known].max(), rel=0.03)
    assert np.corrcoef(found[known], wanted[known])[0, 1] > 0.99 and not found[2000:2700].any()


def test_padding_shrinks_no_lead_and_gaps_stay_zero_at_another_rate() -> None:
    whole = RECORDS[1]
    short = changed(whole, whole.signal[:, 750:4250])
    seven, ten = Contract(seconds=7, band=None).prepare(whole), Contract(band=None).prepare(short)
    assert np.allclose(ten[:, 750:4250], seven, atol=1e-3) and not ten[:, :750].any()
    signal = whole.signal.copy()
    signal[V4, 1000:1500] = np.nan
    slow = Contract(rate=100).prepare(changed(whole, signal))[V4]
    assert not slow[201:299].any() and slow[:199].any() and slow.shape == (1000,)


def long(seconds: int = 60) -> Record:
    """A record of six others' beats in a row."""
    return changed(RECORDS[0], np.concatenate([r.signal for r in RECORDS[: seconds // 10]], axis=1))


def test_a_lead_that_is_lost_in_the_middle_is_lost_to_the_model() -> None:
    whole, cut, flat, early = long(), long().signal.copy(), long().signal.copy(), long().signal.copy()
    cut[V4, 12_400:17_600], flat[V4, 12_400:17_600] = np.nan, 0.1
    early[V4, :12_000] = np.nan
    for signal, how in ((cut, "more than a fifth of lead V4 is missing"), (flat, "lead V4 is flat")):
        lost = changed(whole, signal)
        with pytest.raises(IgakuError, match=f"{how} in the middle 10 s"):
            Contract().prepare(lost)
        found, scale = Contract(lacking=True).scaled(lost)
        assert np.isnan(found[V4]).all() and scale[V4] == 0 and np.isfinite(np.delete(found, V4, 0)).all()
    outside = Contract().prepare(changed(whole, early))
    assert np.corrcoef(outside[V4], Contract().prepare(whole)[V4])[0, 1] > 0.99, "what the model reads is there"


@pytest.mark.parametrize("rate", [62.4725, 127.9, 249.89, 100.0, 977.0])
def test_rates_that_are_no_whole_numbers_stay_exact(rate: float) -> None:
    n = int(40 * rate)
    tone = np.sin(2 * np.pi * 5 * np.arange(n) / rate)[None]
    spectrum = np.abs(np.fft.rfft(resampled(tone, rate, 500)[0] * np.hanning(20_000)[: -(-n * 500 // rate).__int__()],
                                  2**20))  # fmt: skip
    assert spectrum.argmax() * 500 / 2**20 == pytest.approx(5, abs=0.002)


def test_a_record_is_known_in_another_unit_format_rate_and_with_noise() -> None:
    contract, rng = Contract(rate=100), np.random.default_rng(0)
    codes = [signal_hash(contract.prepare(r), 10) for r in RECORDS]
    known = Recordings(codes)
    for i, r in enumerate(RECORDS):
        others = [
            changed(r, r.signal * 1000),
            changed(r, (r.signal * 200).round() / 200 + 3),
            changed(r, r.signal + rng.normal(0, 0.01, r.signal.shape)),
            changed(r, resampled(r.signal, 500, 250), rate=250.0),
        ]
        for other in others:
            assert list(known.near(signal_hash(contract.prepare(other), 10))) == [i]
    stranger = signal_hash(contract.prepare(cohort(1, seed=10).records[0]), 10)
    assert not list(known.near(stranger)) and not list(known.near("")) and len(stranger) == BITS // 4 + 6 * 12


def test_the_nearest_codes_of_different_hearts_are_far_from_one() -> None:
    contract = Contract(rate=100)
    codes = [int(signal_hash(contract.prepare(r), 10)[:64], 16) for r in cohort(60, seed=11).records]
    distances = [(a ^ b).bit_count() for i, a in enumerate(codes) for b in codes[:i]]
    assert min(distances) > CLOSE and np.median(distances) == pytest.approx(BITS / 2, abs=12)


def test_two_hearts_that_beat_in_step_are_two() -> None:
    """The same beats at the same moments; in the other heart what is high is not as high for the lead's size."""
    contract, one = Contract(rate=125, band=None), RECORDS[0]
    level = np.nanmedian(one.signal, axis=1, keepdims=True)
    away = one.signal - level
    other = changed(one, level + np.sign(away) * np.abs(away) ** 0.6)
    a, b = (signal_hash(contract.prepare(r), 10) for r in (one, other))
    assert (int(a[:64], 16) ^ int(b[:64], 16)).bit_count() <= CLOSE
    assert not list(Recordings([a]).near(b)) and list(Recordings([a[:64]]).near(b)) == [0]


def test_a_code_of_an_edition_that_knew_no_levels_is_still_found() -> None:
    code = signal_hash(Contract(rate=100).prepare(RECORDS[0]), 10)
    assert list(Recordings([code[:64]]).near(code)) == [0] and list(Recordings([code]).near(code[:64])) == [0]


def test_patients_who_share_a_record_are_one_and_chains_hold() -> None:
    contract = Contract(rate=100)
    a, b, c = (signal_hash(contract.prepare(r), 10) for r in RECORDS[:3])
    assert one_name(["p", "q", "q", "r", "s"], [a, a, b, b, c]) == ["p", "p", "p", "p", "s"]
    assert one_name(["p", "q"], ["", ""]) == ["p", "q"], "a flat record is like no other"


def test_the_hash_is_the_same_on_every_machine() -> None:
    tone = np.sin(np.arange(12_000, dtype=np.float32).reshape(12, 1000) ** 1.1)
    expected = "f35d0f0743c5cdaa6f1d72bed81edf2bccc4a9a75ef52326293b7d89ed6232a0"
    assert list(Recordings([expected]).near(signal_hash(tone, 10))) == [0]
