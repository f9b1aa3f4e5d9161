import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from igaku.cardiology.ecg import LEADS, Contract, read
from igaku.cardiology.ecg.doubts import quality
from igaku.cardiology.ecg.formats import files_of, read_all
from igaku.cardiology.ecg.picture import twelve_leads
from igaku.cardiology.ecg.record import Record, arranged, lead_name
from igaku.cardiology.ecg.synthetic import cohort
from igaku.cardiology.patients import sex_of, years
from igaku.cli import app
from igaku.errors import IgakuError
from igaku.io.paths import find_data

pytest.importorskip("scipy")
pytest.importorskip("wfdb")
ecgdatakit = pytest.importorskip("ecgdatakit")
ECG = find_data("ecg")


def real(path: str) -> Path:
    if ECG is None:
        pytest.skip("the real ECGs are not found (IGAKU_DATA)")
    return ECG / path


@pytest.mark.data
@pytest.mark.parametrize(
    ("path", "rate", "seconds", "derived"),
    [
        ("ludb/data/1.hea", 500, 10, []),
        ("formats/pydicom_bundled/waveform_ecg.dcm", 1000, 10, []),
        ("formats/ecgtoolkit_scp_dcm_aecg/Example.scp", 500, 10, []),
        ("formats/ecgtoolkit_scp_dcm_aecg/Example.dcm", 500, 10, []),
        ("formats/ecgtoolkit_scp_dcm_aecg/Example.xml", 500, 10, []),
        ("formats/hl7_aecg_fda/subject2_1.xml", 500, 10, []),
        ("formats/muse_xml_introecg/MUSE_example.xml", 500, 10, ["III", "aVR", "aVL", "aVF"]),
        ("formats/philips_sierra_xml/1_03/129DYPRG.XML", 500, 10, []),
        ("formats/philips_sierra_xml/1_04/3191723_ZZDEMOPTONLY_1-04_orig.xml", 500, 10, []),
        ("formats/philips_sierra_xml/1_04_01/2020-5-18_15-48-11.xml", 500, 10, []),
        ("formats/wfdb_python_ptb_edf/s0010_re.hea", 1000, 38.4, []),
        ("cinc2021/E00666.hea", 500, 10, []),
        ("cinc2021/JS00666.hea", 500, 10, []),
        ("code15/org/code_15_1238362.mat", 400, 7.3, []),
        ("ptbxl_csv100/00001_lr_100hz.csv", 100, 10, []),
    ],
)
def test_every_real_format_is_read(path: str, rate: float, seconds: float, derived: list[str]) -> None:
    r = read(real(path))
    assert r.rate == rate and r.seconds == pytest.approx(seconds, abs=0.1) and r.derived == derived and r.missing == []
    swing = np.nanmax(np.abs(r.signal))
    assert r.signal.shape[0] == 12 and 0.2 < swing < 10
    # Einthoven; leads have levels of their own, and record 1 of LUDB differs more (so says wfdb too)
    residual = r.signal[2] - (r.signal[1] - r.signal[0])
    assert np.nanstd(residual) < 0.5 * np.nanstd(r.signal[:3])
    assert Contract(rate=500).prepare(r).shape == (12, 5000)
    assert twelve_leads(r).count("<polyline") >= 13 + 4


@pytest.mark.data
def test_our_reading_of_wfdb_is_that_of_wfdb() -> None:
    import wfdb

    for path in ("ludb/data/7", "cinc2021/E07500", "formats/wfdb_python_ptb_edf/s0010_re"):
        theirs = wfdb.rdrecord(str(real(path)))
        ours = read(real(path + ".hea"))
        named = [lead_name(n) for n in theirs.sig_name]
        for i, name in enumerate(LEADS):
            assert np.allclose(ours.signal[i], theirs.p_signal[:, named.index(name)], atol=1e-5)


@pytest.mark.data
def test_dicom_is_that_of_pydicom() -> None:
    import pydicom

    path = real("formats/pydicom_bundled/waveform_ecg.dcm")
    theirs = pydicom.dcmread(path).waveform_array(0) / 1000
    assert np.allclose(read(path).signal, theirs.T, atol=1e-3)


