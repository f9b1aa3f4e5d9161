"""Read an ECG of any format. WFDB, CSV, npy, MATLAB and HDF5 here; vendors' formats (MUSE, Sierra, aECG, SCP-ECG, DICOM, MFER, EDF+) by ecgdatakit, which was checked against
wfdb and pydicom on real files in the tests. No pickle is ever loaded. Damaged files are one clear line.
"""

import csv
import math
import re
import warnings
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from igaku.cardiology.ecg.record import LEADS, Patient, Record, arranged, lead_name, sex_of, years
from igaku.errors import IgakuError, optional

VENDOR = (".xml", ".dcm", ".scp", ".mwf", ".edf", ".ecg", ".json")
MANY = (".npy", ".h5", ".hdf5")
"""Formats that may hold many records a file."""
SUFFIXES = (".hea", ".csv", ".npy", ".mat", ".h5", ".hdf5", *VENDOR)
_UNITS = {"mv": 1.0, "uv": 1e-3, "µv": 1e-3, "μv": 1e-3, "v": 1e3, "nv": 1e-6}


def read(path: str | Path, rate: float | None = None) -> Record:
    """One record.

    Args:
        path: a file, or a WFDB record with or without ``.hea``; ``FILE#ITEM`` for a file that holds many (HDF5, npy).
        rate: samples a second, for files that do not say (CSV, npy, MATLAB).

    Raises:
        IgakuError: not an ECG, or damaged; the line says which file and why.
    """
    path, item = _item(path)
    if not path.suffix and path.with_suffix(".hea").exists():
        path = path.with_suffix(".hea")
    if path.suffix.lower() in (".dat", ".mat") and path.with_suffix(".hea").exists():
        path = path.with_suffix(".hea")
    if not path.exists():
        raise IgakuError(f"{path}: not here")
    suffix = path.suffix.lower()
    reader: Callable[[Path, float | None], Record] | None = {
        ".hea": lambda p, r: _wfdb(p),
        ".csv": _csv,
        ".npy": _npy,
        ".mat": _mat,
        ".h5": _hdf5,
        ".hdf5": _hdf5,
    }.get(suffix) or (_vendor if suffix in VENDOR else None)
    if reader is None:
        raise IgakuError(
            f"{path}: {suffix or 'no'} is no format of ECGs that is read here; known: {', '.join(SUFFIXES)}"
        )
    try:
        record = _one_of_many(path, item, rate) if item else reader(path, rate)
    except IgakuError:
        raise
    except Exception as error:  # whatever a damaged file makes a reader do
        raise IgakuError(
            f"{path}: damaged, or not an ECG ({type(error).__name__}: {str(error).splitlines()[0][:160] if str(error) else ''})"
        ) from None
    if not 30 <= record.rate <= 10_000 or not record.signal.shape[1]:
        raise IgakuError(
            f"{path}: {record.signal.shape[1]:,} samples at {record.rate:g} Hz; not an ECG, or give the right --rate"
        )
    return record


def _item(path: str | Path) -> tuple[Path, str]:
    """(file, which of its records); the second is empty for all but ``FILE#ITEM``."""
    file, hash_, item = str(path).rpartition("#")
    return (Path(file), item) if hash_ and Path(file).suffix.lower() in MANY else (Path(path), "")


def read_all(paths: Iterable[str | Path], rate: float | None = None) -> Iterator[Record | IgakuError]:
    """Records of files and folders, one in memory at a time; a file that cannot be read comes as its error, and the rest goes on."""
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
    headed = {f.with_suffix("") for f in found if f.suffix == ".hea"}
    return [f for f in found if f.suffix == ".hea" or f.with_suffix("") not in headed]


