"""Faults of a record: each is found where it was put, and not where it was not."""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from igaku.cardiology.ecg import read
from igaku.cardiology.ecg.cohort import Exam, pair_exams, sound
from igaku.cardiology.ecg.formats import files_of, unit_factor
from igaku.cardiology.ecg.inspection import inspect_files
from igaku.cardiology.ecg.lead_faults import KINDS, chosen
from igaku.cardiology.ecg.record import LEADS, Record, arranged, lead_name
from igaku.cardiology.ecg.synthetic import cohort
from igaku.cli import app
from igaku.errors import IgakuError
from igaku.io.paths import find_data

pytest.importorskip("scipy")
Signal = "np.ndarray[tuple[int, int], np.dtype[np.float32]]"
SIGNALS = [r.signal for r in cohort(4, seed=31).records]
RNG = np.random.default_rng(0)


def saved(signal: Signal, folder: Path, rate: int = 500, **more: str) -> Record:
    np.save(folder / "x.npy", np.asarray(signal, np.float32))
    return read(folder / "x.npy", rate, **more)


def reversed_arms(s: Signal) -> Signal:
    return np.concatenate([-s[:1], s[2:3], s[1:2], s[4:5], s[3:4], s[5:]])


def with_lead(s: Signal, lead: str, row: "np.typing.ArrayLike", at: slice = slice(None)) -> Signal:
    out = s.copy()
    out[LEADS.index(lead), at] = row
    return out


def paced(s: Signal) -> Signal:
    out = s.copy()
    out[[1, 6, 7], 120::420] += np.array([[2.5], [1.5], [-2.0]])
    return out


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("unit", lambda s: s * 1000),
        ("unit", lambda s: s * 10),
        ("unit", lambda s: s / 1000),
        ("limb leads", lambda s: s[[0, 1, 2, 3, 5, 4, *range(6, 12)]]),
        ("reversed arms", reversed_arms),
        ("same leads", lambda s: with_lead(s, "V2", s[LEADS.index("V1")])),
        ("same leads", lambda s: with_lead(s, "V6", 0.5 * s[LEADS.index("V5")] + 0.1)),
        ("standstill", lambda s: np.where(np.arange(s.shape[1]) < 4000, 0, s)),
        ("same leads", lambda s: with_lead(s, "V6", -s[10])),
        ("standstill", lambda s: with_lead(s, "V4", 0.2, slice(1000, 1700))),
        ("noise", lambda s: with_lead(s, "V3", RNG.normal(0, 0.3, s.shape[1]))),
        ("noise", lambda s: RNG.normal(0, 0.3, s.shape)),
        ("rail", lambda s: with_lead(s, "V5", np.clip(s[10], -1, 0.3))),
        ("flat", lambda s: with_lead(s, "aVL", 0.0)),
        ("gap", lambda s: with_lead(s, "V1", np.nan, slice(100, 400))),
        ("missing", lambda s: with_lead(s, "V1", np.nan)),
        ("pacing", paced),
        ("level", lambda s: with_lead(s, "V1", s[6] + 2000)),
    ],
)
def test_a_fault_is_found_where_it_was_put(kind: str, change: Callable[[Signal], Signal], tmp_path: Path) -> None:
    for signal in SIGNALS[:2]:
        record = saved(change(signal), tmp_path)
        assert kind in record.faults and kind in KINDS
        assert inspect_files([tmp_path / "x.npy"], 500)[0].records[0].quality != "no fault seen"


@pytest.mark.parametrize("rate", [100, 250, 500, 1000])
def test_a_sound_record_has_none(rate: int, tmp_path: Path) -> None:
    for r in cohort(5, seed=32, rate=rate).records:
        assert saved(r.signal, tmp_path, rate).faults == []


@pytest.mark.data
def test_few_real_records_have_one() -> None:
    if (folder := find_data("ecg/ludb/data")) is None:
        pytest.skip("the real ECGs are not found (IGAKU_DATA)")
    found = [read(folder / str(k)).faults for k in range(1, 61)]
    assert sum(bool(set(f) - {"pacing", "rail"}) for f in found) <= 2


def test_a_unit_is_given_where_a_file_has_none_and_refused_where_it_has(tmp_path: Path) -> None:
    signal = SIGNALS[0]
    for unit, factor in (("uV", 1e3), ("µV", 1e3), ("1e-4V", 10), ("0.005 mV", 200), ("V", 1e-3), ("mV", 1)):
        record = saved(signal * factor, tmp_path, unit=unit)
        assert np.allclose(record.signal, signal, atol=1e-3) and record.faults == []
    for unit in ("counts", "0V", "mm", "1e-4", "V/200"):
        with pytest.raises(IgakuError, match="write mV, uV, V, or a number before it"):
            unit_factor(unit)
    assert (
        CliRunner().invoke(app, ["ecg", "inspect", str(tmp_path / "x.npy"), "--rate", "500", "--unit", "uV"]).exit_code
        == 0
    )
    import wfdb

    wfdb.wrsamp("w", 500, ["mV"] * 12, list(LEADS), signal.T.astype(float), fmt=["16"] * 12, write_dir=str(tmp_path))
    with pytest.raises(IgakuError, match="says its own unit"):
        read(tmp_path / "w.hea", unit="uV")


@pytest.mark.parametrize("pair", [("II", "III"), ("I", "III"), ("aVR", "aVF"), ("aVL", "II"), ("III", "aVF")])
def test_any_two_limb_leads_give_the_others(pair: tuple[str, str]) -> None:
    signal, names = SIGNALS[0], [*pair, "V1", "V2", "V3", "V4", "V5", "V6"]
    found, derived, _ = arranged([signal[LEADS.index(n)] for n in names], names, "x")
    assert np.allclose(found, signal, atol=1e-5) and len(derived) == 4