@pytest.mark.data
def test_what_real_files_say_of_the_patient() -> None:
    first = read(real("ludb/data/1.hea"))
    assert (
        (first.age, first.sex) == (51.0, "F")
        and any("left axis" in x for x in first.labels)
        and "Left ventricular hypertrophy" in first.labels
    )
    assert not any("Confirmed" in x for x in read(real("formats/muse_xml_introecg/MUSE_example.xml")).labels)
    assert max(r.age or 0 for r in map(read, files_of(real("ludb/data"))[:200])) == 90.0
    assert read(real("cinc2021/E07512.hea")).labels == ["426177001"]
    assert read(real("formats/philips_sierra_xml/1_03/129DYPRG.XML")).extra == []


@pytest.mark.data
def test_files_that_are_no_ecg_are_one_line_and_the_rest_goes_on(tmp_path: Path) -> None:
    for path, message in (
        ("formats/wfdb_python_ptb_edf/test_edfann.edf", "not an ECG"),
        ("formats/wfdb_python_ptb_edf/test_generator_2.edf", "none of the twelve leads"),
        ("code15/meta.csv", "a table without leads"),
    ):
        with pytest.raises(IgakuError, match=message):
            read(real(path))
    found = list(read_all([real("formats/wfdb_python_ptb_edf")]))
    assert sum(isinstance(f, IgakuError) for f in found) == 2 and len(found) == 3


def record(seconds: float = 10.0, rate: int = 500) -> Record:
    return cohort(1, seed=3, rate=rate, seconds=seconds).records[0]


