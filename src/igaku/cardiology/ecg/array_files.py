"""ECGs as plain arrays: CSV, npy, MATLAB and HDF5, with one record a file or many."""

import csv
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from igaku.cardiology.ecg.hdf5_files import hdf5_item, hdf5_record, number_of
from igaku.cardiology.ecg.mat_files import matrices
from igaku.cardiology.ecg.record import LEADS, MILLIVOLTS, Record, arranged, lead_name
from igaku.cardiology.limits import check_bytes, check_size
from igaku.cardiology.patients import sex_of, years
from igaku.errors import IgakuError, optional

if TYPE_CHECKING:
    from igaku.cardiology.arrays import Floats

MANY = (".npy", ".h5", ".hdf5")
"""Formats that may hold many records a file."""


def read_csv(path: Path, rate: float | None) -> Record:
    """Millivolts; columns are leads, named in the first line or in the standard order.

    The rate is in the file's name (``_100hz``) or given.
    """
    np = optional("numpy", "ecg")
    lines, delimiter = _csv_lines(path)
    first = next(csv.reader(lines[:1], delimiter=delimiter), [])
    first, factors = _without_units(first)
    named = any(re.search(r"[A-Za-z]", c) and not re.fullmatch(r"[-+\d.eE]+|nan", c.strip(), re.I) for c in first)
    if named and not any(lead_name(c) for c in first):
        raise IgakuError(f"{path}: a table without leads (columns {', '.join(first[:4])}, ...); not an ECG")
    if not first:
        raise IgakuError(f"{path}: empty")
    numbered = [c.strip() for c in first] in ([str(k + s) for k in range(len(first))] for s in (0, 1))
    data = np.loadtxt(lines[int(named or numbered) :], delimiter=delimiter, ndmin=2, dtype=np.float32)
    m = re.search(r"(\d{2,4})\s*hz", path.stem, re.I)
    own_rate = _rate(rate, float(m[1]) if m else None, path)
    record = _from_array(data, first if named else None, own_rate, path, "CSV", along=0 if named else None)
    if named and any(f is not None for f in factors):
        record = _scaled(data, first, factors, own_rate, path)
    record.doubts = [] if _ends(path) else ["the last line has no end; the file may be cut off"]
    return record


def _without_units(columns: Sequence[str]) -> tuple[list[str], list[float | None]]:
    """Names without the unit in brackets behind them (``I (uV)``), and millivolts of one of it; None without."""
    found = [re.fullmatch(r"\s*([^\[(]*?)\s*[\[(]\s*([a-zµμ]{1,2})\s*[\])]\s*", c, re.I) for c in columns]
    units = [MILLIVOLTS.get(m[2].lower()) if m else None for m in found]
    return [m[1] if m and f else c for c, m, f in zip(columns, found, units)], units


def _scaled(
    data: "Floats", names: list[str], factors: Sequence[float | None], rate: float | None, path: Path
) -> Record:
    """The record of columns that say their units.

    Raises:
        IgakuError: one lead says a unit, another none.
    """
    if silent := next((n for n, f in zip(names, factors) if f is None and lead_name(n)), ""):
        raise IgakuError(
            f"{path}: column {silent} says no unit, but others do; write it behind each lead, or behind none"
        )
    record = _from_array(data * [f or 1.0 for f in factors], names, rate, path, "CSV", along=0)
    record.says_unit = True
    return record


def _text(path: Path) -> str:
    """UTF-8, UTF-16 by its first bytes, else Shift_JIS."""
    raw = path.read_bytes()
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return raw.decode("utf-16")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp932")


def _csv_lines(path: Path) -> tuple[list[str], str]:
    """Lines, and what stands between their columns; decimal commas, as of a table with semicolons, become points."""
    check_bytes(path)
    lines = _text(path).splitlines()
    head = "".join(lines[:2])
    delimiter = next((sign for sign in (";", "\t") if sign in head), ",")
    return lines if delimiter == "," else [line.replace(",", ".") for line in lines], delimiter


def _ends(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, 2)
        return file.read(1) in (b"\n", b"\r", b"\0")  # the last byte of a line's end in UTF-16


def read_npy(path: Path, rate: float | None) -> Record:
    """A plain array in millivolts, leads in the standard order."""
    return _from_array(optional("numpy", "ecg").array(_npy(path)), None, rate, path, "npy")


def _npy(path: Path) -> Any:
    """The array in a file that is exactly as long as it says, as a memory map."""
    data = optional("numpy", "ecg").load(path, mmap_mode="r", allow_pickle=False)
    if not hasattr(data, "offset") or data.offset + data.nbytes != path.stat().st_size:
        raise IgakuError(f"{path}: longer or shorter than its header says; damaged")
    return data


def read_mat(path: Path, rate: float | None) -> Record:
    """MATLAB 4 or 5: the largest numeric matrix, with the rate beside it (``curr_sample_rate``, ``fs``)."""
    np = optional("numpy", "ecg")
    found = matrices(path)
    if not found:
        raise IgakuError(f"{path}: no numeric matrix in it")
    name = max(found, key=lambda k: found[k].size)
    rates = {k: found[k].ravel()[0] for k in found if k.lower() in _RATES and np.size(found[k])}
    own_rate = _rate(rate, _one_rate(rates, path), path)
    return _from_array(found[name].squeeze(), None, own_rate, path, "MATLAB")


