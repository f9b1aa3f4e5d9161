"""What the head of a DICOM file says of an angiogram: kind, age, frame rate, angles; also of Enhanced XA."""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from igaku.cardiology.patients import years
from igaku.errors import IgakuError

KINDS = ("XA", "RF")
"""Modalities: X-ray angiography, and radiofluoroscopy, by which older laboratories send it."""


def check_kind(file: Any, path: Path) -> None:
    """Pass where a file is an angiogram, or does not say what it is.

    Raises:
        IgakuError: it is of another modality, as an ultrasound film with several frames.
    """
    if (kind := str(file.get("Modality") or "").strip()) and kind not in KINDS:
        raise IgakuError(f"{path}: modality {kind}, not a coronary angiogram (XA); left out")


def age_of(file: Any) -> float | None:
    """Years by PatientAge, else whole years from birth to the study; None where neither is known.

    An age of 0 stands for one that was removed: nobody has an angiogram of the coronaries at that age.
    """
    if age := years(file.get("PatientAge")):
        return age
    birth, study = (_day(file.get(name)) for name in ("PatientBirthDate", "StudyDate"))
    study = study or _day(file.get("AcquisitionDate")) or _day(file.get("SeriesDate"))
    if birth is None or study is None or not 0 <= (study - birth).days / 365.25 <= 120:
        return None
    return float(study.year - birth.year - ((study.month, study.day) < (birth.month, birth.day)))


def _day(value: object) -> date | None:
    text = str(value or "").replace(".", "").strip()
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:8])) if len(text) == 8 else None
    except ValueError:
        return None


def frame_rate(file: Any) -> float | None:
    """Frames a second by CineRate, FrameTime, or the median of FrameTimeVector."""
    if rate := number(file.get("CineRate")):
        return rate
    if time := number(file.get("FrameTime")):
        return 1000 / time
    steps = sorted(t for t in map(number, list(file.get("FrameTimeVector") or [])[1:]) if t)
    return round(1000 / steps[len(steps) // 2], 2) if steps else None


def angle(file: Any, which: str) -> float | None:
    """Degrees of the positioner's ``Primary`` or ``Secondary`` angle; of Enhanced XA those of the first frame."""
    name = f"Positioner{which}Angle"
    for item in (file, *_groups(file)):
        if (value := number(item.get(name))) is not None:
            return value
    return None


def _groups(file: Any) -> Iterator[Any]:
    """The items of the functional groups that hold for the first frame."""
    for sequence in ("PerFrameFunctionalGroupsSequence", "SharedFunctionalGroupsSequence"):
        for group in list(file.get(sequence) or [])[:1]:
            for element in group:
                if element.VR == "SQ" and "Position" in str(element.keyword):
                    yield from list(element.value)[:1]


def number(value: object) -> float | None:
    """A number of a head, or the first of several; None where it is none."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        value = value[0] if value else None
    try:
        return float(str(value)) if value is not None else None
    except ValueError:
        return None
