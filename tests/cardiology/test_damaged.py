"""Files that contradict themselves: refused in one line, or said beside what was read."""

import copy
import io
import re
import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from igaku.cardiology.ecg import read
from igaku.cardiology.ecg.inspection import inspect_files
from igaku.cardiology.ecg.synthetic import cohort
from igaku.errors import IgakuError
from igaku.io.paths import find_data
from tests.fuzz.signals_bases import Base, made

pytest.importorskip("scipy")
pytest.importorskip("ecgdatakit")
h5py = pytest.importorskip("h5py")
BASES = {b.kind: b for b in made()}


def written(base: Base, folder: Path, changes: dict[str, bytes] | None = None) -> Path:
    for name, data in (base.files | (changes or {})).items():
        (folder / name).write_bytes(data)
    return folder / base.entry


def edited(kind: str, old: bytes, new: bytes) -> tuple[Base, dict[str, bytes]]:
    base = BASES[kind]
    raw = base.files[base.entry]
    assert raw.count(old) >= 1
    return base, {base.entry: raw.replace(old, new, 1)}


@pytest.mark.parametrize("lines", [2, 4, 12])
def test_a_header_that_is_cut_off_gives_no_ecg(lines: int, tmp_path: Path) -> None:
    base = BASES["WFDB 16"]
    cut = b"".join(base.files["r.hea"].splitlines(keepends=True)[:lines])
    with pytest.raises(IgakuError, match=f"says 12 signals, but describes {lines - 1}"):
        read(written(base, tmp_path, {"r.hea": cut}))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b"r 12 500 1000", b"r 12 500 900", "12 leads of 900, which take"),
        (b"r 12 500 1000", b"r 12 500 1100", "cut off: 1,000 of 1,100 samples"),
        (b"r 12 500 1000", b"r 12 500 9e9", "not a WFDB header"),
        (b"r 12 500 1000", b"r 11 500 1000", "says 11 signals, but describes 12"),
        (b"r 12 500 1000", b"r/2 12 500 1000", "says 2 segments, but describes 12"),
        (b"r.dat 16 ", b"r.dat 16+24 ", "differ about the format or the first byte"),
        (b"r.dat 16 ", b"r.dat 61 ", "differ about the format"),
        (b"r.dat 16 ", b"r.dat 999 ", "differ about the format"),
        (b"r.dat 16 ", b"../r.dat 16 ", "not found beside it"),
        (b"/mV 16 0 ", b"/mX 16 0 ", "not a voltage"),
        (b"/mV 16 0 ", b"/mV 16 a ", "cannot be read"),
        (b" II\n", b" I\n", "lead I is there twice"),
    ],
)
def test_a_header_that_does_not_fit_its_signal_is_refused(old: bytes, new: bytes, message: str, tmp_path: Path) -> None:
    base, changes = edited("WFDB 16", old, new)
    with pytest.raises(IgakuError, match=message):
        read(written(base, tmp_path, changes))


def test_checksums_and_first_values_are_compared_unless_they_are_switched_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = BASES["WFDB 16"]
    raw = bytearray(base.files["r.dat"])
    raw[240] ^= 1
    path = written(base, tmp_path, {"r.dat": bytes(raw)})
    with pytest.raises(IgakuError, match="the checksum of I differs from its samples"):
        read(path)
    monkeypatch.setenv("IGAKU_ECG_CHECKSUMS", "off")
    assert read(path).signal.shape == (12, 1000)
    monkeypatch.delenv("IGAKU_ECG_CHECKSUMS")
    lines = base.files["r.hea"].decode().splitlines()
    none = [re.sub(r"(/mV 16 0) -?\d+ -?\d+", r"\1 0 0", x) for x in lines]
    (tmp_path / "r.hea").write_text("\n".join(none) + "\n")
    assert read(path).signal.shape == (12, 1000)  # zeros everywhere: the header has none


