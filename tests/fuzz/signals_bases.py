"""Small sound files of every ECG and angiogram format, written here, and where in them header and samples lie."""

import base64
import binascii
import io
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from igaku.cardiology.ecg.record import LEADS
from igaku.cardiology.ecg.synthetic import cohort

RATE, SAMPLES = 500, 1000


class Base(NamedTuple):
    """A record as files."""

    kind: str
    files: dict[str, bytes]
    entry: str
    """The file that is read."""
    samples: dict[str, list[tuple[int, int]]]
    """File -> where its samples lie, from and to; everything else is header."""
    summed: bool = False
    """Whether a checksum covers the samples."""
    rate: float | None = None
    """Given beside the file, as ``--rate``."""


def digits(gain: float = 1000.0) -> NDArray[np.int16]:
    """int16 [12, n], a synthetic ECG in units of 1 / gain mV."""
    signal = cohort(1, seed=5).records[0].signal[:, 500 : 500 + SAMPLES]
    return np.round(signal * gain).astype(np.int16)


def made() -> Iterator[Base]:
    """One base of each format."""
    yield from (_wfdb("16"), _wfdb("212"), _edf(), _muse(), _aecg(), _scp(), _mfer(), _dicom(), _csv(), _npy())
    yield from (_mat(False), _mat(True), _hdf5(), _cine())


def _wfdb(form: str) -> Base:
    import tempfile

    import wfdb

    with tempfile.TemporaryDirectory() as folder:
        wfdb.wrsamp(
            "r", fs=RATE, units=["mV"] * 12, sig_name=list(LEADS), d_signal=digits(200).T.astype(int), fmt=[form] * 12,
            adc_gain=[200.0] * 12, baseline=[0] * 12, comments=["Age: 61", "Sex: F"], write_dir=folder,
        )  # fmt: skip
        files = {n: Path(folder, n).read_bytes() for n in ("r.hea", "r.dat")}
    return Base(f"WFDB {form}", files, "r.hea", {"r.dat": [(0, len(files["r.dat"]))]}, True)


def _edf() -> Base:
    n, per = 12, 250
    fields: list[tuple[int, list[str]]] = [
        (16, [f"ECG {x}" for x in LEADS]), (80, ["electrode"] * n), (8, ["uV"] * n), (8, ["-32768"] * n),
        (8, ["32767"] * n), (8, ["-32768"] * n), (8, ["32767"] * n), (80, [""] * n), (8, [str(per)] * n),
        (32, [""] * n),
    ]  # fmt: skip
    head = f"{'0':8}{'p1 F 01-JAN-1959 X':80}{'Startdate 14-MAR-2020 X X X':80}14.03.2010.11.12"
    head += f"{256 * (n + 1):<8}{'':44}{SAMPLES // per:<8}{per / RATE:<8g}{n:<4}"
    raw = (head + "".join(f"{x:{width}}" for width, values in fields for x in values)).encode("ascii")
    blocks = digits().reshape(n, -1, per).transpose(1, 0, 2)
    data = np.ascontiguousarray(blocks).astype("<i2").tobytes()
    return Base("EDF", {"r.edf": raw + data}, "r.edf", {"r.edf": [(len(raw), len(raw + data))]})


def _muse() -> Base:
    def lead(name: str, row: NDArray[np.int16]) -> str:
        data = row.astype("<i2").tobytes()
        return (
            f"<LeadData><LeadByteCountTotal>{len(data)}</LeadByteCountTotal><LeadSampleCountTotal>{len(row)}"
            "</LeadSampleCountTotal><LeadAmplitudeUnitsPerBit>1</LeadAmplitudeUnitsPerBit><LeadAmplitudeUnits>"
            f"MICROVOLTS</LeadAmplitudeUnits><LeadID>{name}</LeadID><LeadSampleSize>2</LeadSampleSize><LeadDataCRC32>"
            f"{zlib.crc32(data)}</LeadDataCRC32><WaveFormData>{base64.b64encode(data).decode()}</WaveFormData>"
            "</LeadData>\n"
        )

    eight = [(x, r) for x, r in zip(LEADS, digits()) if x in ("I", "II") or x.startswith("V")]
    text = (
        '<?xml version="1.0" encoding="ISO-8859-1"?>\n<RestingECG>\n<PatientDemographics><PatientID>7</PatientID>'
        "<PatientAge>61</PatientAge><AgeUnits>YEARS</AgeUnits><Gender>FEMALE</Gender></PatientDemographics>\n<Waveform>"
        f"<WaveformType>Rhythm</WaveformType><NumberofLeads>8</NumberofLeads><SampleBase>{RATE}</SampleBase>"
        "<SampleExponent>0</SampleExponent>\n" + "".join(lead(x, r) for x, r in eight) + "</Waveform>\n</RestingECG>\n"
    )
    return _text("MUSE XML", "r.xml", text, summed=True)


