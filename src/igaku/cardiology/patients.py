"""What files say of a patient: age, sex, and a pseudonym instead of the number."""

import hashlib
import re
import unicodedata


def years(value: object) -> float | None:
    """An age as files write it: ``51``, ``"51\\n"``, ``">89"`` and ``90+`` (90), ``"051Y"``, DICOM's ``732M`` (61).

    None where it says nothing.
    """
    text = unicodedata.normalize("NFKC", str(value if value is not None else "")).strip()
    if m := re.fullmatch(r">\s*(\d+)", text):
        return float(m[1]) + 1
    if m := re.fullmatch(
        r"(?:>=|≥)\s*(\d{1,3})|(\d{1,3})\s*(?:\+|歳?以上|and (?:over|older)|or (?:over|older))", text, re.I
    ):
        return float(m[1] or m[2])
    if m := re.fullmatch(r"(\d{3})([DWM])", text):
        return round(int(m[1]) / {"D": 365.25, "W": 52.1786, "M": 12}[m[2]], 2)
    if m := re.fullmatch(r"0*(\d{1,3}(?:\.\d+)?)\s*(?:y|years?|歳)?", text, re.I):
        age = float(m[1])
        return age if age <= 120 else None
    return None


_SEXES = {"f": "F", "female": "F", "女": "F", "女性": "F", "m": "M", "male": "M", "男": "M", "男性": "M"}


def sex_of(value: object) -> str:
    """``F``, ``M``, or empty; a code (0, 1, 2) is empty, since its meaning differs between data sets."""
    return _SEXES.get(str(value if value is not None else "").strip().lower(), "")


def pseudonym(dataset: str, patient: str) -> str:
    """12 hex digits that stand for a patient (a hash without a key: who can try all numbers can find the patient).

    Args:
        dataset: the data set in which the number means this patient; another data set counts from 1 too.
        patient: the number; ``15709.0``, as a table with an empty cell has it, is ``15709``.
    """
    patient = re.sub(r"(?<=\d)\.0+$", "", patient.strip())
    return hashlib.sha256(f"igaku/{dataset}/{patient}".encode()).hexdigest()[:12]


def signal_pseudonym(signal: bytes) -> str:
    """The pseudonym of a record without a patient's number: from its samples, so that copies of a file share it."""
    return hashlib.sha256(signal).hexdigest()[:12]
