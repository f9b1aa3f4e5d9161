"""The 12-lead picture: real millimetres, nothing lost, nothing cut unsaid."""

import re
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from msgspec.structs import replace

from igaku.cardiology.ecg.picture import measured, thinned, twelve_leads, write_picture
from igaku.cardiology.ecg.record import LEADS, Record
from igaku.cardiology.ecg.sheet import LEFT, sheet
from igaku.cardiology.ecg.synthetic import cohort
from igaku.errors import IgakuError

pytest.importorskip("scipy")
RECORD = cohort(1, seed=21).records[0]
V2, V4, II = (LEADS.index(n) for n in ("V2", "V4", "II"))


def changed(lead: int, at: slice, value: float, rate: int = 500) -> Record:
    record = RECORD if rate == 500 else cohort(1, seed=21, rate=rate).records[0]
    signal = record.signal.copy()
    signal[lead, at] = value
    return replace(record, signal=signal)


def lines(svg: str) -> list["np.ndarray[tuple[int, int], np.dtype[np.float64]]"]:
    """Points of each line, in millimetres."""
    return [np.array([p.split(",") for p in found.split()], float) for found in re.findall(r'points="([^"]+)"', svg)]


def traces(svg: str) -> list["np.ndarray[tuple[int, int], np.dtype[np.float64]]"]:
    return [points for points in lines(svg) if len(points) > 10]


def test_the_sheet_is_in_millimetres_and_a_second_is_25() -> None:
    svg = twelve_leads(RECORD)
    root = ElementTree.fromstring(svg)
    assert root.get("width") == "297mm" and root.get("height") == "210mm" and root.get("viewBox") == "0 0 297 210"
    rhythm = traces(svg)[-1]
    assert rhythm[0, 0] == LEFT and rhythm[-1, 0] - rhythm[0, 0] == pytest.approx(250, abs=0.1)
    pulses = [p for p in lines(svg) if len(p) == 6]
    assert len(pulses) == 4 and all(np.ptp(p[:, 1]) == 10 and p[3, 0] - p[2, 0] == 5 for p in pulses)


@pytest.mark.parametrize("rate", [500, 1000, 977])
def test_a_spike_of_one_sample_is_drawn_at_its_height(rate: int) -> None:
    record = changed(II, slice(rate // 5 + 1, None, round(0.8 * rate) | 1), 3.0, rate)
    strip = traces(twelve_leads(record))[-1]
    level = float(np.median(record.signal[II]))
    tops = sheet().level(3) - strip[:, 1]
    assert (tops > 10 * (3 - level) - 0.02).sum() == len(
        range(rate // 5 + 1, record.signal.shape[1], round(0.8 * rate) | 1)
    )


def test_high_voltage_is_drawn_whole_and_what_leaves_the_sheet_is_named() -> None:
    whole = replace(RECORD, signal=RECORD.signal * 3)
    level = float(np.median(whole.signal[V2]))
    swing = 10 * float(np.ptp(whole.signal[V2, 2500:3751]))
    assert any(np.ptp(t[:, 1]) == pytest.approx(swing, abs=0.05) for t in traces(twelve_leads(whole))) and swing > 40
    beyond = twelve_leads(changed(V2, slice(3000, 3010), 20.0))
    assert re.search(r"V2 cut off: -?\d+\.\d to \d+\.\d mV", beyond) and "cut off" not in twelve_leads(RECORD)
    assert all(t[:, 1].min() > 28 and t[:, 1].max() < 198 for t in traces(beyond)) and level == level


def test_a_gap_stays_open() -> None:
    svg = twelve_leads(changed(V4, slice(4000, 4900), np.nan), layout="12x1")
    found = [t for t in traces(svg) if abs(float(np.median(t[:, 1])) - sheet("12x1").level(9)) < 1]
    assert [(round(t[0, 0] - LEFT), round(t[-1, 0] - LEFT)) for t in found] == [(0, 200), (245, 250)]
    missing = twelve_leads(changed(V4, slice(None), np.nan))
    assert missing.count("no signal") == 1


@pytest.mark.parametrize(
    ("layout", "cabrera", "first", "n"),
    [
        ("3x4+1", False, ["I", "aVR", "V1", "V4", "II", "aVL"], 13),
        ("3x4+1", True, ["aVL", "II", "V1", "V4", "I", "aVF"], 13),
        ("6x2", False, ["I", "V1", "II", "V2"], 12),
        ("6x2", True, ["aVL", "V1", "I", "V2", "-aVR", "V3"], 12),
        ("12x1", False, ["I", "II", "III", "aVR"], 12),
        ("12x1", True, ["aVL", "I", "-aVR", "II", "aVF", "III"], 12),
    ],
)
def test_layouts(layout: str, cabrera: bool, first: Sequence[str], n: int) -> None:
    svg = twelve_leads(RECORD, layout=layout, cabrera=cabrera)
    names = [t for t in re.findall(r"font-weight=\"600\">([^<]+)<", svg) if t.removeprefix("-") in LEADS]
    assert names[: len(first)] == list(first) and len(names) == len(traces(svg)) == n
    if cabrera and layout == "12x1":
        minus = sheet(layout, cabrera).level(2) - traces(svg)[2][:, 1]
        row = RECORD.signal[LEADS.index("aVR")]
        assert np.corrcoef(minus[:5000], -row)[0, 1] > 0.999
    levels = [sheet(layout, cabrera).level(k) for k in range(len(sheet(layout).rows))]
    assert len(set(np.diff(levels).round(6))) == 1 and levels[0] > 28 and levels[-1] < 198


def test_what_is_measured_stands_above() -> None:
    line = measured(RECORD)
    assert re.fullmatch(r"rate \d+ /min · PR .+ · QRS \d+ ms · QT \d+ ms · QTc \(Bazett\) \d+ ms · axis -?\d+°", line)
    assert line in twelve_leads(RECORD) and measured(changed(II, slice(None), np.nan)).startswith("rate ")
    assert measured(replace(RECORD, signal=RECORD.signal[:, :600])).count("–") == 6


def test_text_of_a_file_is_escaped_and_a_pdf_has_the_same_size(tmp_path: Path) -> None:
    assert "<b>" not in twelve_leads(RECORD, "<b>x</b>")
    pdf = write_picture(RECORD, tmp_path / "a.pdf").read_bytes()
    assert pdf.startswith(b"%PDF") and re.search(rb"/MediaBox \[ ?0 0 841\.8\d* 595\.2\d* ?\]", pdf)
    assert write_picture(RECORD, tmp_path / "a.svg").read_text() == twelve_leads(RECORD, title=Path(RECORD.source).name)
    with pytest.raises(IgakuError, match=r"ends in \.svg or \.pdf"):
        write_picture(RECORD, tmp_path / "a.png")
    with pytest.raises(IgakuError, match="unknown layout '3x4'"):
        twelve_leads(RECORD, layout="3x4")


def test_thinning_holds_the_extremes_and_their_order() -> None:
    x = np.arange(1000) / 100
    y = np.random.default_rng(0).normal(size=1000)
    out = thinned(np.stack([x, y], 1))
    assert len(out) < 250 and (np.diff(out[:, 0]) > 0).all() and {y.min(), y.max()} <= set(out[:, 1])