def _wfdb(path: Path) -> Record:
    """Header and signal by our own reading of the standard's common formats (16-bit .dat and .mat, one segment): the reference library refuses real files for a record name
    with a dot or a date before a time, and reads through pandas. What is stored otherwise goes through wfdb."""
    np = optional("numpy", "ecg")
    lines = [x.strip() for x in path.read_text(encoding="utf-8", errors="replace").splitlines() if x.strip()]
    head = [x for x in lines if not x.startswith("#")]
    notes = [x.lstrip("#").strip() for x in lines if x.startswith("#")]
    first = head[0].split()
    n_signals, rate = int(first[1]), float(re.split(r"[/(]", first[2])[0]) if len(first) > 2 else 250.0
    length = int(first[3]) if len(first) > 3 and first[3].isdigit() else 0
    specs = [_spec(x, path) for x in head[1 : 1 + n_signals]]
    if {s["format"] for s in specs} != {16} or not all(s["plain"] for s in specs) or "/" in first[0]:
        return _by_wfdb(path, notes)
    rows: dict[str, Any] = {}
    for file in dict.fromkeys(s["file"] for s in specs):
        mine = [s for s in specs if s["file"] == file]
        data = path.with_name(file)
        if not data.exists() or data.resolve().parent != path.resolve().parent:
            raise IgakuError(f"{data}: not here, but {path.name} says the signal is in it")
        raw = np.fromfile(data, "<i2", offset=mine[0]["offset"])
        n = length or len(raw) // len(mine)
        if len(raw) < n * len(mine):
            raise IgakuError(
                f"{data}: cut off: {len(raw) // len(mine):,} of {n:,} samples a lead are there; fetch it again"
            )
        block = raw[: n * len(mine)].reshape(n, len(mine)).T.astype(np.float32)
        for s, row in zip(mine, block):
            if s["unit"] is None:  # breath, temperature ...: no lead
                continue
            row[row == -32768] = np.nan
            rows[s["name"]] = (row - s["baseline"]) / s["gain"] * s["unit"]
    signal, derived, extra = arranged(list(rows.values()), list(rows), str(path))
    return _with_notes(
        Record(signal=signal, rate=rate, source=str(path), format="WFDB", derived=derived, extra=extra), notes
    )


def _spec(line: str, path: Path) -> dict[str, Any]:
    """One line of a header: file, format (with +offset), gain(baseline)/unit, resolution, zero, first value, checksum, block size, name."""
    parts = line.split()
    m = re.fullmatch(r"(\d+)(x\d+)?(:\d+)?(?:\+(\d+))?", parts[1])
    g = re.fullmatch(r"([-\d.eE+]+)?(?:\((-?\d+)\))?(?:/(\S+))?", parts[2] if len(parts) > 2 else "")
    if not m or not g:
        raise IgakuError(f"{path}: its header cannot be read at {line[:60]!r}")
    zero = float(parts[4]) if len(parts) > 4 else 0.0
    return {
        "file": parts[0],
        "format": int(m[1]),
        "plain": (m[2] or "x1") == "x1" and not (m[3] or ":0").strip(":0"),
        "offset": int(m[4] or 0),
        "gain": float(g[1] or 0) or 200.0,
        "baseline": float(g[2]) if g[2] else zero,
        "unit": _UNITS.get((g[3] or "mV").lower()),
        "name": " ".join(parts[8:]) or f"lead {parts[0]}",
    }


def _by_wfdb(path: Path, notes: list[str]) -> Record:
    wfdb = optional("wfdb", "ecg")
    record = wfdb.rdrecord(str(path.with_suffix("")))
    known = [
        (s * f, n)
        for s, u, n in zip(record.p_signal.T, record.units, record.sig_name)
        if (f := _UNITS.get(str(u).lower()))
    ]
    signal, derived, extra = arranged([s for s, _ in known], [n for _, n in known], str(path))
    return _with_notes(
        Record(signal=signal, rate=float(record.fs), source=str(path), format="WFDB", derived=derived, extra=extra),
        notes,
    )


def _with_notes(record: Record, notes: list[str]) -> Record:
    """Age, sex and diagnoses in the comment lines, as LUDB, PTB and the CinC challenges write them."""
    for note in notes:
        for m in re.finditer(r"<?\b(age|sex|gender|dx|diagnoses|rhythm)\b>?\s*:\s*([^<]*)", note, re.I):
            what, value = m[1].lower(), m[2].strip()
            if what == "age" and record.age is None:
                record.age = years(value)
            elif what in ("sex", "gender") and not record.sex:
                record.sex = sex_of(value)
            elif what == "dx" and value:
                record.labels += [x for x in re.split(r"[,\s]+", value) if x]
            elif what == "rhythm":
                record.labels.append(f"Rhythm: {value.rstrip('.')}")
    listed = False
    for note in notes:  # LUDB: one diagnosis a line after <diagnoses>:
        if re.match(r"^<?diagnoses", note, re.I):
            listed = True
        elif listed and note and not _KNOWN.match(note):
            record.labels.append(note.rstrip("."))
    return record


_KNOWN = re.compile(r"^<?(age|sex|gender|dx|diagnoses|rhythm|rx|hx|sx)\b", re.I)
_SIGNED = re.compile(r"confirmed|referred|reviewed|unconfirmed|edited|technician|physician|m\.?d\.?$", re.I)


def _csv(path: Path, rate: float | None) -> Record:
    """Columns are leads, named in the first line or in the standard order; millivolts. The rate is in the file's name (``_100hz``) or given."""
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
    return _plain(data, first if named else None, _rate(rate, float(m[1]) if m else None, path), path, "CSV")


