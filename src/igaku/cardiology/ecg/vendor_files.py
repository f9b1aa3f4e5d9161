"""Vendors' formats by ecgdatakit: MUSE, Sierra, aECG, SCP-ECG, DICOM, MFER, EDF+."""

import re
import warnings
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from igaku.cardiology.ecg.dicom_groups import read_groups
from igaku.cardiology.ecg.encodings import in_utf8
from igaku.cardiology.ecg.record import MILLIVOLTS, Patient, Record, arranged, lead_name
from igaku.cardiology.ecg.vendor_checks import check_claims, check_remarks, check_vendor
from igaku.cardiology.limits import check_bytes, check_dicom, check_size
from igaku.cardiology.patients import sex_of, years
from igaku.errors import IgakuError, optional

if TYPE_CHECKING:
    from igaku.cardiology.arrays import Floats

_SIGNED = re.compile(r"confirmed|referred|reviewed|unconfirmed|edited|technician|physician|m\.?d\.?$", re.I)
"""Statements that name who signed, and are no diagnosis."""
_OF_FILES = (UserWarning, RuntimeWarning)
"""Warnings about what is read. One about the program (a socket left open elsewhere) may come while a file is read."""


def read_vendor(path: Path, rate: float | None = None) -> Record:
    """A record in millivolts; the file says the rate.

    Raises:
        IgakuError: no lead has a voltage, leads have different rates or lengths, or the file contradicts itself.
    """
    check_bytes(path)
    check_dicom(path)
    check_claims(path)
    if is_dicom(path):
        return read_groups(path, _read) or _read(path)
    with in_utf8(path) as readable:
        record = _read(readable)
    record.source = str(path)
    return record


def is_dicom(path: Path) -> bool:
    """Whether a file is DICOM by its first bytes, as archives export it without a suffix."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(132)[128:] == b"DICM"


def _read(path: Path) -> Record:
    kit = optional("ecgdatakit", "ecg")
    with warnings.catch_warnings(record=True) as remarks:
        warnings.simplefilter("always")
        parsed = kit.FileParser().parse(str(path))
    of_file = [str(w.message) for w in remarks if issubclass(w.category, _OF_FILES)]
    doubts = check_remarks(path, of_file) + check_vendor(parsed, path)
    leads = _voltages(parsed.leads, path)
    np = optional("numpy", "ecg")
    rows = [np.asarray(x.samples, dtype="float32") * MILLIVOLTS[str(x.units).lower()] for x in leads]
    signal, derived, extra = arranged(rows, [x.label for x in leads], str(path))
    p, own_rate = parsed.patient, _rate(parsed, path)
    signal = _with_gaps(signal, parsed.raw_metadata.get("record_onsets") or [], own_rate, path)
    return Record(
        signal=_without_pulse(signal, own_rate),
        rate=own_rate,
        source=str(path),
        format=str(parsed.source_format or path.suffix),
        age=years(p.age),
        sex=sex_of(p.sex),
        labels=_statements(parsed),
        patient=Patient(
            id=str(p.patient_id or ""),
            name=" ".join(str(x) for x in (p.first_name, p.last_name) if x),
            birth=str(p.birth_date or ""),
        ),
        derived=derived,
        extra=extra,
        doubts=doubts,
    )


def _voltages(leads: Sequence[Any], path: Path) -> list[Any]:
    """The leads with a voltage; those of the twelve must have one, since they would be left out unseen."""
    found = [x for x in leads if str(x.units).lower() in MILLIVOLTS]
    if not found:
        raise IgakuError(f"{path}: no lead with a voltage in it; not an ECG")
    if lost := [x.label for x in leads if x not in found and lead_name(x.label)]:
        raise IgakuError(f"{path}: lead {', '.join(lost)} has no unit or no scale; damaged")
    rates = sorted({float(x.sampling_rate) for x in found})
    if len(rates) > 1:
        raise IgakuError(f"{path}: leads with different rates ({', '.join(f'{r:g}' for r in rates)} Hz); not read")
    if len(lengths := {len(x.samples) for x in found}) > 1:
        several = ", ".join(f"{n:,}" for n in sorted(lengths))
        raise IgakuError(f"{path}: leads of different lengths ({several} samples); cut off, or not simultaneous")
    return found


def _rate(parsed: Any, path: Path) -> float:
    """The rate as the file has it, which the reader rounds to a whole number."""
    known, rounded = parsed.raw_metadata, float(parsed.leads[0].sampling_rate)
    interval, groups = known.get("rhythm_sample_interval_us"), known.get("multiplex_groups") or [{}]
    exact = [
        (known.get("rhythm_time") or {}).get("sampling_rate_exact"),
        1e6 / interval if interval else None,
        next((g.get("sampling_frequency") for g in groups if g.get("sampling_frequency")), None),
        next(iter((known.get("exact_sampling_rates") or {}).values()), None),
        next(iter(known.get("sampling_rates") or []), None),
    ]
    return next((float(x) for x in exact if x and abs(float(x) - rounded) <= 1), rounded)


def _statements(parsed: Any) -> list[str]:
    statements = getattr(parsed.interpretation, "statements", None) or []
    texts = [str(s[0] if isinstance(s, tuple) else s).strip() for s in statements]
    return [x for x in texts if x and not _SIGNED.search(x)]


def _with_gaps(signal: "Floats", onsets: Sequence[float], rate: float, path: Path) -> "Floats":
    """EDF+D: its data records at their own times, with NaN between them.

    Raises:
        IgakuError: a record begins before the last one ends.
    """
    np = optional("numpy", "ecg")
    if len(onsets) < 2 or signal.shape[1] % len(onsets):
        return signal
    each = signal.shape[1] // len(onsets)
    starts = [round((float(t) - float(onsets[0])) * rate) for t in onsets]
    if any(b - a < each for a, b in pairwise(starts)):
        raise IgakuError(f"{path}: a data record begins before the last one ends; damaged")
    check_size((len(signal), starts[-1] + each), path)
    out: Floats = np.full((len(signal), starts[-1] + each), np.nan, np.float32)
    for k, at in enumerate(starts):
        out[:, at : at + each] = signal[:, k * each : (k + 1) * each]
    return out


def _without_pulse(signal: "Floats", rate: float) -> "Floats":
    """Without the last second where it holds the calibration pulse that Philips appends to ten seconds.

    The pulse is 1 mV in all leads.
    """
    np = optional("numpy", "ecg")
    second = round(rate)
    if signal.shape[1] < 3 * second:
        return signal
    last = signal[:, -second:]
    pulse = np.all(np.isnan(last) | (np.abs(last - 1.0) < 0.03), axis=0) & ~np.isnan(last).all(axis=0)
    return signal[:, :-second] if pulse.sum() >= 0.1 * second else signal
