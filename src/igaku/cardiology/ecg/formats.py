"""Read an ECG of any format; a damaged file is one clear line. No pickle is ever loaded.

WFDB, CSV, npy, MATLAB and HDF5 are read here; vendors' formats (MUSE, Sierra, aECG, SCP-ECG, DICOM, MFER, EDF+) by
ecgdatakit, which the tests check against wfdb and pydicom on real files.
"""

import warnings
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from igaku.cardiology.ecg.array_files import MANY, one_of_many, read_csv, read_hdf5, read_mat, read_npy
from igaku.cardiology.ecg.doubts import doubts_of
from igaku.cardiology.ecg.record import Record
from igaku.cardiology.ecg.vendor_files import read_vendor
from igaku.cardiology.ecg.wfdb_files import read_wfdb
from igaku.errors import IgakuError

Reader = Callable[[Path, float | None], Record]
VENDOR = (".xml", ".dcm", ".scp", ".mwf", ".edf", ".ecg", ".json")
READERS: dict[str, Reader] = {
    ".hea": read_wfdb,
    ".csv": read_csv,
    ".npy": read_npy,
    ".mat": read_mat,
    ".h5": read_hdf5,
    ".hdf5": read_hdf5,
    **dict.fromkeys(VENDOR, read_vendor),
}
SUFFIXES = tuple(READERS)


def read(path: str | Path, rate: float | None = None) -> Record:
    """One record: float32 [12, n] in millivolts, leads in the order of ``LEADS``, with age, sex and diagnoses.

    Args:
        path: a file, or a WFDB record with or without ``.hea``; ``FILE#ITEM`` for a file with many (HDF5, npy).
        rate: samples per second, for files that do not say (CSV, npy, MATLAB).

    Raises:
        IgakuError: not found, not an ECG, or damaged; the line says which file and why. What can be read though it is
            doubtful is in ``Record.doubts``.
    """
    path, item = _item(path)
    if path.suffix.lower() in ("", ".dat", ".mat") and path.with_suffix(".hea").exists():
        path = path.with_suffix(".hea")
    if not path.exists():
        raise IgakuError(f"{path}: not found")
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise IgakuError(
            f"{path}: {path.suffix.lower() or 'no suffix'} is not a known ECG format; known: {', '.join(SUFFIXES)}"
        )
    try:
        with warnings.catch_warnings():  # of numpy and scipy: an overflow, a variable that is there twice
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", RuntimeWarning)
            warnings.simplefilter("error", UserWarning)
            record = one_of_many(path, item, rate) if item else reader(path, rate)
    except IgakuError:
        raise
    except Exception as error:  # whatever a damaged file makes a reader raise
        first = (str(error).splitlines() or [""])[0][:160]
        raise IgakuError(f"{path}: damaged, or not an ECG ({type(error).__name__}: {first})") from None
    if not (30 <= record.rate <= 10_000 and record.signal.shape[1]):
        raise IgakuError(
            f"{path}: {record.signal.shape[1]:,} samples at {record.rate:g} Hz; not an ECG, or give the right --rate"
        )
    record.doubts += doubts_of(record)
    return record


def _item(path: str | Path) -> tuple[Path, str]:
    """(file, which of its records); the second is empty for all but ``FILE#ITEM``."""
    file, hash_, item = str(path).rpartition("#")
    return (Path(file), item) if hash_ and Path(file).suffix.lower() in MANY else (Path(path), "")


def read_all(paths: Iterable[str | Path], rate: float | None = None) -> Iterator[Record | IgakuError]:
    """Records of files and folders, one in memory at a time; in place of a file that cannot be read comes its error."""
    for path in paths:
        for file in files_of(Path(path)):
            try:
                yield read(file, rate)
            except IgakuError as error:
                yield error


def files_of(path: Path) -> list[Path]:
    """The records of a folder (WFDB by header), or the file itself."""
    if not path.is_dir():
        return [path]
    found = sorted(f for f in path.rglob("*") if f.suffix.lower() in SUFFIXES)
    headers = {f.with_suffix("") for f in found if f.suffix == ".hea"}
    return [f for f in found if f.suffix == ".hea" or f.with_suffix("") not in headers]


def parts_of_record(path: str) -> list[Path]:
    """The files in which a record lies: itself, and of WFDB the header and signal beside it."""
    file, _ = _item(path)
    return [f for f in dict.fromkeys((file, *(file.with_suffix(s) for s in (".hea", ".dat", ".mat")))) if f.is_file()]
