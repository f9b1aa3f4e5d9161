"""The real records of IGAKU_DATA as bases: one of each format at hand."""

import io
import re
from collections.abc import Iterator
from pathlib import Path

from igaku.io.paths import find_data
from tests.fuzz.signals_bases import Base

_FORMATS = {
    "WFDB 16, real": ("ludb/data/1.hea", "cinc2021/E00666.hea", "cinc2021/HR06000.hea", "cinc2021/JS00666.hea"),
    "DICOM ECG, real": ("formats/pydicom_bundled/waveform_ecg.dcm", "formats/ecgtoolkit_scp_dcm_aecg/Example.dcm"),
    "SCP-ECG, real": ("formats/ecgtoolkit_scp_dcm_aecg/Example.scp",),
    "aECG XML, real": ("formats/ecgtoolkit_scp_dcm_aecg/Example.xml", "formats/hl7_aecg_fda/subject2_1.xml"),
    "MUSE XML, real": ("formats/muse_xml_introecg/MUSE_example.xml",),
    "Sierra XML, real": (
        "formats/philips_sierra_xml/1_03/129DYPRG.XML",
        "formats/philips_sierra_xml/1_04_01/2020-5-18_15-48-11.xml",
    ),
    "CSV, real": ("ptbxl_csv100/00001_lr_100hz.csv",),
    "MATLAB, real": ("code15/org/code_15_1238362.mat",),
}
_CINES = ("REF/XA1_UNC.dcm", "RLE/XA1_RLE", "J2KI/XA1_J2KI", "JPLL/XA1_JPLL")


def real() -> Iterator[Base]:
    """What is there of them; nothing without the data."""
    ecg, cines = find_data("ecg"), find_data("angiography/dicom_wg04")
    for kind, paths in _FORMATS.items() if ecg else ():
        for path in paths:
            if ecg and (ecg / path).exists():
                yield _base(kind, ecg / path)
    for path in _CINES:
        if cines and (cines / path).exists():
            raw = (cines / path).read_bytes()
            at = raw.find(b"\xe0\x7f\x10\x00")
            yield Base("DICOM XA, real", {"r.dcm": raw}, "r.dcm", {"r.dcm": [(at + 12, len(raw))]})


def _base(kind: str, path: Path) -> Base:
    name = "r_100hz.csv" if kind.startswith("CSV") else f"r{path.suffix.lower()}"
    if kind.startswith("WFDB"):
        dat = next(p for p in (path.with_suffix(".dat"), path.with_suffix(".mat")) if p.exists())
        files = {path.name: path.read_bytes(), dat.name: dat.read_bytes()}
        return Base(kind, files, path.name, {dat.name: [(24 if dat.suffix == ".mat" else 0, dat.stat().st_size)]}, True)
    raw = path.read_bytes()
    return Base(kind, {name: raw}, name, {name: _samples(kind, raw)}, kind.startswith(("MUSE", "SCP")))


def _samples(kind: str, raw: bytes) -> list[tuple[int, int]]:
    if "XML" in kind:
        return [m.span() for m in re.finditer(rb"[^<>]{1500,}", raw)]
    if kind.startswith("CSV"):
        return [(0, len(raw))]  # without a line of names
    if kind.startswith("DICOM"):
        from pydicom import dcmread

        blocks = [bytes(g.WaveformData) for g in dcmread(io.BytesIO(raw)).WaveformSequence]
        return [(at, at + len(block)) for block in blocks if (at := raw.find(block)) >= 0]
    return [(400, len(raw))]