def _one_of_many(path: Path, item: str, rate: float | None) -> Record:
    """A row of an array of three dimensions or more: of npy by its number, of HDF5 by ``exam_id`` beside it (CODE-15) or its number. Only that row is read. What is zero in all leads at the
    ends is filling (CODE-15 fills 7 s to 10) and cut off."""
    np = optional("numpy", "ecg")
    if path.suffix.lower() == ".npy":
        whole = np.load(path, mmap_mode="r", allow_pickle=False)
        data = np.asarray(whole[_number(item, len(whole), path)], np.float32).squeeze()
    else:
        h5py = optional("h5py", "ecg")
        with h5py.File(path, "r") as file:
            names = [k for k, v in file.items() if isinstance(v, h5py.Dataset) and len(v.shape) == 3]
            if not names:
                raise IgakuError(f"{path}: no data set of three dimensions; it holds one record, so leave #{item} out")
            name = "tracings" if "tracings" in names else names[0]
            ids = _ids(str(path), path.stat().st_mtime_ns)
            at = ids[item] if item in ids else None if ids else _number(item, len(file[name]), path)
            if at is None:
                raise IgakuError(f"{path}: no record {item!r} among its {len(ids):,}")
            _not_too_much(file[name].shape[1:], path)
            data = np.asarray(file[name][at], np.float32)
    data = data if data.shape[0] <= data.shape[1] else data.T
    there = np.flatnonzero((data != 0).any(axis=0))
    if not len(there):
        raise IgakuError(f"{path}#{item}: all zeros")
    record = _plain(data[:, there[0] : there[-1] + 1], None, rate, path, "HDF5" if path.suffix != ".npy" else "npy")
    record.source = f"{path}#{item}"
    return record


@lru_cache(8)
def _ids(path: str, changed: int) -> dict[str, int]:
    """``exam_id`` -> place, of an HDF5 file as it was at that time; empty where it has none."""
    h5py = optional("h5py", "ecg")
    with h5py.File(path, "r") as file:
        return {str(k): i for i, k in enumerate(file["exam_id"][()].tolist())} if "exam_id" in file else {}


def _number(item: str, n: int, path: Path) -> int:
    if not item.isdecimal() or int(item) >= n:
        raise IgakuError(f"{path}: no record {item!r}; it holds {n:,}, from 0 on")
    return int(item)


def _npy(path: Path, rate: float | None) -> Record:
    """A plain array in millivolts, leads in the standard order."""
    np = optional("numpy", "ecg")
    return _plain(np.load(path, allow_pickle=False), None, rate, path, "npy")


def _mat(path: Path, rate: float | None) -> Record:
    """MATLAB 5: the largest numeric matrix, with the rate beside it (``curr_sample_rate``, ``fs``)."""
    io = optional("scipy.io", "ecg")
    for _, shape, _ in io.whosmat(str(path)):
        _not_too_much(shape, path)
    found = io.loadmat(str(path))
    matrices = {
        k: v
        for k, v in found.items()
        if not k.startswith("__") and getattr(v, "ndim", 0) >= 2 and v.dtype.kind in "fiu"
    }
    if not matrices:
        raise IgakuError(f"{path}: no numeric matrix in it")
    name = max(matrices, key=lambda k: matrices[k].size)
    said = next(
        (
            float(found[k].ravel()[0])
            for k in found
            if k.lower() in ("fs", "rate", "sample_rate", "curr_sample_rate") and found[k].size
        ),
        None,
    )
    return _plain(matrices[name].squeeze(), None, _rate(rate, said, path), path, "MATLAB")


def _hdf5(path: Path, rate: float | None) -> Record:
    """One record: a data set of two dimensions (``tracings``, ``signal``, ``ecg``, or the only one); attributes may hold ``rate``, ``leads``, ``units``, ``age``, ``sex``."""
    h5py = optional("h5py", "ecg")
    with h5py.File(path, "r") as file:
        sets: dict[str, Any] = {}
        file.visititems(
            lambda name, item: (
                sets.__setitem__(name, item) if isinstance(item, h5py.Dataset) and len(item.shape) == 2 else None
            )
        )
        if not sets:
            raise IgakuError(
                f"{path}: no data set of two dimensions; of a file with many records name one: {path.name}#ID"
            )
        name = next((n for n in ("tracings", "signal", "ecg") if n in sets), max(sets, key=lambda n: sets[n].size))
        attributes = {**file.attrs, **sets[name].attrs}
        _not_too_much(sets[name].shape, path)
        data = sets[name][()]
    names = [x.decode() if isinstance(x, bytes) else str(x) for x in attributes.get("leads", ())] or None
    unit = str(attributes.get("units", "mV")).lower()
    if unit not in _UNITS:
        raise IgakuError(f"{path}: unit {unit!r} is no voltage")
    said = next((float(attributes[k]) for k in ("rate", "fs", "sampling_rate") if k in attributes), None)
    record = _plain(data * _UNITS[unit], names, _rate(rate, said, path), path, "HDF5")
    record.age, record.sex = years(attributes.get("age")), sex_of(attributes.get("sex"))
    return record


