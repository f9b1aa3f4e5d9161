"""Vendors' formats by ecgdatakit: MUSE, Sierra, aECG, SCP-ECG, DICOM, MFER, EDF+."""

import re
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from igaku.cardiology.ecg.record import MILLIVOLTS, Patient, Record, arranged
from igaku.cardiology.patients import sex_of, years
from igaku.errors import IgakuError, optional

if TYPE_CHECKING:
    from igaku.cardiology.arrays import Floats

_SIGNED = re.compile(r"confirmed|referred|reviewed|unconfirmed|edited|technician|physician|m\.?d\.?$", re.I)
"""Statements that name who signed, and are no diagnosis."""


def read_vendor(path: Path, rate: float | None = None) -> Record:
    """A record in millivolts; the file says the rate.

    Raises:
        IgakuError: no lead has a voltage, or leads have different rates.
    """
    kit = optional("ecgdatakit", "ecg")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        parsed = kit.FileParser().parse(str(path))
    leads = [x for x in parsed.leads if str(x.units).lower() in MILLIVOLTS]
    if not leads:
        raise IgakuError(f"{path}: no lead with a voltage in it; not an ECG")
    rates = sorted({float(x.sampling_rate) for x in leads})
    if len(rates) > 1:
        raise IgakuError(f"{path}: leads with different rates ({', '.join(f'{r:g}' for r in rates)} Hz); not read")
    np = optional("numpy", "ecg")
    rows = [np.asarray(x.samples, dtype="float32") * MILLIVOLTS[str(x.units).lower()] for x in leads]
    signal, derived, extra = arranged(rows, [x.label for x in leads], str(path))
    p = parsed.patient
    return Record(
        signal=_without_pulse(signal, rates[0]),
        rate=rates[0],
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
    )


def _statements(parsed: Any) -> list[str]:
    statements = getattr(parsed.interpretation, "statements", None) or []
    texts = [str(s[0] if isinstance(s, tuple) else s).strip() for s in statements]
    return [x for x in texts if x and not _SIGNED.search(x)]


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
