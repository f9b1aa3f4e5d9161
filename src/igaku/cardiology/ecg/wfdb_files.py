"""WFDB: header and signal by our own reading of the common formats (16-bit .dat and .mat, one segment).

The reference library refuses real files for a record name with a dot or a date before a time, and reads through
pandas. What is stored otherwise goes through wfdb.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from igaku.cardiology.ecg.record import MILLIVOLTS, Record, arranged
from igaku.cardiology.patients import sex_of, years
from igaku.errors import IgakuError, optional

if TYPE_CHECKING:
    from igaku.cardiology.arrays import Floats


class _Channel(NamedTuple):
    """One signal line of a header."""

    file: str
    format: int
    plain: bool
    """One sample a frame, no skew."""
    offset: int
    gain: float
    baseline: float
    unit: float | None
    """Millivolts; None where it is not a voltage."""
    name: str


def read_wfdb(path: Path, rate: float | None = None) -> Record:
    """A record by its header; the header says the rate.

    Raises:
        IgakuError: the header cannot be read, or the signal is not found or cut off.
    """
    lines = [x.strip() for x in path.read_text(encoding="utf-8", errors="replace").splitlines() if x.strip()]
    header = [x for x in lines if not x.startswith("#")]
    notes = [x.lstrip("#").strip() for x in lines if x.startswith("#")]
    first = header[0].split()
    channels = [_channel(x, path) for x in header[1 : 1 + int(first[1])]]
    if {c.format for c in channels} != {16} or not all(c.plain for c in channels) or "/" in first[0]:
        return _by_wfdb(path, notes)
    own_rate = float(re.split(r"[/(]", first[2])[0]) if len(first) > 2 else 250.0
    length = int(first[3]) if len(first) > 3 and first[3].isdigit() else 0
    rows: dict[str, Floats] = {}
    for file in dict.fromkeys(c.file for c in channels):
        rows |= _signals(path, file, [c for c in channels if c.file == file], length)
    return _record(path, list(rows.values()), list(rows), own_rate, notes)


def _signals(path: Path, file: str, channels: Sequence[_Channel], length: int) -> "dict[str, Floats]":
    """Name -> millivolts [n] of the channels in one file; channels that are not a voltage (breath ...) are left out."""
    np = optional("numpy", "ecg")
    data = path.with_name(file)
    if not data.exists() or data.resolve().parent != path.resolve().parent:
        raise IgakuError(f"{data}: not found, but {path.name} says the signal is in it")
    raw = np.fromfile(data, "<i2", offset=channels[0].offset)
    n = length or len(raw) // len(channels)
    if len(raw) < n * len(channels):
        have = len(raw) // len(channels)
        raise IgakuError(f"{data}: cut off: {have:,} of {n:,} samples a lead are there; download it again")
    block = raw[: n * len(channels)].reshape(n, len(channels)).T.astype(np.float32)
    out: dict[str, Floats] = {}
    for c, row in zip(channels, block):
        if c.unit is not None:
            row[row == -32768] = np.nan
            out[c.name] = (row - c.baseline) / c.gain * c.unit
    return out


def _channel(line: str, path: Path) -> _Channel:
    """A header line: file, format, gain(baseline)/unit, resolution, zero, first value, checksum, block size, name."""
    parts = line.split()
    m = re.fullmatch(r"(\d+)(x\d+)?(:\d+)?(?:\+(\d+))?", parts[1])
    g = re.fullmatch(r"([-\d.eE+]+)?(?:\((-?\d+)\))?(?:/(\S+))?", parts[2] if len(parts) > 2 else "")
    if not m or not g:
        raise IgakuError(f"{path}: its header cannot be read at {line[:60]!r}")
    zero = float(parts[4]) if len(parts) > 4 else 0.0
    return _Channel(
        file=parts[0],
        format=int(m[1]),
        plain=(m[2] or "x1") == "x1" and not (m[3] or ":0").strip(":0"),
        offset=int(m[4] or 0),
        gain=float(g[1] or 0) or 200.0,
        baseline=float(g[2]) if g[2] else zero,
        unit=MILLIVOLTS.get((g[3] or "mV").lower()),
        name=" ".join(parts[8:]) or f"lead {parts[0]}",
    )


def _by_wfdb(path: Path, notes: Sequence[str]) -> Record:
    found = optional("wfdb", "ecg").rdrecord(str(path.with_suffix("")))
    factors = [MILLIVOLTS.get(str(u).lower()) for u in found.units]
    known = [(s * f, n) for s, f, n in zip(found.p_signal.T, factors, found.sig_name) if f]
    return _record(path, [s for s, _ in known], [n for _, n in known], float(found.fs), notes)


def _record(path: Path, rows: "Sequence[Floats]", names: Sequence[str], rate: float, notes: Sequence[str]) -> Record:
    signal, derived, extra = arranged(rows, names, str(path))
    record = Record(signal=signal, rate=rate, source=str(path), format="WFDB", derived=derived, extra=extra)
    return _with_notes(record, notes)


_KNOWN = re.compile(r"^<?(age|sex|gender|dx|diagnoses|rhythm|rx|hx|sx)\b", re.I)


def _with_notes(record: Record, notes: Sequence[str]) -> Record:
    """Age, sex and diagnoses from the comment lines, as LUDB, PTB and the CinC challenges write them."""
    for note in notes:
        for m in re.finditer(r"<?\b(age|sex|gender|dx|diagnoses|rhythm)\b>?\s*:\s*([^<]*)", note, re.I):
            field, value = m[1].lower(), m[2].strip()
            if field == "age" and record.age is None:
                record.age = years(value)
            elif field in ("sex", "gender") and not record.sex:
                record.sex = sex_of(value)
            elif field == "dx" and value:
                record.labels += [x for x in re.split(r"[,\s]+", value) if x]
            elif field == "rhythm":
                record.labels.append(f"Rhythm: {value.rstrip('.')}")
    listed = False
    for note in notes:  # LUDB: one diagnosis a line after <diagnoses>:
        if re.match(r"^<?diagnoses", note, re.I):
            listed = True
        elif listed and note and not _KNOWN.match(note):
            record.labels.append(note.rstrip("."))
    return record