MOST = 100_000_000
"""Values of one record: a day of twelve leads at 90 Hz; a small file can claim far more and fill the memory."""


def _not_too_much(shape: Iterable[int], path: Path) -> None:
    if (n := math.prod(int(k) for k in shape)) > MOST:
        raise IgakuError(f"{path}: says that it holds {n:,} values in one record; not an ECG")


def _rate(given: float | None, said: float | None, path: Path) -> float | None:
    """What the file says, else what was given.

    Raises:
        IgakuError: they differ.
    """
    if given and said and abs(given - said) > 0.01:
        raise IgakuError(f"{path}: says {said:g} Hz, but {given:g} was given; leave --rate (or the column fs) out")
    return said or given


def _plain(data: Any, names: list[str] | None, rate: float | None, path: Path, format: str) -> Record:
    """An array, its longer side time."""
    if data.ndim > 2:
        raise IgakuError(f"{path}: an array of shape {data.shape}; of a file with many records name one: {path.name}#0")
    if data.ndim != 2:
        raise IgakuError(f"{path}: an array of shape {data.shape}; a record has two dimensions, leads and time")
    rows = data if data.shape[0] <= data.shape[1] else data.T
    if names is None and len(rows) not in (8, 12):
        raise IgakuError(
            f"{path}: {len(rows)} rows without names; 12 leads (or I, II, V1-V6) in the standard order are understood"
        )
    eight = [n for n in LEADS if n in ("I", "II") or n.startswith("V")]
    if not rate:
        raise IgakuError(f"{path}: does not say how many samples a second; give --rate (or a column fs in the table)")
    signal, derived, extra = arranged(rows, names or list(LEADS if len(rows) == 12 else eight), str(path))
    return Record(signal=signal, rate=float(rate), source=str(path), format=format, derived=derived, extra=extra)


def _vendor(path: Path, rate: float | None) -> Record:
    """By ecgdatakit; values in millivolts."""
    kit = optional("ecgdatakit", "ecg")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        parsed = kit.FileParser().parse(str(path))
    leads = [x for x in parsed.leads if str(x.units).lower() in _UNITS]
    if not leads:
        raise IgakuError(f"{path}: no lead with a voltage in it; not an ECG")
    rates = {float(x.sampling_rate) for x in leads}
    if len(rates) > 1:
        raise IgakuError(
            f"{path}: leads with different rates ({', '.join(f'{r:g}' for r in sorted(rates))} Hz); not read"
        )
    signal, derived, extra = arranged(
        [_as_float(x.samples) * _UNITS[str(x.units).lower()] for x in leads], [x.label for x in leads], str(path)
    )
    signal = _without_pulse(signal, max(rates))
    p = parsed.patient
    who = Patient(
        id=str(p.patient_id or ""),
        name=" ".join(str(x) for x in (p.first_name, p.last_name) if x),
        birth=str(p.birth_date or ""),
    )
    said = getattr(parsed.interpretation, "statements", None) or []
    return Record(
        signal=signal,
        rate=rates.pop(),
        source=str(path),
        format=str(parsed.source_format or path.suffix),
        age=years(p.age),
        sex=sex_of(p.sex),
        labels=[
            x for x in (str(s[0] if isinstance(s, tuple) else s).strip() for s in said) if x and not _SIGNED.search(x)
        ],
        patient=who,
        derived=derived,
        extra=extra,
    )


def _without_pulse(signal: Any, rate: float) -> Any:
    """Without the last second where it holds the calibration pulse (1 mV in all leads at once) that Philips appends to ten seconds."""
    np = optional("numpy", "ecg")
    second = round(rate)
    if signal.shape[1] < 3 * second:
        return signal
    last = signal[:, -second:]
    together = np.all(np.isnan(last) | (np.abs(last - 1.0) < 0.03), axis=0) & ~np.isnan(last).all(axis=0)
    return signal[:, :-second] if together.sum() >= 0.1 * second else signal


def _as_float(samples: Any) -> Any:
    return optional("numpy", "ecg").asarray(samples, dtype="float32")