def test_segments_are_joined_by_name_and_a_gap_stays_open(tmp_path: Path) -> None:
    base = BASES["WFDB 16"]
    written(base, tmp_path)
    one = read(tmp_path / "r.hea").signal
    (tmp_path / "m.hea").write_text("m/3 12 500 2500\nr 1000\n~ 500\nr 1000\n")
    joined = read(tmp_path / "m.hea").signal
    assert np.allclose(joined[:, :1000], one) and np.isnan(joined[:, 1000:1500]).all()
    assert np.allclose(joined[:, 1500:], one)
    (tmp_path / "m.hea").write_text("m/2 12 500 2500\nr 1000\nr 1000\n")
    with pytest.raises(IgakuError, match="says 2,500 samples, but its segments have 2,000"):
        read(tmp_path / "m.hea")
    (tmp_path / "m.hea").write_text("m/1 12 250 1000\nr 1000\n")
    with pytest.raises(IgakuError, match=r"does not fit m\.hea"):
        read(tmp_path / "m.hea")


@pytest.mark.parametrize(
    ("kind", "old", "new", "message"),
    [
        ("EDF", b"4       0.5 ", b"3       0.5 ", "after the last data record"),
        ("EDF", b"4       0.5 ", b"6       0.5 ", "truncated"),
        ("EDF", b"3328    ", b"3072    ", "header size"),
        ("MUSE XML", b"<NumberofLeads>8<", b"<NumberofLeads>7<", "says 7 leads, but 8 are there"),
        ("MUSE XML", b"<LeadDataCRC32>", b"<LeadDataCRC32>1", "CRC32 mismatch.*IGAKU_ECG_CHECKSUMS"),
        ("MUSE XML", b"MICROVOLTS", b"COUNTS", "has no unit or no scale"),
        ("MUSE XML", b">V1<", b">V2<", "lead V2 is there twice"),
        ("aECG XML", b"20200314101114", b"20200314101314", "lasts 122 s by its times"),
        ("aECG XML", b"<digits>", b"<digits>5 ", "different lengths"),
        ("SCP-ECG", b"\xe8\x03\xd0\x07", b"\xe9\x03\xd0\x07", "CRC mismatch"),
        ("MFER", b"\x04\x02\xe8\x03", b"\x04\x02\xe7\x03", "its frame takes 23,976 bytes, but 24,000"),
        ("MFER", b"\x05\x01\x0c", b"\x05\x01\x0b", "its frame takes 22,000 bytes, but 24,000"),
    ],
)
def test_a_vendors_file_that_contradicts_itself_is_refused(
    kind: str, old: bytes, new: bytes, message: str, tmp_path: Path
) -> None:
    base, changes = edited(kind, old, new)
    with pytest.raises(IgakuError, match=message):
        read(written(base, tmp_path, changes))


def test_waveforms_of_dicom_are_as_long_as_they_say(tmp_path: Path) -> None:
    import pydicom

    path = written(BASES["DICOM ECG"], tmp_path)
    for name, value, message in (
        ("NumberOfWaveformSamples", 900, "which take 21,600 bytes, but 24,000 are there"),
        ("NumberOfWaveformChannels", 10, "says 10 channels, but describes 12"),
    ):
        file = pydicom.dcmread(path)
        setattr(file.WaveformSequence[0], name, value)
        file.save_as(tmp_path / "b.dcm")
        with pytest.raises(IgakuError, match=message):
            read(tmp_path / "b.dcm")
    file = pydicom.dcmread(path)
    file.WaveformSequence.append(file.WaveformSequence[0])
    file.save_as(tmp_path / "c.dcm")
    with pytest.raises(IgakuError, match="2 groups hold one lead at several times"):
        read(tmp_path / "c.dcm")


def test_a_remark_of_the_reader_that_nobody_foresaw_is_a_contradiction() -> None:
    from igaku.cardiology.ecg.vendor_checks import check_remarks

    assert check_remarks(Path("x"), ["Leads ['resp'] are not in a voltage unit"]) == []
    assert check_remarks(Path("x"), ["2 rhythm series found; only the first is read"])
    with pytest.raises(IgakuError, match="x: something new; so it is not read"):
        check_remarks(Path("x"), ["something new"])