def _aecg() -> Base:
    def sequence(name: str, row: NDArray[np.int16]) -> str:
        code = name.upper() if name.startswith("V") or len(name) < 4 else name
        return (
            f'<component><sequence><code code="MDC_ECG_LEAD_{code}"/><value xsi:type="SLIST_PQ"><origin value="0" '
            f'unit="uV"/><scale value="1" unit="uV"/><digits>{" ".join(map(str, row))}</digits></value></sequence>'
            "</component>\n"
        )

    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<AnnotatedECG xmlns="urn:hl7-org:v3" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n<component><series><code code="RHYTHM"/>'
        '<effectiveTime><low value="20200314101112.000"/><high value="20200314101114.000"/></effectiveTime>\n'
        '<component><sequenceSet>\n<component><sequence><code code="TIME_ABSOLUTE"/><value xsi:type="GLIST_TS"><head '
        f'value="20200314101112.000"/><increment value="{1 / RATE:g}" unit="s"/></value></sequence></component>\n'
        + "".join(sequence(x, r) for x, r in zip(LEADS, digits()))
        + "</sequenceSet></component>\n</series></component>\n</AnnotatedECG>\n"
    )
    return _text("aECG XML", "r.xml", text)


def _text(kind: str, name: str, text: str, summed: bool = False) -> Base:
    """Samples are what stands 1,500 characters or more without a tag."""
    import re

    places = [m.span() for m in re.finditer(r"[^<>]{1500,}", text)]
    return Base(kind, {name: text.encode("ascii")}, name, {name: places}, summed)


