"""ECGs as plain arrays: CSV, npy, MATLAB and HDF5, with one record a file or many."""

import csv
import math
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from igaku.cardiology.ecg.record import LEADS, MILLIVOLTS, Record, arranged, lead_name
from igaku.cardiology.patients import sex_of, years
from igaku.errors import IgakuError, optional

if TYPE_CHECKING:
    from igaku.cardiology.arrays import Floats

MANY = (".npy", ".h5", ".hdf5")
"""Formats that may hold many records a file."""
MOST = 100_000_000
"""Values of one record: a day of twelve leads at 90 Hz; a small file can claim far more and fill the memory."""


def read_csv(path: Path, rate: float | None) -> Record:
    """Millivolts; columns are leads, named in the first line or in the standard order.

    The rate is in the file's name (``_100hz``) or given.
    """
    np = optional("numpy", "ecg")
    with path.open(encoding="utf-8-sig", newline="") as file:
        first = next(csv.reader(file), [])
    named = any(re.search(r"[A-Za-z]", c) and not re.fullmatch(r"[-+\d.eE]+|nan", c.strip(), re.I) for c in first)
    if named and not any(lead_name(c) for c in first):
        raise IgakuError(f"{path}: a table without leads (columns {', '.join(first[:4])}, ...); not an ECG")
    if not first:
        raise IgakuError(f"{path}: empty")
    numbered = [c.strip() for c in first] in ([str(k + s) for k in range(len(first))] for s in (0, 1))
    data = np.loadtxt(
        path, delimiter=",", skiprows=int(named or numbered), ndmin=2, dtype=np.float32, encoding="utf-8-sig"
    )
    m = re.search(r"(\d{2,4})\s*hz", path.stem, re.I)
    return _from_array(data, first if named else None, _rate(rate, float(m[1]) if m else None, path), path, "CSV")


def read_npy(path: Path, rate: float | None) -> Record:
    """A plain array in millivolts, leads in the standard order."""
    return _from_array(optional("numpy", "ecg").load(path, allow_pickle=False), None, rate, path, "npy")


def read_mat(path: Path, rate: float | None) -> Record:
    """MATLAB 5: the largest numeric matrix, with the rate beside it (``curr_sample_rate``, ``fs``)."""
    io = optional("scipy.io", "ecg")
    for _, shape, _ in io.whosmat(str(path)):
        _check_size(shape, path)
    found = {k: v for k, v in io.loadmat(str(path)).items() if not k.startswith("__")}
    matrices = {k: v for k, v in found.items() if getattr(v, "ndim", 0) >= 2 and v.dtype.kind in "fiu"}
    if not matrices:
        raise IgakuError(f"{path}: no numeric matrix in it")
    name = max(matrices, key=lambda k: matrices[k].size)
    rates = [k for k in found if k.lower() in ("fs", "rate", "sample_rate", "curr_sample_rate") and found[k].size]
    own_rate = float(found[rates[0]].ravel()[0]) if rates else None
    return _from_array(matrices[name].squeeze(), None, _rate(rate, own_rate, path), path, "MATLAB")


def read_hdf5(path: Path, rate: float | None) -> Record:
    """One record: a data set of two dimensions (``tracings``, ``signal``, ``ecg``, or the only one).

    Attributes may hold ``rate``, ``leads``, ``units``, ``age``, ``sex``.
    """
    h5py = optional("h5py", "ecg")
    with h5py.File(path, "r") as file:
        sets: dict[str, Any] = {}

        def visit(name: str, item: Any) -> None:
            if isinstance(item, h5py.Dataset) and len(item.shape) == 2:
                sets[name] = item

        file.visititems(visit)
        if not sets:
            raise IgakuError(
                f"{path}: no data set of two dimensions; of a file with many records name one: {path.name}#ID"
            )
        name = next((n for n in ("tracings", "signal", "ecg") if n in sets), max(sets, key=lambda n: sets[n].size))
        attributes = {**file.attrs, **sets[name].attrs}
        _check_size(sets[name].shape, path)
        data = sets[name][()]
    return _with_attributes(data, attributes, rate, path)


def _with_attributes(data: "Floats", attributes: Mapping[str, Any], rate: float | None, path: Path) -> Record:
    names = [x.decode() if isinstance(x, bytes) else str(x) for x in attributes.get("leads", ())] or None
    unit = str(attributes.get("units", "mV")).lower()
    if unit not in MILLIVOLTS:
        raise IgakuError(f"{path}: unit {unit!r} is not a voltage; expected mV, uV, nV or V")
    own_rate = next((float(attributes[k]) for k in ("rate", "fs", "sampling_rate") if k in attributes), None)
    record = _from_array(data * MILLIVOLTS[unit], names, _rate(rate, own_rate, path), path, "HDF5")
    record.age, record.sex = years(attributes.get("age")), sex_of(attributes.get("sex"))
    return record