def test_hdf5_that_points_out_of_its_file_is_refused(tmp_path: Path) -> None:
    signal = cohort(1, seed=1).records[0].signal
    other = tmp_path / "other.h5"
    with h5py.File(other, "w") as file:
        file["tracings"], file["many"] = signal, signal[None]
    (tmp_path / "raw").write_bytes(signal.tobytes())
    with h5py.File(tmp_path / "external.h5", "w") as file:
        file.create_dataset("tracings", signal.shape, "f4", external=[(str(tmp_path / "raw"), 0, signal.nbytes)])
        file.attrs["rate"] = 500
    with h5py.File(tmp_path / "virtual.h5", "w") as file:
        layout = h5py.VirtualLayout(signal.shape, "f4")
        layout[:] = h5py.VirtualSource(str(other), "tracings", signal.shape)
        file.create_virtual_dataset("tracings", layout)
        file.attrs["rate"] = 500
    for name in ("external", "virtual"):
        with pytest.raises(IgakuError, match="lies in other files"):
            read(tmp_path / f"{name}.h5")
    with h5py.File(tmp_path / "links.h5", "w") as file:
        file["tracings"] = h5py.ExternalLink(str(other), "/many")
        file["soft"], file.attrs["rate"] = h5py.SoftLink("/tracings"), 500
    for path in ("links.h5", "links.h5#0"):
        with pytest.raises(IgakuError, match="no data set of"):
            read(tmp_path / path, 500)


def test_hdf5_whose_names_rates_or_numbers_differ_is_refused(tmp_path: Path) -> None:
    signal = cohort(1, seed=1).records[0].signal
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["tracings"] = signal
        file.attrs["rate"], file["tracings"].attrs["fs"] = 500, 250
    with pytest.raises(IgakuError, match="several rates"):
        read(tmp_path / "a.h5")
    with h5py.File(tmp_path / "a.h5", "a") as file:
        file.attrs["leads"] = ["I", "II"]
        del file["tracings"].attrs["fs"]
    with pytest.raises(IgakuError, match="names 2 leads, but holds 12"):
        read(tmp_path / "a.h5")
    with h5py.File(tmp_path / "b.h5", "w") as file:
        file["tracings"], file["exam_id"] = np.stack([signal] * 3), [1, 2, 2]
    assert read(tmp_path / "b.h5#1", 500).signal.shape == signal.shape
    with pytest.raises(IgakuError, match="several records '2'"):
        read(tmp_path / "b.h5#2", 500)


def test_small_files_that_claim_much_are_refused_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from scipy.io import savemat

    savemat(tmp_path / "a.mat", {"val": np.zeros((12, 300_000))}, do_compression=True)
    with pytest.raises(IgakuError, match=r"claims 3,600,0\d\d samples in one record, but holds only"):
        read(tmp_path / "a.mat", 500)
    np.save(tmp_path / "b.npy", np.zeros((12, 5000), "f4"))
    raw = (tmp_path / "b.npy").read_bytes()
    for data in (raw[:-4], raw + b"1234"):
        (tmp_path / "c.npy").write_bytes(data)
        with pytest.raises(IgakuError, match=r"c\.npy"):
            read(tmp_path / "c.npy", 500)
    monkeypatch.setenv("IGAKU_MAX_SAMPLES", "1000")
    with pytest.raises(IgakuError, match=r"claims 12,000 samples .* IGAKU_MAX_SAMPLES raises it"):
        read(written(BASES["WFDB 16"], tmp_path))