_RATES = ("fs", "rate", "sampling_rate", "sample_rate", "curr_sample_rate")


def _one_rate(rates: Mapping[str, Any], path: Path) -> float | None:
    """The rate that all of a file's fields give.

    Raises:
        IgakuError: they differ.
    """
    values = {float(v) for v in rates.values()}
    if len(values) > 1:
        several = ", ".join(f"{k} {float(v):g}" for k, v in rates.items())
        raise IgakuError(f"{path}: gives several rates ({several} Hz); damaged")
    return values.pop() if values else None


def _rate(given: float | None, own: float | None, path: Path) -> float | None:
    """The file's own rate, else the given one.

    Raises:
        IgakuError: they differ.
    """
    if given and own and abs(given - own) > 0.01:
        raise IgakuError(f"{path}: says {own:g} Hz, but {given:g} was given; leave --rate (or the column fs) out")
    return own or given


def _from_array(
    data: "Floats", names: list[str] | None, rate: float | None, path: Path, format: str, along: int | None = None
) -> Record:
    """The record of an array [leads, n] or [n, leads] in millivolts; the longer side is time.

    Args:
        along: which side is time, where the format says it.
    """
    if data.ndim > 2:
        raise IgakuError(f"{path}: an array of shape {data.shape}; of a file with many records name one: {path.name}#0")
    if data.ndim != 2:
        raise IgakuError(f"{path}: an array of shape {data.shape}; a record has two dimensions, leads and time")
    if data.dtype.kind not in "fiu":
        raise IgakuError(f"{path}: an array of {data.dtype}; millivolts are plain numbers")
    turned = along == 0 if along is not None else data.shape[0] > data.shape[1]
    rows = data.T if turned else data
    if names is not None and len(names) != len(rows):
        raise IgakuError(f"{path}: names {len(names)} leads, but holds {len(rows)}; damaged")
    if names is None and len(rows) not in (8, 12):
        raise IgakuError(
            f"{path}: {len(rows)} rows without names; expected 12 leads (or I, II, V1-V6) in the standard order"
        )
    if not rate:
        raise IgakuError(f"{path}: does not say how many samples per second; give --rate (or a column fs in the table)")
    eight = [n for n in LEADS if n in ("I", "II") or n.startswith("V")]
    signal, derived, extra = arranged(rows, names or list(LEADS if len(rows) == 12 else eight), str(path))
    return Record(
        signal=signal, rate=float(rate), source=str(path), format=format, derived=derived, extra=extra, says_unit=False
    )


def one_of_many(path: Path, item: str, rate: float | None) -> Record:
    """One row of an array of three dimensions or more; only that row is read.

    Zeros in all leads at the ends are padding (CODE-15 pads 7 s to 10) and cut off.

    Args:
        item: of npy the number, of HDF5 an ``exam_id`` (CODE-15), or the number in a file without them.
    """
    np = optional("numpy", "ecg")
    npy = path.suffix.lower() == ".npy"
    data = _npy_item(path, item) if npy else hdf5_item(path, item)
    if data.ndim != 2:
        raise IgakuError(f"{path}#{item}: of shape {data.shape}; a record has two dimensions, leads and time")
    data = data if data.shape[0] <= data.shape[1] else data.T
    known = np.flatnonzero((data != 0).any(axis=0))
    if not len(known):
        raise IgakuError(f"{path}#{item}: all zeros")
    record = _from_array(data[:, known[0] : known[-1] + 1], None, rate, path, "npy" if npy else "HDF5", along=1)
    record.source = f"{path}#{item}"
    return record


def _npy_item(path: Path, item: str) -> "Floats":
    np, whole = optional("numpy", "ecg"), _npy(path)
    check_size(whole.shape[1:], path)
    out: Floats = np.asarray(whole[number_of(item, len(whole), path)], np.float32).squeeze()
    return out


def read_hdf5(path: Path, rate: float | None) -> Record:
    """One record of an HDF5 file: a data set of two dimensions (``tracings``, ``signal``, ``ecg``, or the only one).

    Attributes may hold ``rate``, ``leads``, ``units``, ``age``, ``sex``.
    """
    data, attributes = hdf5_record(path)
    leads = attributes.get("leads", ())
    leads = [leads] if isinstance(leads, (str, bytes)) else list(getattr(leads, "flat", None) or [])
    names = [x.decode() if isinstance(x, bytes) else str(x) for x in leads] or None
    unit = str(attributes.get("units", "mV")).lower()
    if unit not in MILLIVOLTS:
        raise IgakuError(f"{path}: unit {unit!r} is not a voltage; expected mV, uV, nV or V")
    own_rate = _rate(rate, _one_rate({k: v for k, v in attributes.items() if k in _RATES}, path), path)
    record = _from_array(data * MILLIVOLTS[unit], names, own_rate, path, "HDF5")
    record.age, record.sex = years(attributes.get("age")), sex_of(attributes.get("sex"))
    record.says_unit = "units" in attributes
    return record