def one_of_many(path: Path, item: str, rate: float | None) -> Record:
    """One row of an array of three dimensions or more; only that row is read.

    Zeros in all leads at the ends are padding (CODE-15 pads 7 s to 10) and cut off.

    Args:
        item: of npy the number, of HDF5 an ``exam_id`` (CODE-15), or the number in a file without them.
    """
    np = optional("numpy", "ecg")
    npy = path.suffix.lower() == ".npy"
    data = _npy_item(path, item) if npy else _hdf5_item(path, item)
    data = data if data.shape[0] <= data.shape[1] else data.T
    known = np.flatnonzero((data != 0).any(axis=0))
    if not len(known):
        raise IgakuError(f"{path}#{item}: all zeros")
    record = _from_array(data[:, known[0] : known[-1] + 1], None, rate, path, "npy" if npy else "HDF5")
    record.source = f"{path}#{item}"
    return record


def _npy_item(path: Path, item: str) -> "Floats":
    np = optional("numpy", "ecg")
    whole = np.load(path, mmap_mode="r", allow_pickle=False)
    out: Floats = np.asarray(whole[_number(item, len(whole), path)], np.float32).squeeze()
    return out


def _hdf5_item(path: Path, item: str) -> "Floats":
    np, h5py = optional("numpy", "ecg"), optional("h5py", "ecg")
    with h5py.File(path, "r") as file:
        names = [k for k, v in file.items() if isinstance(v, h5py.Dataset) and len(v.shape) == 3]
        if not names:
            raise IgakuError(f"{path}: no data set of three dimensions; it holds one record, so leave #{item} out")
        name = "tracings" if "tracings" in names else names[0]
        ids = _ids(str(path), path.stat().st_mtime_ns)
        at = ids[item] if item in ids else None if ids else _number(item, len(file[name]), path)
        if at is None:
            raise IgakuError(f"{path}: no record {item!r} among its {len(ids):,}")
        _check_size(file[name].shape[1:], path)
        out: Floats = np.asarray(file[name][at], np.float32)
    return out


@lru_cache(8)
def _ids(path: str, changed: int) -> dict[str, int]:
    """``exam_id`` -> index, of an HDF5 file as it was at that time; empty where it has none."""
    with optional("h5py", "ecg").File(path, "r") as file:
        return {str(k): i for i, k in enumerate(file["exam_id"][()].tolist())} if "exam_id" in file else {}


def _number(item: str, n: int, path: Path) -> int:
    if not item.isdecimal() or int(item) >= n:
        raise IgakuError(f"{path}: no record {item!r}; it holds {n:,}, from 0 on")
    return int(item)


def _check_size(shape: Iterable[int], path: Path) -> None:
    if (n := math.prod(int(k) for k in shape)) > MOST:
        raise IgakuError(f"{path}: claims {n:,} values in one record; not an ECG")


def _rate(given: float | None, own: float | None, path: Path) -> float | None:
    """The file's own rate, else the given one.

    Raises:
        IgakuError: they differ.
    """
    if given and own and abs(given - own) > 0.01:
        raise IgakuError(f"{path}: says {own:g} Hz, but {given:g} was given; leave --rate (or the column fs) out")
    return own or given


def _from_array(data: "Floats", names: list[str] | None, rate: float | None, path: Path, format: str) -> Record:
    """The record of an array [leads, n] or [n, leads] in millivolts; the longer side is time."""
    if data.ndim > 2:
        raise IgakuError(f"{path}: an array of shape {data.shape}; of a file with many records name one: {path.name}#0")
    if data.ndim != 2:
        raise IgakuError(f"{path}: an array of shape {data.shape}; a record has two dimensions, leads and time")
    rows = data if data.shape[0] <= data.shape[1] else data.T
    if names is None and len(rows) not in (8, 12):
        raise IgakuError(
            f"{path}: {len(rows)} rows without names; expected 12 leads (or I, II, V1-V6) in the standard order"
        )
    if not rate:
        raise IgakuError(f"{path}: does not say how many samples per second; give --rate (or a column fs in the table)")
    eight = [n for n in LEADS if n in ("I", "II") or n.startswith("V")]
    signal, derived, extra = arranged(rows, names or list(LEADS if len(rows) == 12 else eight), str(path))
    return Record(signal=signal, rate=float(rate), source=str(path), format=format, derived=derived, extra=extra)