def test_own_formats_are_read_back(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    pyedflib = pytest.importorskip("pyedflib")
    from scipy.io import savemat

    r = record()
    np.save(tmp_path / "a.npy", r.signal)
    np.savetxt(
        tmp_path / "b_500hz.csv", r.signal.T, delimiter=",", header=",".join(x.lower() for x in LEADS), comments=""
    )
    savemat(tmp_path / "c.mat", {"val": r.signal, "fs": 500})
    with h5py.File(tmp_path / "d.h5", "w") as file:
        tracings = file.create_dataset("tracings", data=r.signal.T * 1000)
        tracings.attrs.update({"rate": 500, "units": "uV", "leads": list(LEADS), "age": 61, "sex": "female"})
    writer = pyedflib.EdfWriter(str(tmp_path / "e.edf"), 12, file_type=pyedflib.FILETYPE_EDFPLUS)
    for i, name in enumerate(LEADS):
        writer.setSignalHeader(
            i,
            {
                "label": name,
                "dimension": "mV",
                "sample_frequency": 500,
                "physical_max": 8,
                "physical_min": -8,
                "digital_max": 32767,
                "digital_min": -32768,
                "transducer": "",
                "prefilter": "",
            },
        )
    writer.writeSamples([np.ascontiguousarray(x, np.float64) for x in r.signal])
    writer.close()
    for file, tolerance in (("a.npy", 1e-6), ("b_500hz.csv", 1e-5), ("c.mat", 1e-6), ("d.h5", 1e-5), ("e.edf", 1e-3)):
        back = read(tmp_path / file, 500 if file == "a.npy" else None)
        assert back.rate == 500 and np.allclose(back.signal, r.signal, atol=tolerance), file
    assert (read(tmp_path / "d.h5").age, read(tmp_path / "d.h5").sex) == (61.0, "F")


def test_mfer_is_read(tmp_path: Path) -> None:
    """Written by the standard (ISO 22077-1): little endian, 500 Hz, 1 µV, two leads, 16 bits."""
    pytest.importorskip("ecgdatakit")
    one, two = (record().signal[:2, :1000] * 1000).round().astype("<i2")
    tag = lambda t, body: bytes([t, len(body)]) + body  # noqa: E731
    body = (
        tag(0x40, b"MFR Standard 12 leads ECG   ".ljust(32))
        + tag(0x01, b"\x01")
        + tag(0x08, b"\x01")
        + tag(0x0B, b"\x01\xfd" + (2).to_bytes(2, "little"))
        + tag(0x0C, b"\x00\xfa" + (1).to_bytes(2, "little"))
    )
    body += (
        tag(0x04, (1000).to_bytes(4, "little"))
        + tag(0x05, b"\x02\x00")
        + tag(0x06, b"\x01\x00\x00\x00")
        + tag(0x0A, b"\x00")
    )
    body += b"\x3f\x00\x03" + tag(0x09, b"\x01") + b"\x3f\x01\x03" + tag(0x09, b"\x02")
    data = one.tobytes() + two.tobytes()
    (tmp_path / "a.mwf").write_bytes(body + b"\x1e\x84" + len(data).to_bytes(4, "big") + data + b"\x80\x00")
    r = read(tmp_path / "a.mwf")
    assert r.rate == 500 and "I" not in r.missing and "II" not in r.missing
    assert np.corrcoef(r.signal[0], one)[0, 1] > 0.99


def test_leads_go_by_name_and_missing_ones_are_derived() -> None:
    r = record()
    order = [3, 5, 4, 0, 1, 2, 6, 7, 8, 9, 10, 11]
    put, derived, extra = arranged(r.signal[order], [LEADS[i].upper() for i in order], "x")
    assert np.array_equal(put, r.signal) and derived == [] and extra == []
    eight, derived, extra = arranged(
        [*r.signal[[0, 1, 6, 7, 8, 9, 10, 11]], r.signal[0]], ["I", "II", "V1", "V2", "V3", "V4", "V5", "V6", "vx"], "x"
    )
    assert np.allclose(eight, r.signal, atol=1e-5) and len(derived) == 4 and extra == ["vx"]
    only, _, _ = arranged(r.signal[:1], ["I"], "x")
    assert Record(signal=only, rate=500, source="x", format="x").missing == list(LEADS[1:])


@pytest.mark.parametrize(
    ("text", "age"),
    [("51\n", 51), (">89", 90), ("051Y", 51), ("", None), (None, None), ("NaN", None), ("300", None), (64.0, 64)],
)
def test_ages(text: object, age: float | None) -> None:
    assert years(text) == age


def test_names_of_leads_and_sexes() -> None:
    assert [lead_name(x) for x in ("avr", "Lead II", "MDC_ECG_LEAD_V3", "ECG V1", "vx", "I")] == [
        "aVR",
        "II",
        "V3",
        "V1",
        "",
        "I",
    ]
    assert [sex_of(x) for x in ("Female", "M", "男性", "1", None)] == ["F", "M", "M", "", ""]


@given(
    st.binary(max_size=300),
    st.sampled_from([".hea", ".csv", ".npy", ".mat", ".h5", ".xml", ".dcm", ".scp", ".mwf", ".edf"]),
)
def test_any_bytes_are_read_or_one_line(tmp_path_factory: pytest.TempPathFactory, data: bytes, suffix: str) -> None:
    file = tmp_path_factory.mktemp("x") / f"a{suffix}"
    file.write_bytes(data)
    try:
        read(file)
    except IgakuError as error:
        assert str(file) in str(error)


def test_a_folder_without_ecgs_is_one_line_and_no_empty_table(tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text("x")
    done = CliRunner().invoke(app, ["ecg", "inspect", str(tmp_path)])
    assert done.stdout == "" and isinstance(done.exception, IgakuError)
    assert "no file of a known format" in str(done.exception)


def test_a_rate_is_never_assumed(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", record().signal)
    with pytest.raises(IgakuError, match="how many samples per second"):
        read(tmp_path / "a.npy")
    with pytest.raises(IgakuError, match="at 2 Hz; not an ECG"):
        read(tmp_path / "a.npy", 2)


def test_a_turned_lead_is_turned_back() -> None:
    r = record()
    put, derived, _ = arranged([r.signal[0], r.signal[1], -r.signal[3]], ["I", "II", "-aVR"], "x")
    assert np.allclose(put[3], r.signal[3]) and "aVR" not in derived


def test_pickles_are_not_loaded(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(IgakuError, match="damaged, or not an ECG"):
        read(tmp_path / "a.npy")


def test_a_cut_off_file_and_a_path_elsewhere_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.hea").write_text("a 1 500 5000\na.dat 16 1000/mV 16 0 0 0 0 I\n")
    (tmp_path / "a.dat").write_bytes(b"\0" * 100)
    with pytest.raises(IgakuError, match="cut off: 50 of 5,000"):
        read(tmp_path / "a")
    (tmp_path / "b.hea").write_text("b 1 500 5000\n../../etc/passwd 16 1000/mV 16 0 0 0 0 I\n")
    with pytest.raises(IgakuError, match=r"not found|Invalid name"):
        read(tmp_path / "b.hea")


def test_the_contract_is_enforced() -> None:
    c = Contract(rate=250, seconds=8, normalise="lead")
    for seconds, rate in ((10.0, 500), (7.0, 500), (10.0, 400)):
        signal = c.prepare(record(seconds, rate))
        assert signal.shape == (12, 2000) and signal.dtype == np.float32 and np.abs(signal.mean(1)).max() < 1e-3
    with pytest.raises(IgakuError, match="at least 5 s"):
        c.prepare(record(3.0))
    lost = record()
    lost.signal[7] = np.nan
    with pytest.raises(IgakuError, match="lead V2 is missing"):
        c.prepare(lost)
    assert quality(lost) == "missing V2" and quality(record()) == "no fault seen"


def test_every_sample_of_a_frame_is_read_and_other_channels_are_left_out(tmp_path: Path) -> None:
    raw = np.arange(4 * 1000, dtype="<i2")
    raw.tofile(tmp_path / "a.dat")
    line = "a.dat 16x2 200/mV 16 0 0 0 0 "
    (tmp_path / "a.hea").write_text(f"a 2 500 1000\n{line}I\n{line}II\n")
    both = read(tmp_path / "a.hea")
    assert both.rate == 1000 and np.allclose(both.signal[0], raw.reshape(-1, 2, 2)[:, 0].ravel() / 200)
    (tmp_path / "a.hea").write_text(
        f"a 2 500 1000\n{line}I\n{line.replace('x2', 'x1')}II\na.dat 16 200/mV 16 0 0 0 0 V1\n".replace("a 2", "a 3")
    )
    with pytest.raises(IgakuError, match=r"leads with different rates \(500, 1000 Hz\)"):
        read(tmp_path / "a.hea")
    raw[:3000].tofile(tmp_path / "b.dat")
    (tmp_path / "b.hea").write_text(
        "b 3 500 1000\n"
        + "".join(f"b.dat 16 200/{u} 16 0 0 0 0 {n}\n" for u, n in (("mV", "I"), ("NU", "resp"), ("mV", "II")))
    )
    assert np.allclose(read(tmp_path / "b.hea").signal[1], raw[2:3000:3] / 200)


@pytest.mark.parametrize("name", ["-aVR", "Lead -aVR", "ECG -aVR", "MDC_ECG_LEAD_-aVR"])
def test_minus_avr_is_turned_back_however_it_is_spelt(name: str) -> None:
    signal, _, extra = arranged(np.full((1, 5), 2.0), [name], "x")
    assert signal[3, 0] == -2 and not extra and lead_name("Lead-V2") == "V2"


def test_a_rate_is_what_the_file_says_and_a_header_of_numbers_is_no_sample(tmp_path: Path) -> None:
    from scipy.io import savemat

    signal = cohort(1, seed=1).records[0].signal
    savemat(tmp_path / "a.mat", {"val": signal, "fs": 500.0})
    assert read(tmp_path / "a.mat", 500).rate == 500
    with pytest.raises(IgakuError, match="says 500 Hz, but 250 was given"):
        read(tmp_path / "a.mat", 250)
    np.savetxt(tmp_path / "b.csv", signal.T, delimiter=",", header=",".join(map(str, range(12))), comments="")
    assert np.allclose(read(tmp_path / "b.csv", 500).signal, signal, atol=1e-6)


def test_a_small_file_that_claims_a_huge_record_is_refused(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("tracings", shape=(12, 400_000_000), dtype="f4", chunks=(1, 1000))
        file.attrs["fs"] = 500
    assert (tmp_path / "a.h5").stat().st_size < 100_000
    with pytest.raises(IgakuError, match="claims 4,800,000,000 samples in one record"):
        read(tmp_path / "a.h5")


def test_a_record_that_is_mostly_missing_is_not_prepared() -> None:
    record = cohort(1, seed=1).records[0]
    record.signal[4, 1000:3000] = np.nan
    with pytest.raises(IgakuError, match="more than a fifth of lead aVL is missing"):
        Contract().prepare(record)


@pytest.mark.data
def test_a_warning_about_the_program_is_no_remark_on_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    path = real("formats/pydicom_bundled/waveform_ecg.dcm")
    parse = ecgdatakit.FileParser.parse

    def parse_while_a_socket_is_left_open(file: str) -> object:
        warnings.warn("unclosed event loop", ResourceWarning, stacklevel=1)
        return parse(file)

    sound = read(path)
    monkeypatch.setattr(ecgdatakit.FileParser, "parse", staticmethod(parse_while_a_socket_is_left_open))
    again = read(path)
    assert again.doubts == sound.doubts and np.array_equal(again.signal, sound.signal, equal_nan=True)


@pytest.mark.data
def test_threads_do_not_take_the_remarks_of_each_other() -> None:
    paths = [real("formats/ecgtoolkit_scp_dcm_aecg/Example.scp"), real("formats/muse_xml_introecg/MUSE_example.xml")]
    alone = [read(p).doubts for p in paths]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda k: read(paths[k % 2]).doubts, range(16)))
    assert together == [alone[k % 2] for k in range(16)]