@pytest.mark.parametrize(
    ("text", "lead"),
    [("DI", "I"), ("DII", "II"), ("D3", "III"), ("L1", "I"), ("C1", "V1"), ("c6", "V6"), ("VR", "aVR"), ("aVf", "aVF"),
     ("第I誘導", "I"), ("Ⅱ", "II"), ("V1誘導", "V1"), ("Ableitung V3", "V3"),
     ("MLII", "II"), ("MLIII", ""), ("C7", ""), ("D", "")],
)  # fmt: skip
def test_names_of_leads_in_other_countries(text: str, lead: str) -> None:
    assert lead_name(text) == lead


def test_a_csv_with_semicolons_and_decimal_commas(tmp_path: Path) -> None:
    signal = SIGNALS[0]
    lines = [";".join(LEADS), *(";".join(f"{v:.3f}".replace(".", ",") for v in row) for row in signal.T)]
    (tmp_path / "r_500hz.csv").write_text("\n".join(lines) + "\n")
    assert np.allclose(read(tmp_path / "r_500hz.csv").signal, signal, atol=6e-4)
    (tmp_path / "t_500hz.csv").write_text("\n".join(line.replace(";", "\t") for line in lines[1:]) + "\n")
    assert np.allclose(read(tmp_path / "t_500hz.csv").signal, signal, atol=6e-4)


def test_ecgs_with_faults_are_counted_out_of_a_cohort(tmp_path: Path) -> None:
    day = date(2024, 1, 1)
    ecgs, echoes = [], []
    for k, signal in enumerate((SIGNALS[0], SIGNALS[1] * 1000, SIGNALS[2])):
        np.savetxt(tmp_path / f"{k}_500hz.csv", signal.T, delimiter=",", header=",".join(LEADS), comments="")
        ecgs.append(Exam(str(k), day, str(tmp_path / f"{k}_500hz.csv")))
        echoes.append(Exam(str(k), day, "35"))
    ecgs[2] = ecgs[2]._replace(value=str(tmp_path / "gone_500hz.csv"))
    left, flow = sound(*pair_exams(ecgs, echoes), ["unit", "noise"])
    assert [p.ecg.patient for p in left] == ["0"] and flow.steps[-1].n == 1
    assert {s.what: s.n for s in flow.lost} == {"ECG with the fault: unit": 1, "ECG that cannot be read": 1}
    with pytest.raises(IgakuError, match="unknown kind of fault 'hum'"):
        chosen(["hum"])


def test_files_without_a_suffix_are_read_by_their_content(tmp_path: Path) -> None:
    (tmp_path / "README").write_text("no ECG")
    (tmp_path / "1.2.840.1").write_bytes(b"\0" * 128 + b"DICM")
    assert files_of(tmp_path) == [tmp_path / "1.2.840.1"]


def test_a_csv_says_its_units_behind_the_leads_or_nowhere(tmp_path: Path) -> None:
    signal, file = SIGNALS[0], tmp_path / "x_500hz.csv"

    def written(names: Sequence[str], factor: float = 1e3) -> Path:
        np.savetxt(file, signal.T * factor, delimiter=",", header=",".join(names), comments="")
        return file

    for unit, factor in (("uV", 1e3), ("µV", 1e3), ("mV", 1), ("V", 1e-3)):
        record = read(written([f"{n} ({unit})" for n in LEADS], factor))
        assert np.allclose(record.signal, signal, atol=1e-3) and record.says_unit and record.faults == []
    assert read(written([f"{n} [uV]" for n in LEADS])).faults == []
    with pytest.raises(IgakuError, match="says its own unit"):
        read(written([f"{n} (uV)" for n in LEADS]), unit="uV")
    with pytest.raises(IgakuError, match="column V6 says no unit, but others do"):
        read(written([*(f"{n} (uV)" for n in LEADS[:-1]), "V6"]))


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "cp932"])
def test_a_csv_in_an_encoding_of_japan(codec: str, tmp_path: Path) -> None:
    names = ["第I誘導", "第II誘導", "第III誘導", *LEADS[3:]]
    rows = ["\t".join(f"{x:.4f}" for x in values) for values in SIGNALS[0].T]
    file = tmp_path / "x_500hz.csv"
    file.write_bytes(("\n".join(["\t".join(names), *rows]) + "\n").encode(codec))
    record = read(file)
    assert np.allclose(record.signal, SIGNALS[0], atol=1e-4) and not record.doubts


@pytest.mark.parametrize("name", ["IM1", "IM1.dicom", "0001.ima", "1.2.840.1", "x.DCM"])
def test_a_folder_finds_dicom_under_any_of_its_names(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"\0" * 128 + b"DICM")
    (tmp_path / "notes.ima").write_bytes(b"no picture at all")
    assert [f.name for f in files_of(tmp_path)] == [name]


def test_a_comment_line_with_several_fields_gives_them_all(tmp_path: Path) -> None:
    import wfdb

    notes = ["Age: 61  Sex: F", "Dx: 426783006,164873001"]
    signal = SIGNALS[0].T.astype(float)
    wfdb.wrsamp("w", 500, ["mV"] * 12, list(LEADS), signal, fmt=["16"] * 12, comments=notes, write_dir=str(tmp_path))
    record = read(tmp_path / "w.hea")
    assert (record.age, record.sex, record.labels) == (61, "F", ["426783006", "164873001"])
    header = tmp_path / "w.hea"
    lines = [line for line in header.read_text().splitlines() if not line.startswith("#")]
    header.write_text("\n".join([*lines[:-1], lines[-1].rsplit(" ", 1)[0]]))
    with pytest.raises(IgakuError, match="its last signal has no name, but others have; the header is cut off"):
        read(header)
