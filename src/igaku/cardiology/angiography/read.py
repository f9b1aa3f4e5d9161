"""Many videos, and what became of patients, from files."""

import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from igaku.cardiology.angiography.age_model import Video, prepared
from igaku.cardiology.angiography.cine import IMAGES, Cine, read_cine
from igaku.cardiology.angiography.prognosis import Followed
from igaku.cardiology.ecg.record import sex_of
from igaku.errors import IgakuError
from igaku.io.rows import read_csv

OTHER = (".txt", ".md", ".csv", ".json", ".xml", ".pdf")
"""Files that are no videos."""


def cines(sources: Sequence[Path]) -> Iterator[Cine | IgakuError]:
    """Videos of files and folders; what cannot be read comes as its error, and the rest goes on."""
    for source in sources:
        for path in _videos(source):
            try:
                yield read_cine(path)
            except IgakuError as error:
                yield error


def videos(sources: Sequence[Path], on_error: Callable[[str], None], side: int = 96, frames: int = 10) -> list[Video]:
    """Prepared videos.

    Raises:
        IgakuError: none could be read.
    """
    out = []
    for c in cines(sources):
        if isinstance(c, IgakuError):
            on_error(str(c))
        else:
            out.append(prepared(c, side, frames))
    if not out:
        raise IgakuError("no angiogram could be read")
    return out


def followed(file: Path, adjust: Sequence[str] = ()) -> list[Followed]:
    """Rows of ``told, age, sex, years, event``, and of what else is adjusted for.

    Raises:
        IgakuError: a column is missing or a value is no number; the line says where.
    """
    if taken := [c for c in adjust if c in ("told", "age", "sex", "years", "event")]:
        raise IgakuError(f"--adjust {taken[0]}: is in the model anyway; name further columns")
    out = []
    for line, row in read_csv(file):
        if missing := [c for c in ("told", "age", "sex", "years", "event", *adjust) if c not in row]:
            raise IgakuError(f"{file}: no column {', '.join(missing)}; columns: {', '.join(row)}")
        try:
            told, age, years = float(row["told"]), float(row["age"]), float(row["years"])
            more = tuple(float(row[c]) for c in adjust)
        except ValueError as error:
            raise IgakuError(f"{file}, line {line}: {error}") from None
        sex = sex_of(row["sex"])
        if (
            not all(map(math.isfinite, (told, age, years, *more)))
            or years <= 0
            or row["event"].strip() not in ("0", "1")
            or not sex
        ):
            raise IgakuError(
                f"{file}, line {line}: told, age and what is adjusted for are numbers, years is above 0, event is 0 or 1, sex is F or M"
            )
        out.append(Followed(told, age, sex == "M", years, row["event"].strip() == "1", more))
    return out


def _videos(source: Path) -> list[Path]:
    """Of a folder and those in it: each DICOM file, and each folder of pictures without one (pictures beside DICOM files are thumbnails)."""
    if not source.is_dir():
        return [source]
    found: list[Path] = []
    for folder in sorted({source, *(f for f in source.rglob("*") if f.is_dir())}):
        files = sorted(f for f in folder.iterdir() if f.is_file() and not f.name.startswith("."))
        cines = [f for f in files if f.suffix.lower() not in (*IMAGES, *OTHER)]
        found += cines or ([folder] if any(f.suffix.lower() in IMAGES for f in files) else [])
    return found or [source]
