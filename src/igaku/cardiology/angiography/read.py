"""Many videos, and what became of patients, from files."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from igaku.cardiology.angiography.cine import IMAGES, Cine, read_cine
from igaku.cardiology.angiography.data import Video, prepare_video
from igaku.cardiology.angiography.prognosis import Followed
from igaku.cardiology.patients import sex_of
from igaku.errors import IgakuError
from igaku.io.rows import read_csv

OTHER = (".txt", ".md", ".csv", ".json", ".xml", ".pdf")
"""Suffixes of files that are no videos."""
COLUMNS = ("predicted_age", "age", "sex", "years", "event")


def cines(sources: Sequence[Path]) -> Iterator[Cine | IgakuError]:
    """Videos of files and folders; in place of what cannot be read comes its error."""
    for source in sources:
        for path in _videos(source):
            try:
                yield read_cine(path)
            except IgakuError as error:
                yield error


def videos(sources: Sequence[Path], on_error: Callable[[str], None], side: int = 96, frames: int = 10) -> list[Video]:
    """Prepared videos.

    Args:
        on_error: called with a line for each that cannot be read.

    Raises:
        IgakuError: none could be read.
    """
    out = []
    for c in cines(sources):
        if isinstance(c, IgakuError):
            on_error(str(c))
        else:
            out.append(prepare_video(c, side, frames))
    if not out:
        raise IgakuError("no angiogram could be read")
    return out


def followed(file: Path, adjust: Sequence[str] = ()) -> list[Followed]:
    """Rows of a CSV with ``predicted_age, age, sex, years, event``, and with the columns to adjust for.

    The column's older name is read as ``predicted_age``.

    Raises:
        IgakuError: a column is missing or a value is not a number; the line says where.
    """
    if taken := [c for c in adjust if c in (*COLUMNS, "told")]:
        raise IgakuError(f"--adjust {taken[0]}: is in the model anyway; name further columns")
    out = []
    for line, given in read_csv(file):
        row = {"predicted_age" if k == "told" else k: v for k, v in given.items()}
        if missing := [c for c in (*COLUMNS, *adjust) if c not in row]:
            raise IgakuError(f"{file}: no column {', '.join(missing)}; columns: {', '.join(given)}")
        try:
            out.append(_followed(row, adjust))
        except ValueError as error:
            raise IgakuError(f"{file}, line {line}: {error}") from None
    if not out:
        raise IgakuError(f"{file}: no rows in it; give the patients that were followed")
    return out


def _followed(row: Mapping[str, str], adjust: Sequence[str]) -> Followed:
    predicted, age, years = (float(row[c]) for c in ("predicted_age", "age", "years"))
    extra, sex, event = tuple(float(row[c]) for c in adjust), sex_of(row["sex"]), row["event"].strip()
    if not all(map(math.isfinite, (predicted, age, years, *extra))) or years <= 0 or event not in ("0", "1") or not sex:
        raise ValueError("expected numbers in predicted_age, age and --adjust, years above 0, event 0 or 1, sex F or M")
    return Followed(predicted, age, sex == "M", years, event == "1", extra)


def _videos(source: Path) -> list[Path]:
    """Each DICOM file of a folder and those in it, and each folder of pictures without a DICOM file.

    Pictures beside DICOM files are thumbnails.
    """
    if not source.is_dir():
        return [source]
    found: list[Path] = []
    for folder in sorted({source, *(f for f in source.rglob("*") if f.is_dir())}):
        files = sorted(f for f in folder.iterdir() if f.is_file() and not f.name.startswith("."))
        dicom = [f for f in files if f.suffix.lower() not in (*IMAGES, *OTHER)]
        found += dicom or ([folder] if any(f.suffix.lower() in IMAGES for f in files) else [])
    return found or [source]
