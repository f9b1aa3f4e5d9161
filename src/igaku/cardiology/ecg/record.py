"""One electrocardiogram as the rest of the package sees it: leads by name in one order, millivolts, a rate, and what is known of the patient kept apart."""

import re
from typing import Any

from msgspec import Struct, field

from igaku.errors import IgakuError

LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
"""The order of every signal here. Files have others (MIMIC-IV: aVR, aVF, aVL): leads are put in order by name, never by place."""
_BY_NAME = {name.lower(): name for name in LEADS}


class Patient(Struct, omit_defaults=True):
    """What identifies the patient; never part of a data set unless asked for."""

    id: str = ""
    name: str = ""
    birth: str = ""


class Record(Struct, kw_only=True):
    """A 12-lead record."""

    signal: Any
    """float32 [12, n] in millivolts, in the order of ``LEADS``; a lead that is not there and cannot be derived is NaN."""
    rate: float
    """Samples a second."""
    source: str
    """The file."""
    format: str
    age: float | None = None
    """Years; 90 stands for "over 89"."""
    sex: str = ""
    """``F``, ``M``, or empty."""
    labels: list[str] = field(default_factory=list)
    """Diagnoses as the file has them (words, SCP statements, SNOMED codes)."""
    patient: Patient = field(default_factory=Patient)
    derived: list[str] = field(default_factory=list)
    """Leads computed from I and II."""
    extra: list[str] = field(default_factory=list)
    """Leads of the file beyond the twelve (vx, V7 ...), which are left out."""

    @property
    def seconds(self) -> float:
        """Length."""
        return self.signal.shape[1] / self.rate

    @property
    def missing(self) -> list[str]:
        """Leads that are not there."""
        import numpy as np

        return [name for name, row in zip(LEADS, self.signal) if np.isnan(row).all()]


def arranged(samples: Any, names: list[str], where: str) -> tuple[Any, list[str], list[str]]:
    """(float32 [12, n], derived leads, leads left out) of rows with names: put in order, and III, aVR, aVL, aVF from I and II where missing (Einthoven, Goldberger).

    Raises:
        IgakuError: no lead of the twelve is there.
    """
    import numpy as np

    given: dict[str, Any] = {}
    extra = []
    for name, row in zip(names, samples):
        known = lead_name(name)
        turned = "" if known else _BY_NAME.get(_bare(name).removeprefix("-"), "")
        if known or turned:  # -aVR, as Cabrera's order has it, is turned back
            given.setdefault(known or turned, np.asarray(row, np.float32) * (1 if known else -1))
        else:
            extra.append(str(name))
    if not given:
        raise IgakuError(
            f"{where}: none of the twelve leads is in it (found {', '.join(map(str, names)) or 'no lead'}); not a 12-lead ECG"
        )
    derived = []
    if "I" in given and "II" in given:
        one, two = given["I"], given["II"]
        for name, row in (
            ("III", two - one),
            ("aVR", -(one + two) / 2),
            ("aVL", one - two / 2),
            ("aVF", two - one / 2),
        ):
            if name not in given:
                given[name] = row
                derived.append(name)
    n = max(len(r) for r in given.values())
    out = np.full((12, n), np.nan, np.float32)
    for i, name in enumerate(LEADS):
        if name in given:
            out[i, : len(given[name])] = given[name]
    return out, derived, extra


def lead_name(text: str) -> str:
    """The standard name of a lead: ``avr``, ``AVR``, ``Lead II``, ``ECG V1``, ``MDC_ECG_LEAD_V3``; empty where it is none of the twelve, also for ``-aVR``, which ``arranged`` turns back."""
    return _BY_NAME.get(_bare(text), "")


def _bare(text: str) -> str:
    """Without what says only that it is a lead. A minus stays, but for a hyphen right after such a word (``Lead-V2``)."""
    return re.sub(r"^(?:(?:mdc|ecg|ekg|lead)(?:-|[\s_:]*))+", "", str(text).strip().lower())


def years(value: object) -> float | None:
    """An age as files write it: ``51``, ``"51\\n"``, ``">89"`` (90), ``"051Y"``; None where it says nothing."""
    text = str(value if value is not None else "").strip()
    if m := re.fullmatch(r">\s*(\d+)", text):
        return float(m[1]) + 1
    if m := re.fullmatch(r"0*(\d{1,3}(?:\.\d+)?)\s*(?:y|years?|歳)?", text, re.I):
        found = float(m[1])
        return found if found <= 120 else None
    return None


def sex_of(value: object) -> str:
    """``F``, ``M``, or empty, of what files write; codes (0, 1, 2) mean one thing here and another there, and say nothing."""
    text = str(value if value is not None else "").strip().lower()
    return {"f": "F", "female": "F", "女": "F", "女性": "F", "m": "M", "male": "M", "男": "M", "男性": "M"}.get(
        text, ""
    )
