"""What ecgdatakit reads although the file contradicts itself: refused, or said beside the record.

Its remarks are sorted into harmless ones, doubts, and contradictions; a remark of an unknown kind is a contradiction.
What it does not compare (two sizes, two rates, two counts of one file) is compared here.
"""

import os
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from igaku.cardiology.ecg.record import lead_name
from igaku.cardiology.ecg.vendor_sizes import CLAIMS, dicom_faults
from igaku.errors import IgakuError

_HARMLESS = re.compile(
    r"not in a voltage unit|raw ADC|no signal resolution|not a voltage unit|raw counts|uncalibrated"  # units: elsewhere
    r"|median beats|[Rr]epresentative beat|repbeats|TYPICAL_CYCLE|birth date|measurement time|recordedAt"
    r"|tag length|Section (7|8|10|11) length|not an integer; rounded|subtraction zones are truncated, ignored"
    r"|additional multiplex group|EDF\+D file has gaps|Invalid value for VR|date|DTD|Additional median"
)
"""About what is not read here, or is checked elsewhere."""
_DOUBTS = re.compile(
    r"only the first is read|Additional rhythm|ignored in the rhythm|not applied|number of data records is -1"
    r"|default of 1000 Hz|Section 12|missing samples|experimental"
)
_CHECKSUM = re.compile(r"CRC|checksum", re.I)


def check_claims(path: Path) -> None:
    """Pass where a file does not claim far more than it can hold; quick, before anything is read.

    Raises:
        IgakuError: it does.
    """
    if claim := CLAIMS.get(path.suffix.lower()):
        claim(path)


def check_remarks(path: Path, remarks: Sequence[str]) -> list[str]:
    """The remarks of the reader that are doubts.

    Raises:
        IgakuError: one is a contradiction. ``IGAKU_ECG_CHECKSUMS=off`` makes a wrong checksum a doubt.
    """
    doubts = []
    for remark in (" ".join(r.split()) for r in remarks):
        if _DOUBTS.search(remark) or (_CHECKSUM.search(remark) and os.environ.get("IGAKU_ECG_CHECKSUMS") == "off"):
            doubts.append(remark[:160])
        elif _CHECKSUM.search(remark):
            raise IgakuError(
                f"{path}: {remark[:160]}; damaged, download it again (IGAKU_ECG_CHECKSUMS=off reads it all the same)"
            )
        elif not _HARMLESS.search(remark):
            raise IgakuError(f"{path}: {remark[:160]}; so it is not read")
    return doubts


def check_vendor(parsed: Any, path: Path) -> list[str]:
    """Doubts about what was read.

    Raises:
        IgakuError: two places of the file contradict each other.
    """
    check = _CHECKS.get(str(parsed.source_format), _nothing)
    if fault := next(chain(_repeated(parsed), check(parsed, path)), ""):
        raise IgakuError(f"{path}: {fault}; the file contradicts itself, so it is not read")
    return [*_medians(parsed), *_ranges(parsed)]


def _nothing(parsed: Any, path: Path) -> Iterator[str]:
    yield from ()


def _repeated(parsed: Any) -> Iterator[str]:
    """Leads that are there twice; the reader calls the second ``V1_2``."""
    for x in parsed.leads:
        if (again := re.fullmatch(r"(.+)_\d+", x.label)) and lead_name(again[1]):
            yield f"lead {again[1]} is there twice"
        if "start_sample" in x.annotations:
            yield f"lead {x.label} begins at sample {x.annotations['start_sample']}: not simultaneous"


def _medians(parsed: Any) -> Iterator[str]:
    """Where the median beats, a second copy of the scale, have another."""
    scales = {x.label: x.resolution for x in parsed.median_beats if not x.is_raw or x.resolution_unit}
    other = [x.label for x in parsed.leads if scales.get(x.label, x.resolution) != x.resolution]
    if other and len(other) < len(parsed.leads):
        yield f"lead {', '.join(other[:4])} has another scale than its own median beat"


def _ranges(parsed: Any) -> Iterator[str]:
    """EDF: samples beyond the greatest value that the header gives."""
    for x in parsed.leads:
        if (low := x.annotations.get("physical_minimum")) and (high := x.annotations.get("physical_maximum")):
            ends = sorted((float(low), float(high)))
            factor = {"uV": 1e-3, "mV": 1.0, "V": 1e3, "nV": 1e-6}.get(x.resolution_unit, 0.0)
            slack = 1e-3 * (ends[1] - ends[0]) * factor
            if factor and (x.samples.min() < ends[0] * factor - slack or x.samples.max() > ends[1] * factor + slack):
                yield f"lead {x.label} has samples beyond the range that its header gives"


def _muse(parsed: Any, path: Path) -> Iterator[str]:
    xml = _head(path)
    counts = re.findall(r"<NumberofLeads>\s*(\d+)\s*</NumberofLeads>", xml, re.I)
    if counts and str(parsed.raw_metadata.get("stored_rhythm_leads")) not in counts:
        yield f"says {counts[-1]} leads, but {parsed.raw_metadata.get('stored_rhythm_leads')} are there"
    if parsed.median_beats and len(parsed.median_beats[0].samples) > len(parsed.leads[0].samples):
        yield "its median beat is longer than its rhythm"


def _sierra(parsed: Any, path: Path) -> Iterator[str]:
    """Philips writes rate, scale and counts twice."""
    one, two = parsed.raw_metadata.get("parsed_waveforms", {}), parsed.raw_metadata.get("signal_characteristics", {})
    pairs = {"samplespersecond": "samplingrate", "resolution": "resolution", "signaloffset": "signaloffset"}
    pairs |= {"bitspersample": "bitspersample", "signalsigned": "signalsigned", "numberofleads": "numberchannelsvalid"}
    for a, b in pairs.items():
        if a in one and b in two and one[a].strip().lower() != two[b].strip().lower():
            yield f"says {a} {one[a]}, but {b} {two[b]}"
    labels, n = one.get("leadlabels", "").split(), one.get("numberofleads", "")
    if labels and n and str(len(labels)) != n:
        yield f"says {n} leads, but names {len(labels)}"
    if one.get("dataencoding") == "Plain" or one.get("compression") or one.get("compressmethod"):
        return
    need = 2 * sum(len(x.samples) for x in parsed.leads)
    have = len("".join((re.search(r"<parsedwaveforms[^>]*>([^<]*)", _head(path)) or ["", ""])[1].split())) * 3 // 4
    if have > need + 3:
        yield f"holds {have:,} bytes of samples, but says {need:,}"


def _aecg(parsed: Any, path: Path) -> Iterator[str]:
    """The times of the first and the last sample, where both are given."""
    r, lead = parsed.recording, parsed.leads[0]
    if r.date and r.end_date and (r.date.tzinfo is None) == (r.end_date.tzinfo is None) and r.end_date > r.date:
        says, has = (r.end_date - r.date).total_seconds(), len(lead.samples) / max(1, lead.sampling_rate)
        if abs(says - has) > max(1.5, 0.05 * has):
            yield f"lasts {says:g} s by its times, but has samples of {has:g} s"


def _dicom(parsed: Any, path: Path) -> Iterator[str]:
    yield from dicom_faults(path)


def _head(path: Path) -> str:
    raw = path.read_bytes()
    return raw.decode("utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "latin-1", errors="ignore")


_CHECKS: dict[str, Callable[[Any, Path], Iterator[str]]] = {
    "ge_muse_xml": _muse,
    "sierra_xml": _sierra,
    "hl7_aecg": _aecg,
    "dicom_waveform": _dicom,
}
