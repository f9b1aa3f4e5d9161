"""One electrocardiogram: leads in one order by name, millivolts, a sampling rate, and the patient beside it."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct, field

from igaku.errors import IgakuError

if TYPE_CHECKING:
    from igaku.cardiology.arrays import Floats

LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
"""The order of every signal here. Files have others (MIMIC-IV: aVR, aVF, aVL), so leads are ordered by name."""
MILLIVOLTS = {"mv": 1.0, "uv": 1e-3, "µv": 1e-3, "μv": 1e-3, "v": 1e3, "nv": 1e-6}
"""Unit in lower case -> millivolts."""
LIMBS = {
    "I": (1.0, 0.0), "II": (0.0, 1.0), "III": (-1.0, 1.0), "aVR": (-0.5, -0.5), "aVL": (1.0, -0.5), "aVF": (-0.5, 1.0),
}  # fmt: skip
"""Shares of I and II in each limb lead (Einthoven, Goldberger)."""
_BY_NAME = {
    **{name.lower(): name for name in LEADS},
    **{
        prefix + ("i" * k if roman else str(k)): "I" * k
        for k in (1, 2, 3)
        for prefix, roman in (("d", 1), ("d", 0), ("l", 0))
    },
    **{f"c{k}": f"V{k}" for k in range(1, 7)},
    **{f"v{side}": f"aV{side.upper()}" for side in "rlf"},
    "mlii": "II",
}
"""Lower case -> lead; Latin languages write DI or D1, IEC 60601 C1 to C6, Holter recorders MLII."""


class Patient(Struct, omit_defaults=True):
    """What identifies the patient; never part of a data set unless asked for."""

    id: str = ""
    name: str = ""
    birth: str = ""


class Record(Struct, kw_only=True):
    """A 12-lead record."""

    signal: "Floats"
    """float32 [12, n] in millivolts, in the order of ``LEADS``; a missing lead that cannot be derived is NaN."""
    rate: float
    """Samples per second."""
    source: str
    """The file."""
    format: str
    """``WFDB``, ``DICOM``, ..."""
    age: float | None = None
    """Years; 90 stands for "over 89"."""
    sex: str = ""
    """``F``, ``M``, or empty."""
    labels: list[str] = field(default_factory=list)
    """Diagnoses as the file has them (words, SCP statements, SNOMED codes)."""
    patient: Patient = field(default_factory=Patient)
    derived: list[str] = field(default_factory=list)
    """Leads computed from two other limb leads."""
    extra: list[str] = field(default_factory=list)
    """Leads of the file beyond the twelve (vx, V7 ...), which are left out."""
    doubts: list[str] = field(default_factory=list)
    """What in the file does not fit together, though it was read; a contradiction is refused instead."""
    faults: list[str] = field(default_factory=list)
    """Kinds of faults (``lead_faults.KINDS``), by which records are chosen."""
    says_unit: bool = True
    """False where the format has no unit, and millivolts were assumed."""

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return int(self.signal.shape[1]) / self.rate

    @property
    def missing(self) -> list[str]:
        """Leads that the file does not have."""
        import numpy as np

        return [name for name, row in zip(LEADS, self.signal) if np.isnan(row).all()]


def arranged(
    samples: "Sequence[Floats] | Floats", names: Sequence[str], source: str
) -> "tuple[Floats, list[str], list[str]]":
    """Rows with names as the twelve leads in order.

    Limb leads that are missing are derived from any two of them (Einthoven, Goldberger); ``-aVR``, as in Cabrera's
    order, is inverted.

    Returns:
        float32 [12, n], the derived leads, and the leads that were left out.

    Raises:
        IgakuError: none of the twelve leads is among them, or one is there twice with different samples.
    """
    import numpy as np

    known, extra = _by_lead(samples, names, source)
    if not known:
        found = ", ".join(map(str, names)) or "no lead"
        raise IgakuError(f"{source}: none of the twelve leads found (found {found}); not a 12-lead ECG")
    derived = _derived(known)
    n = max(len(r) for r in known.values())
    out = np.full((12, n), np.nan, np.float32)
    for i, name in enumerate(LEADS):
        row = known.get(name, derived.get(name))
        if row is not None:
            out[i, : len(row)] = row
    return out, list(derived), extra


def _by_lead(
    samples: "Sequence[Floats] | Floats", names: Sequence[str], source: str
) -> "tuple[dict[str, Floats], list[str]]":
    import numpy as np

    known: dict[str, Floats] = {}
    extra = []
    for name, row in zip(names, samples):
        upright = lead_name(name)
        inverted = "" if upright else _BY_NAME.get(_bare(name).removeprefix("-"), "")
        if upright or inverted:
            lead, turned = upright or inverted, np.asarray(row, np.float32) * (1 if upright else -1)
            if lead in known and not np.array_equal(known[lead], turned, equal_nan=True):
                raise IgakuError(f"{source}: lead {lead} is there twice, with different samples; damaged")
            known[lead] = turned
        else:
            extra.append(str(name))
    return known, extra


def _derived(known: "Mapping[str, Floats]") -> "dict[str, Floats]":
    pair = [name for name in LIMBS if name in known][:2]
    if len(pair) < 2 or all(name in known for name in LIMBS):
        return {}
    (a, b), (c, d) = (LIMBS[name] for name in pair)
    one, two = (d * known[pair[0]] - b * known[pair[1]], a * known[pair[1]] - c * known[pair[0]])
    return {name: (x * one + y * two) / (a * d - b * c) for name, (x, y) in LIMBS.items() if name not in known}


def lead_name(text: str) -> str:
    """The standard name of ``avr``, ``Lead II``, ``ECG V1``, ``MDC_ECG_LEAD_V3``; empty for others and for ``-aVR``."""
    return _BY_NAME.get(_bare(text), "")


def _bare(text: str) -> str:
    """Without prefixes such as ``Lead``. A minus stays, but a hyphen right after such a prefix goes (``Lead-V2``)."""
    plain = unicodedata.normalize("NFKC", str(text)).strip().lower()
    plain = re.sub(r"^(?:(?:mdc|ecg|ekg|lead|derivation|ableitung|第)(?:-|[\s_:]*))+", "", plain)
    return re.sub(r"[\s_]*誘導$", "", plain)