def test_what_can_be_read_but_does_not_fit_is_said(tmp_path: Path) -> None:
    signal = cohort(1, seed=1).records[0].signal
    assert read_npy(signal, tmp_path).doubts == []
    assert "swings by" in read_npy(signal * 1000, tmp_path).doubts[0]
    swapped = signal.copy()
    swapped[[4, 5]] = swapped[[5, 4]]
    assert "aVL, aVF does not fit I and II" in read_npy(swapped, tmp_path).doubts[0]
    swapped = signal.copy()
    swapped[[0, 8]] = swapped[[8, 0]]
    assert "limb leads do not fit each other" in read_npy(swapped, tmp_path).doubts[0]
    misnamed = BASES["CSV"].files["r_500hz.csv"].replace(b"aVR", b"aVQ", 1)
    path = written(BASES["CSV"], tmp_path, {"r_500hz.csv": misnamed})
    assert "no aVR, which was derived" in read(path).doubts[0]
    found, _ = inspect_files([path])
    assert "no aVR, which was derived" in found.records[0].quality
    with pytest.raises(IgakuError, match="infinite"):
        read_npy(np.where(signal > 0.5, np.inf, signal), tmp_path)


def read_npy(signal: np.ndarray, folder: Path):  # type: ignore[no-untyped-def,type-arg]
    np.save(folder / "x.npy", signal.astype("f4"))
    return read(folder / "x.npy", 500)


def test_frames_of_an_angiogram_are_counted_before_they_are_decoded(tmp_path: Path) -> None:
    import pydicom

    from igaku.cardiology.angiography import read_cine

    path = written(BASES["DICOM XA"], tmp_path)
    for name, value, message in (
        ("NumberOfFrames", 4, "15,360 bytes of pixels are there, but 4 frames"),
        ("NumberOfFrames", 16, "cut off, or the file contradicts itself"),
        ("Rows", 24, "frames of 960 bytes"),
        ("Columns", 60_000, "claims 23,040,000 pixels in one video, but holds only"),
        ("BitsStored", 12, "12 bits stored of 8"),
        ("PhotometricInterpretation", "RGB", "1 values a pixel of RGB"),
        ("NumberOfFrames", 900_000, "IGAKU_MAX_PIXELS raises it"),
    ):
        file = pydicom.dcmread(path)
        setattr(file, name, value)
        file.save_as(tmp_path / "b.dcm")
        with pytest.raises(IgakuError, match=message):
            read_cine(tmp_path / "b.dcm")
    raw, at = path.read_bytes(), BASES["DICOM XA"].samples["r.dcm"][0][0]
    (tmp_path / "d.dcm").write_bytes(raw[:at] + raw[at - 20 : at] + raw[at:])
    with pytest.raises(IgakuError, match="its last element ends at byte"):
        read_cine(tmp_path / "d.dcm")
    file = pydicom.dcmread(path)
    del file.NumberOfFrames
    file.save_as(tmp_path / "c.dcm")
    whole = read_cine(tmp_path / "c.dcm")
    assert len(whole.frames) == 8 and whole.doubts == ["does not say how many frames it has"]


def test_the_size_in_a_picture_of_jpeg_and_jpeg_2000_is_read() -> None:
    from PIL import Image

    from igaku.cardiology.angiography.frames import picture_size

    out = io.BytesIO()
    Image.new("L", (40, 24)).save(out, "JPEG")
    assert picture_size(out.getvalue()) == (24, 40)
    j2k = b"\xff\x4f\xff\x51" + struct.pack(">HHIIII", 41, 0, 64, 48, 0, 0)
    assert picture_size(j2k) == (48, 64) and picture_size(b"RLE") is None and picture_size(b"\xff\xd8\xff") is None


