"""What a file is: format, leads, rate, length, age, sex, quality."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from msgspec import UNSET, Struct, UnsetType, field

from igaku.cardiology.ecg.doubts import quality
from igaku.cardiology.ecg.formats import read_all
from igaku.cardiology.ecg.picture import write_picture
from igaku.cardiology.ecg.record import Record
from igaku.cardiology.ecg.sheet import LAYOUTS
from igaku.errors import IgakuError
from igaku.tables import Kind, Table, Value, View


class Look(Struct, frozen=True):
    """How pictures look."""

    layout: str = LAYOUTS[0]
    cabrera: bool = False
    """Limb leads as aVL, I, -aVR, II, aVF, III."""
    suffix: str = ".svg"
    """``.svg`` or ``.pdf``."""


class Inspected(Struct, kw_only=True):
    """One record."""

    file: str
    format: str
    leads: int
    """Of the twelve."""
    rate: str = field(name="Hz")
    seconds: str = field(name="s")
    age: float | None
    sex: str
    derived: str
    """Leads computed from two other limb leads."""
    quality: str
    name: str | UnsetType = UNSET
    """The patient's name, number and birth, only where they were asked for."""
    id: str | UnsetType = UNSET
    birth: str | UnsetType = UNSET


class Inspection(View, Struct):
    """Records of files."""

    records: list[Inspected]

    def tables(self) -> list[Table]:
        """A row a record."""
        named = any(r.name is not UNSET for r in self.records)
        columns: dict[str, Kind] = {
            "file": "text",
            "format": "text",
            "leads": "number",
            "Hz": "text",
            "s": "text",
            "age": "text",
            "sex": "text",
            "derived": "text",
            "quality": "text",
        }
        columns |= dict.fromkeys(("name", "id", "birth") if named else (), "text")
        return [Table(name="records", columns=columns, rows=[_row(r, named) for r in self.records])]

    def notes(self) -> list[str]:
        """Nothing to add."""
        return []


def _row(r: Inspected, named: bool) -> list[Value]:
    age = None if r.age is None else f"{r.age:g}"
    facts: list[Value] = [r.file, r.format, r.leads, r.rate, r.seconds, age, r.sex, r.derived, r.quality]
    return facts + ([v if v is not UNSET else "" for v in (r.name, r.id, r.birth)] if named else [])


def inspect_record(record: Record, identified: bool = False) -> Inspected:
    """What one record is.

    Args:
        identified: with the patient's name, number and birth.
    """
    out = Inspected(
        file=record.source,
        format=record.format,
        leads=12 - len(record.missing),
        rate=f"{record.rate:g}",
        seconds=f"{record.seconds:.1f}",
        age=record.age,
        sex=record.sex,
        derived=", ".join(record.derived),
        quality=quality(record),
    )
    if identified:
        out.name, out.id, out.birth = record.patient.name, record.patient.id, record.patient.birth
    return out


def inspect_files(
    files: Iterable[Path],
    rate: float | None = None,
    pictures: Path | None = None,
    identified: bool = False,
    look: Look | None = None,
    unit: str = "",
) -> tuple[Inspection, list[str]]:
    """What files and folders hold, and one line for each file that cannot be read.

    Args:
        rate: samples per second, for files that do not say.
        pictures: a folder for a 12-lead picture of each record.
        identified: with the patients' names, numbers and births.
        look: of the pictures.
        unit: of samples, for files that do not say.
    """
    look = look or Look()
    records, errors = [], []
    used: Counter[str] = Counter()
    for record in read_all(files, rate, unit):
        if isinstance(record, IgakuError):
            errors.append(str(record))
            continue
        records.append(inspect_record(record, identified))
        if pictures:
            write_picture(record, pictures / _picture_name(record, used, look.suffix), look.layout, look.cabrera)
    return Inspection(records), errors


def _picture_name(record: Record, used: Counter[str], suffix: str) -> str:
    name = "_".join(Path(record.source).parts[-2:]).replace(".", "-").replace("#", "-")
    used[name] += 1
    return f"{name}-{used[name]}{suffix}" if used[name] > 1 else f"{name}{suffix}"
