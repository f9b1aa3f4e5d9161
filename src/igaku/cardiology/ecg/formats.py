"""Read an ECG of any format; a damaged file is one clear line. No pickle is ever loaded.

WFDB, CSV, npy, MATLAB and HDF5 are read here; vendors' formats (MUSE, Sierra, aECG, SCP-ECG, DICOM, MFER, EDF+) by
ecgdatakit, which the tests check against wfdb and pydicom on real files.
"""

import math
import re
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from igaku.cardiology.ecg.array_files import MANY, one_of_many, read_csv, read_hdf5, read_mat, read_npy
from igaku.cardiology.ecg.doubts import doubts, faults_of
from igaku.cardiology.ecg.record import MILLIVOLTS, Record
from igaku.cardiology.ecg.vendor_files import is_dicom, read_vendor
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
BARE = ("", ".dicom", ".dic", ".ima", ".img")
"""Of files that are DICOM if their first bytes say so."""
_ONE_AT_A_TIME = threading.RLock()
"""Warnings are caught for the whole process: two threads that read would take each other's remarks, or lose them."""


def read(path: str | Path, rate: float | None = None, unit: str = "") -> Record:
    """One record: float32 [12, n] in millivolts, leads in the order of ``LEADS``, with age, sex and diagnoses.

    Args:
        path: a file, or a WFDB record with or without ``.hea``; ``FILE#ITEM`` for a file with many (HDF5, npy).
        rate: samples per second, for files that do not say (CSV, npy, MATLAB).
        unit: of samples in these formats, as ``uV`` or ``1e-4V``; millivolts if empty.

    Raises:
        IgakuError: not found, not an ECG, or damaged; the line says which file and why. What can be read though it is
            doubtful is in ``Record.doubts``.
    """
    path, item = _item(path)
    if path.suffix.lower() in ("", ".dat", ".mat") and path.with_suffix(".hea").exists():
        path = path.with_suffix(".hea")
    if not path.exists():
        raise IgakuError(f"{path}: not found")
    factor = unit_factor(unit)
    reader = READERS.get(path.suffix.lower()) or (read_vendor if is_dicom(path) else None)
    if reader is None:
        raise IgakuError(
            f"{path}: {path.suffix.lower() or 'no suffix'} is not a known ECG format; known: {', '.join(SUFFIXES)}"
        )
    try:
        # of numpy and scipy: an overflow, a variable that is there twice
        with _ONE_AT_A_TIME, warnings.catch_warnings():
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
    if unit and record.says_unit:
        raise IgakuError(f"{path}: says its own unit; leave --unit (or the column unit) out")
    if factor != 1:
        record.signal = record.signal * factor
    faults = faults_of(record)
    record.doubts += doubts(faults)
    record.faults = list(dict.fromkeys(f.kind for f in faults))
    return record


def unit_factor(unit: str) -> float:
    """Millivolts of one step of a unit: ``mV``, ``uV``, ``1e-4V``, ``0.005 mV``.

    Raises:
        IgakuError: it is no voltage.
    """
    m = re.fullmatch(r"\s*(\d*\.?\d*(?:e[-+]?\d{1,2})?)\s*([nuµμm]?v)\s*", unit or "mV", re.I)
    try:
        factor = float(m[1] or 1) * MILLIVOLTS[m[2].lower()] if m else 0.0
    except ValueError:
        factor = 0.0
    if not 0 < factor < math.inf:
        raise IgakuError(f"unit {unit!r}: write mV, uV, V, or a number before it, as 1e-4V")
    return factor


def _item(path: str | Path) -> tuple[Path, str]:
    """(file, which of its records); the second is empty for all but ``FILE#ITEM``."""
    file, hash_, item = str(path).rpartition("#")
    return (Path(file), item) if hash_ and Path(file).suffix.lower() in MANY else (Path(path), "")


def read_all(paths: Iterable[str | Path], rate: float | None = None, unit: str = "") -> Iterator[Record | IgakuError]:
    """Records of files and folders, one in memory at a time; in place of a file that cannot be read comes its error."""
    for path in paths:
        for file in files_of(Path(path)):
            try:
                yield read(file, rate, unit)
            except IgakuError as error:
                yield error


def files_of(path: Path) -> list[Path]:
    """The records of a folder (WFDB by header, DICOM without a suffix by its first bytes), or the file itself."""
    if not path.is_dir():
        return [path]
    found = sorted(
        f for f in path.rglob("*") if f.suffix.lower() in SUFFIXES or (not f.name.startswith(".") and _bare_dicom(f))
    )
    headers = {f.with_suffix("") for f in found if f.suffix == ".hea"}
    return [f for f in found if f.suffix == ".hea" or f.with_suffix("") not in headers]


def _bare_dicom(path: Path) -> bool:
    """Of files without a suffix, with one that is a number of a UID, or another of DICOM's."""
    return (path.suffix.lower() in BARE or path.suffix[1:].isdigit()) and is_dicom(path)


def parts_of_record(path: str) -> list[Path]:
    """The files in which a record lies: itself, and of WFDB the header and signal beside it."""
    file, _ = _item(path)
    return [f for f in dict.fromkeys((file, *(file.with_suffix(s) for s in (".hea", ".dat", ".mat")))) if f.is_file()]