def _scp() -> Base:
    def section(number: int, body: bytes) -> bytes:
        body += b"\0" * (len(body) % 2)
        rest = struct.pack("<HIBB6x", number, 16 + len(body), 20, 20) + body
        return struct.pack("<H", binascii.crc_hqx(rest, 0xFFFF)) + rest

    codes = (1, 2, 61, 62, 63, 64, 3, 4, 5, 6, 7, 8)
    rows = [r.astype("<i2").tobytes() for r in digits()]
    three = bytes([12, 0b01100100]) + b"".join(struct.pack("<IIB", 1, SAMPLES, c) for c in codes)
    one = b"\x02\x03\x007\x00\x00\xff\x00\x00"
    six = struct.pack("<HHBB", 1000, 10**6 // RATE, 0, 0) + struct.pack("<12H", *map(len, rows)) + b"".join(rows)
    bodies = {1: section(1, one), 3: section(3, three), 6: section(6, six)}
    size, at, pointers = 16 + 120, 7, b""
    at += size
    table = {0: (size, 7)}
    for number, data in bodies.items():
        table[number], at = (len(data), at), at + len(data)
    for number in range(12):
        length, start = table.get(number, (0, 0))
        pointers += struct.pack("<HII", number, length, start)
    zero = struct.pack("<HIBB6s", 0, size, 20, 20, b"SCPECG") + pointers
    zero = struct.pack("<H", binascii.crc_hqx(zero, 0xFFFF)) + zero
    rest = struct.pack("<I", 6 + len(zero) + sum(map(len, bodies.values()))) + zero + b"".join(bodies.values())
    raw = struct.pack("<H", binascii.crc_hqx(rest, 0xFFFF)) + rest
    begin = raw.find(rows[0])
    return Base("SCP-ECG", {"r.scp": raw}, "r.scp", {"r.scp": [(begin, begin + sum(map(len, rows)))]}, True)


def _mfer() -> Base:
    def field(tag: int, value: bytes) -> bytes:
        n = len(value)
        return bytes([tag]) + (bytes([n]) if n < 128 else b"\x84" + struct.pack(">I", n)) + value

    codes, names = (1, 2, 61, 62, 63, 64, 3, 4, 5, 6, 7, 8), b""
    for k, code in enumerate(codes):
        names += bytes([0x3F, k]) + bytes([4]) + field(0x09, struct.pack("<H", code))
    data = digits().astype("<i2").tobytes()
    head = (
        field(0x40, b"MFR Standard 12 leads ECG".ljust(32)) + field(0x01, b"\1") + field(0x08, b"\1\0")
        + field(0x0B, struct.pack("<BbH", 0, 0, RATE)) + field(0x0C, struct.pack("<BbH", 0, -6, 1))
        + field(0x0A, b"\0") + field(0x04, struct.pack("<H", SAMPLES)) + field(0x05, b"\x0c") + field(0x06, b"\1")
        + names
    )  # fmt: skip
    raw = head + field(0x1E, data) + field(0x80, b"")
    at = raw.find(data)
    return Base("MFER", {"r.mwf": raw}, "r.mwf", {"r.mwf": [(at, at + len(data))]})


def _dicom() -> Base:
    from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian, generate_uid

    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.TransferSyntaxUID = "1.2.840.10008.5.1.4.1.1.9.1.1", ExplicitVRLittleEndian
    meta.MediaStorageSOPInstanceUID = generate_uid(entropy_srcs=["signals"])
    file = FileDataset("r.dcm", {}, file_meta=meta, preamble=b"\0" * 128)
    file.SOPClassUID, file.Modality, file.PatientID, file.PatientAge = meta.MediaStorageSOPClassUID, "ECG", "7", "061Y"
    group, data = Dataset(), digits().T.astype("<i2").tobytes()
    group.MultiplexGroupTimeOffset, group.WaveformOriginality, group.MultiplexGroupLabel = 0, "ORIGINAL", "RHYTHM"
    group.NumberOfWaveformChannels, group.NumberOfWaveformSamples, group.SamplingFrequency = 12, SAMPLES, RATE
    group.ChannelDefinitionSequence = [_channel(name) for name in LEADS]
    group.WaveformBitsAllocated, group.WaveformSampleInterpretation, group.WaveformData = 16, "SS", data
    file.WaveformSequence = [group]
    out = io.BytesIO()
    file.save_as(out, enforce_file_format=True)
    at = out.getvalue().find(data)
    return Base("DICOM ECG", {"r.dcm": out.getvalue()}, "r.dcm", {"r.dcm": [(at, at + len(data))]})


def _channel(name: str) -> object:
    from pydicom.dataset import Dataset

    channel, source, unit = Dataset(), Dataset(), Dataset()
    source.CodeValue, source.CodingSchemeDesignator, source.CodeMeaning = "5.6.3-9-1", "X", f"Lead {name}"
    unit.CodeValue, unit.CodingSchemeDesignator, unit.CodeMeaning = "uV", "UCUM", "microvolt"
    source.CodeValue = "x"
    channel.ChannelSourceSequence, channel.ChannelSensitivityUnitsSequence = [source], [unit]
    channel.ChannelSensitivity, channel.ChannelSensitivityCorrectionFactor, channel.ChannelBaseline = 1, 1, 0
    channel.WaveformBitsStored = 16
    return channel


def _csv() -> Base:
    out = io.StringIO()
    np.savetxt(out, digits().T / 1000, "%.3f", delimiter=",", header=",".join(LEADS), comments="")
    raw = out.getvalue().encode()
    return Base("CSV", {"r_500hz.csv": raw}, "r_500hz.csv", {"r_500hz.csv": [(raw.find(b"\n") + 1, len(raw))]})


def _npy() -> Base:
    out = io.BytesIO()
    np.save(out, digits().astype("<f4") / 1000)
    raw = out.getvalue()
    return Base("npy", {"r.npy": raw}, "r.npy", {"r.npy": [(128, len(raw))]}, rate=RATE)


def _mat(packed: bool) -> Base:
    from scipy.io import savemat

    out = io.BytesIO()
    savemat(out, {"val": digits().astype(float) / 1000, "fs": float(RATE)}, do_compression=packed)
    raw = out.getvalue()
    at = raw.find(np.asfortranarray(digits() / 1000).tobytes("F")[:64])
    place = (136, len(raw)) if packed else (at, at + 8 * 12 * SAMPLES)
    return Base(f"MATLAB{', packed' if packed else ''}", {"r.mat": raw}, "r.mat", {"r.mat": [place]}, packed)


def _hdf5() -> Base:
    import h5py

    out = io.BytesIO()
    with h5py.File(out, "w") as file:
        data = file.create_dataset("tracings", data=digits().astype("<f4") / 1000)
        file.attrs["rate"], file.attrs["units"], file.attrs["leads"] = RATE, "mV", list(LEADS)
        at = int(data.id.get_offset())
    return Base("HDF5", {"r.h5": out.getvalue()}, "r.h5", {"r.h5": [(at, at + 4 * 12 * SAMPLES)]})


def _cine() -> Base:
    import tempfile

    from igaku.cardiology.angiography.cine import Cine, write_cine

    frames = np.random.default_rng(3).random((8, 48, 40)).astype(np.float32)
    with tempfile.TemporaryDirectory() as folder:
        raw = write_cine(Cine(frames=frames, source="x", primary=-30.0, secondary=20.0), Path(folder, "a")).read_bytes()
    size = frames.size
    return Base("DICOM XA", {"r.dcm": raw}, "r.dcm", {"r.dcm": [(len(raw) - size, len(raw))]})