def test_a_tree_that_is_cut_off_or_points_elsewhere_is_refused(tmp_path: Path) -> None:
    lightgbm = pytest.importorskip("lightgbm")
    from igaku.cardiology.ecg.features import NAMES
    from igaku.cardiology.ecg.trees import read_tree

    rng = np.random.default_rng(1)
    x = rng.random((300, len(NAMES)))
    model = lightgbm.train(
        {"objective": "binary", "verbose": -1, "num_leaves": 4, "num_threads": 1},
        lightgbm.Dataset(x, x[:, 0] > 0.5, feature_name=list(NAMES)),
        3,
    )
    text, file = model.model_to_string(), tmp_path / "tree-0.txt"
    file.write_text(text)
    assert np.allclose(read_tree(file).predict(x), model.predict(x))
    last = text.index("Tree=2")
    for damaged in (
        text[:last] + text[text.index("end of trees") :],
        text.replace("num_class=1", "num_class=1000000000"),
        re.sub(r"tree_sizes=\d+", "tree_sizes=99999999", text),
        text.replace("is_linear=0", "is_linear=1", 1),
        re.sub(r"leaf_count=\d+ ", "leaf_count=", text, count=1),
        re.sub(r"leaf_value=\S+", "leaf_value=nan", text, count=1),
        re.sub(r"split_feature=\d+", "split_feature=1.5", text, count=1),
        re.sub(r"decision_type=\d+", "decision_type=inf", text, count=1),
        text[: len(text) // 2],
    ):
        assert damaged != text
        file.write_text(damaged)
        with pytest.raises(IgakuError, match="a tree that cannot be read"):
            read_tree(file)


def test_weights_of_another_type_or_without_numbers_are_refused(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    from safetensors.torch import save_file

    from igaku.cardiology.networks import read_weights

    module = torch.nn.Linear(2, 1)
    good = {"weight": torch.ones(1, 2), "bias": torch.zeros(1)}
    save_file(good, tmp_path / "a.safetensors")
    assert read_weights(module, tmp_path / "a.safetensors").weight.sum() == 2
    for tensors, message in (
        (good | {"bias": torch.tensor([float("nan")])}, "bias holds values that are no numbers"),
        (good | {"weight": torch.ones(1, 2, dtype=torch.float16)}, "weight is of torch.float16"),
    ):
        save_file(tensors, tmp_path / "a.safetensors")
        with pytest.raises(IgakuError, match=message):
            read_weights(module, tmp_path / "a.safetensors")


def test_matlab_files_are_read_as_scipy_reads_them_and_a_changed_byte_ends_nothing(tmp_path: Path) -> None:
    from scipy.io import loadmat, savemat

    from igaku.cardiology.ecg.mat_files import matrices

    rng = np.random.default_rng(2)
    values = {"val": rng.random((12, 40)), "i": np.arange(6, dtype="i2").reshape(2, 3), "fs": 500.0}
    for level, packed in (("5", False), ("5", True), ("4", False)):
        more = {"text": "abc", "part": {"a": 1}, "z": np.ones((2, 2), complex)} if level == "5" else {}
        savemat(tmp_path / "a.mat", values | more, format=level, do_compression=packed)
        theirs, ours = loadmat(tmp_path / "a.mat"), matrices(tmp_path / "a.mat")
        assert set(ours) == set(values) and all(np.array_equal(theirs[k], x) for k, x in ours.items())
        raw = (tmp_path / "a.mat").read_bytes()
        for at in range(0, min(len(raw), 400), 3):
            (tmp_path / "b.mat").write_bytes(raw[:at] + bytes([raw[at] ^ 0x55]) + raw[at + 1 :])
            try:
                found = matrices(tmp_path / "b.mat")
            except IgakuError as error:
                assert "\n" not in str(error)
            else:
                assert all(x.ndim == 2 for x in found.values())


def test_a_vector_and_a_variable_that_is_there_twice(tmp_path: Path) -> None:
    from scipy.io import savemat

    from igaku.cardiology.ecg.mat_files import matrices

    savemat(tmp_path / "a.mat", {"val": np.eye(3)})
    raw = (tmp_path / "a.mat").read_bytes()
    (tmp_path / "a.mat").write_bytes(raw + raw[128:])
    with pytest.raises(IgakuError, match="'val' is there twice"):
        matrices(tmp_path / "a.mat")


def dicom_groups(folder: Path, groups: Sequence[tuple[Sequence[int], int, int, str]]) -> Path:
    """A DICOM ECG with groups of (leads, first sample, last sample, originality) of one record; offsets as they lie."""
    import pydicom

    file = pydicom.dcmread(written(BASES["DICOM ECG"], folder))
    whole = file.WaveformSequence[0]
    samples = np.frombuffer(whole.WaveformData, "<i2").reshape(-1, whole.NumberOfWaveformChannels)
    items = []
    for leads, first, last, originality in groups:
        item = copy.deepcopy(whole)
        item.NumberOfWaveformChannels, item.NumberOfWaveformSamples = len(leads), last - first
        item.ChannelDefinitionSequence = [whole.ChannelDefinitionSequence[k] for k in leads]
        item.WaveformData = samples[first:last, list(leads)].tobytes()
        item.WaveformOriginality, item.MultiplexGroupLabel = originality, ""
        item.MultiplexGroupTimeOffset = str(1000 * first / float(whole.SamplingFrequency))
        items.append(item)
    file.WaveformSequence = items
    file.save_as(folder / "groups.dcm")
    return folder / "groups.dcm"


def test_groups_of_leads_lie_at_their_own_times(tmp_path: Path) -> None:
    whole = read(written(BASES["DICOM ECG"], tmp_path))
    quarter = whole.signal.shape[1] // 4
    columns = [(range(3 * k, 3 * k + 3), k * quarter, (k + 1) * quarter, "ORIGINAL") for k in range(4)]
    found = read(dicom_groups(tmp_path, columns))
    for k in range(4):
        part = slice(k * quarter, (k + 1) * quarter)
        rows = slice(3 * k, 3 * k + 3)
        assert np.allclose(found.signal[rows, part], whole.signal[rows, part], atol=1e-5)
        assert np.isnan(found.signal[rows]).sum() == 3 * 3 * quarter
    assert found.derived == [] and "not simultaneous" in found.doubts[0]


def test_the_whole_recording_is_read_among_derived_groups(tmp_path: Path) -> None:
    whole = read(written(BASES["DICOM ECG"], tmp_path))
    n = whole.signal.shape[1]
    twelve = range(12)
    for groups in (
        [(twelve, 0, n // 3, "DERIVED"), (twelve, 0, n, "ORIGINAL")],
        [(twelve, 0, n, "ORIGINAL"), (twelve, 0, n // 3, "ORIGINAL")],
    ):
        assert np.allclose(read(dicom_groups(tmp_path, groups)).signal, whole.signal, atol=1e-5)


@pytest.mark.data
def test_data_records_of_edf_lie_at_their_own_times() -> None:
    if (file := find_data("../cases/cardiology/e02_edf_d/r.edf")) is None:
        pytest.skip("the cases are not found (IGAKU_DATA)")
    record, truth = read(file), np.load(file.parents[1] / "truth_mV_12x5000.npy")
    assert np.isnan(record.signal[:, 2500:4000]).all() and record.signal.shape == (12, 6500)
    assert np.allclose(np.delete(record.signal, np.s_[2500:4000], 1), truth, atol=1e-3)


@pytest.mark.parametrize(
    ("declared", "codec"), [("Shift_JIS", "cp932"), ("windows-31J", "cp932"), ("EUC-JP", "euc_jp")]
)
def test_xml_in_a_japanese_encoding_is_read(declared: str, codec: str, tmp_path: Path) -> None:
    path = written(BASES["MUSE XML"], tmp_path)
    text = path.read_text(encoding="utf-8", errors="strict")
    text = re.sub(r'encoding="[^"]+"', f'encoding="{declared}"', text, count=1)
    if "encoding=" not in text[:100]:
        text = f'<?xml version="1.0" encoding="{declared}"?>' + re.sub(r"^<\?xml[^>]*\?>", "", text)
    named = text.replace("<PatientDemographics>", "<PatientDemographics><PatientLastName>山田</PatientLastName>", 1)
    wanted = read(path)
    path.write_bytes(named.encode(codec))
    found = read(path)
    assert np.array_equal(found.signal, wanted.signal) and found.source == str(path)
    path.write_bytes(named.encode(codec).replace(b"</PatientLastName>", b"\x81</PatientLastName>"))
    with pytest.raises(IgakuError, match=r"declares .*; damaged"):
        read(path)
