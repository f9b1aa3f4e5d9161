"""WFDB: header and signal by our own reading of the common formats (16-bit .dat and .mat).

The reference library refuses real files for a record name with a dot or a date before a time, and reads through
pandas. What is stored otherwise goes through wfdb, after the same checks.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from igaku.cardiology.ecg.record import Record, arranged
from igaku.cardiology.ecg.wfdb_checks import check_files, check_sums, signal_file
from igaku.cardiology.ecg.wfdb_header import Channel, Header, Segment, read_header
from igaku.cardiology.limits import check_size
from igaku.cardiology.patients import sex_of, years
from igaku.errors import IgakuError, optional

if TYPE_CHECKING:
    from igaku.cardiology.arrays import Floats

Rows = list[tuple[str, "Floats"]]
"""Names and millivolts [n] of channels; those that are not a voltage (breath ...) are left out."""


def read_wfdb(path: Path, rate: float | None = None) -> Record:
    """A record by its header; the header says the rate.

    Raises:
        IgakuError: the header cannot be read, the signal is not found, or one says what the other does not have.
    """
    header = read_header(path)
    rows = _joined(path, header) if header.segments else _rows(path, header)
    signal, derived, extra = arranged([row for _, row in rows], [name for name, _ in rows], str(path))
    own_rate = header.rate * next((c.frame for c in header.channels if c.unit is not None), 1)
    record = Record(signal=signal, rate=own_rate, source=str(path), format="WFDB", derived=derived, extra=extra)
    return _with_notes(record, header.notes)


def _rows(path: Path, header: Header) -> Rows:
    length = check_files(path, header)
    if {c.format for c in header.channels} != {16} or any(c.frame > 1 or c.skew for c in header.channels):
        return _by_wfdb(path, header)
    rows: Rows = []
    for file in dict.fromkeys(c.file for c in header.channels):
        rows += _signals(path, file, [c for c in header.channels if c.file == file], length)
    return rows


def _signals(path: Path, file: str, channels: Sequence[Channel], length: int) -> Rows:
    np = optional("numpy", "ecg")
    raw = np.fromfile(signal_file(path, file), "<i2", count=length * len(channels), offset=channels[0].offset)
    block = raw.reshape(length, len(channels)).T
    check_sums(path, channels, block)
    return [(c.name, _millivolts(row, c)) for c, row in zip(channels, block) if c.unit is not None]


def _millivolts(row: Any, channel: Channel) -> "Floats":
    np = optional("numpy", "ecg")
    values = row.astype(np.float32)
    values[row == -32768] = np.nan
    out: Floats = (values - channel.baseline) / channel.gain * channel.unit
    return out


def _by_wfdb(path: Path, header: Header) -> Rows:
    """By the reference library, every sample of a frame: its own mean of a frame would halve the rate unseen."""
    if len(frames := {c.frame for c in header.channels if c.unit is not None}) > 1:
        rates = ", ".join(f"{header.rate * f:g}" for f in sorted(frames))
        raise IgakuError(f"{path}: leads with different rates ({rates} Hz); not read")
    wfdb, record = optional("wfdb", "ecg"), str(path.with_suffix(""))
    raw = wfdb.rdrecord(record, physical=False, smooth_frames=False, ignore_skew=True)
    check_sums(path, header.channels, raw.e_d_signal)
    found = wfdb.rdrecord(record, smooth_frames=False).e_p_signal
    return [(c.name, row * c.unit) for c, row in zip(header.channels, found, strict=True) if c.unit is not None]


def _joined(path: Path, header: Header) -> Rows:
    """The segments one after another; a gap, and a lead that a segment does not have, are NaN.

    Raises:
        IgakuError: a segment is not found, or has another rate or length than the record says.
    """
    np = optional("numpy", "ecg")
    total = sum(s.length for s in header.segments)
    if header.length and total != header.length:
        raise IgakuError(f"{path}: says {header.length:,} samples, but its segments have {total:,}; damaged")
    check_size((header.signals, total), path)
    whole: dict[str, Floats] = {}
    at = 0
    for segment in header.segments:
        if segment.name != "~" and segment.length:
            for name, row in _segment_rows(path, header, segment):
                whole.setdefault(name, np.full(total, np.nan, np.float32))[at : at + segment.length] = row
        at += segment.length
    return list(whole.items())


def _segment_rows(path: Path, header: Header, segment: Segment) -> Rows:
    file = signal_file(path, f"{segment.name}.hea")
    own = read_header(file)
    if (
        own.segments
        or any(c.frame > 1 for c in own.channels)
        or own.rate != header.rate
        or own.signals > header.signals
    ):
        raise IgakuError(f"{file}: does not fit {path.name}, of which it is a segment; damaged")
    rows = _rows(file, own)
    if any(len(row) != segment.length for _, row in rows):
        raise IgakuError(f"{file}: not of {segment.length:,} samples, as {path.name} says; damaged")
    return rows


_FIELDS = r"<?\b(?:age|sex|gender|dx|diagnoses|rhythm)\b>?\s*:"
_FIELD = re.compile(rf"(?={_FIELDS})<?(\w+)>?\s*:\s*([^<]*?)(?=\s{_FIELDS}|<|$)", re.I)
"""A field of a comment line, up to the next one in it."""
_KNOWN = re.compile(r"^<?(age|sex|gender|dx|diagnoses|rhythm|rx|hx|sx)\b", re.I)


def _with_notes(record: Record, notes: Sequence[str]) -> Record:
    """Age, sex and diagnoses from the comment lines, as LUDB, PTB and the CinC challenges write them."""
    for note in notes:
        for m in _FIELD.finditer(note):
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
