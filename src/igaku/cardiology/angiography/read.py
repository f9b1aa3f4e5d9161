"""Many videos, and what became of patients, from files."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from igaku.cardiology.angiography.cine import IMAGES, Cine, read_cine
from igaku.cardiology.angiography.data import Video, prepare_video
from igaku.cardiology.angiography.prognosis import Followed
from igaku.cardiology.patients import sex_of, years
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


def videos(
    sources: Sequence[Path],
    on_error: Callable[[str], None],
    side: int = 96,
    frames: int = 10,
    ages: Mapping[str, float] | None = None,
    views: Sequence[str] = (),
) -> list[Video]:
    """Prepared videos; those in which burned-in letters could not be found are left out, since they can hold the age.

    Args:
        on_error: called with a line for each that cannot be read or is left out.
        ages: by patient's number, study, or file name, for files without an age.
        views: beginnings of the views that are used (``LAO``, ``RAO 30``); all if empty.

    Raises:
        IgakuError: none could be read.
    """
    out = []
    for c in cines(sources):
        if isinstance(c, IgakuError):
            on_error(str(c))
        elif views and not c.view.startswith(tuple(views)):
            on_error(f"{c.source}: view {c.view or 'not known'}; left out")
        elif not c.checkable:
            on_error(
                f"{c.source}: {len(c.frames)} frames in which too little moves to find burned-in letters, which can "
                "hold the age; left out"
            )
        else:
            c.age = _age(c, ages or {})
            out.append(prepare_video(c, side, frames))
    if not out:
        raise IgakuError("no angiogram could be read")
    return out


def _age(cine: Cine, ages: Mapping[str, float]) -> float | None:
    names = (cine.patient, cine.study, Path(cine.source).name, Path(cine.source).stem)
    return next((ages[n] for n in names if n and n in ages), cine.age)


def ages_from(file: Path) -> dict[str, float]:
    """Ages of a CSV with ``patient`` (its number, a study's UID, or a file's name) and ``age``.

    Raises:
        IgakuError: a column is missing, an age cannot be read, or one patient has two.
    """
    out: dict[str, float] = {}
    for line, row in read_csv(file):
        if missing := [c for c in ("patient", "age") if c not in row]:
            raise IgakuError(f"{file}: no column {missing[0]!r}; columns: {', '.join(row)}")
        name, age = row["patient"].strip(), years(row["age"])
        if age is None or out.setdefault(name, age) != age:
            raise IgakuError(f"{file}, line {line}: age {row['age']!r} of {name!r} cannot be read, or is another one")
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
