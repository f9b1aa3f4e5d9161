"""The header of a WFDB record (header(5) of the WFDB manual), read strictly: what does not add up is refused.

A header that is cut off or edited otherwise gives a plausible ECG of other samples: 12 interleaved leads read as 3.
"""

import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from igaku.cardiology.ecg.record import MILLIVOLTS, lead_name
from igaku.errors import IgakuError


class Channel(NamedTuple):
    """One signal line."""

    file: str
    format: int
    frame: int
    """Samples a frame."""
    skew: int
    """Frames by which the signal is late."""
    offset: int
    """Bytes before the first sample of the file."""
    gain: float
    """Digits a unit."""
    baseline: float
    """The digit that stands for 0."""
    unit: float | None
    """Millivolts; None where it is not a voltage."""
    first: int | None
    """The first sample as the header has it, None where it has none."""
    checksum: int | None
    """The sum of all samples modulo 65536."""
    name: str


class Segment(NamedTuple):
    """One segment line: a record (``~`` for a gap), and its samples."""

    name: str
    length: int


class Header(NamedTuple):
    """A whole header."""

    rate: float
    """Frames a second."""
    length: int
    """Frames; 0 where the header does not say."""
    signals: int
    channels: Sequence[Channel]
    segments: Sequence[Segment]
    notes: Sequence[str]
    """Comment lines without their ``#``."""


def read_header(path: Path) -> Header:
    """A header, with as many lines as it says.

    Raises:
        IgakuError: it is cut off, has lines too many, or one cannot be read.
    """
    lines = [x.strip() for x in _text(path).splitlines() if x.strip()]
    notes = [x.lstrip("#").strip() for x in lines if x.startswith("#")]
    first, *rest = [x for x in lines if not x.startswith("#")] or [""]
    m = re.match(r"(\S+?)(?:/(\d+))?\s+(\d+)(?:\s+([\d.eE+]+)\S*)?(?:\s+(\S+))?", first)
    if not m or not 0 < int(m[3]) <= 1000 or not (m[5] or "0").isdigit():
        raise IgakuError(f"{path}: not a WFDB header, or damaged at {first[:60]!r}")
    rate, length, signals = float(m[4] or 250), int(m[5] or 0), int(m[3])
    if not 0 < rate < math.inf:
        raise IgakuError(f"{path}: says {m[4]} samples a second")
    what, n = ("segments", int(m[2])) if m[2] is not None else ("signals", signals)
    if len(rest) != n:
        raise IgakuError(
            f"{path}: says {n} {what}, but describes {len(rest)}; the header is cut off or edited, download it again"
        )
    if what == "segments":
        return Header(rate, length, signals, (), [_segment(x, path) for x in rest], notes)
    if rest and len(rest[-1].split(maxsplit=8)) < 9 <= max(len(x.split(maxsplit=8)) for x in rest):
        raise IgakuError(
            f"{path}: its last signal has no name, but others have; the header is cut off, download it again"
        )
    return Header(rate, length, signals, _sums([_channel(x, path) for x in rest]), (), notes)


def _text(path: Path) -> str:
    """UTF-8, or Latin-1 as older recorders write ``µV``."""
    if path.stat().st_size > 1_000_000:
        raise IgakuError(f"{path}: {path.stat().st_size:,} bytes; not a WFDB header")
    raw = path.read_bytes()
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def _segment(line: str, path: Path) -> Segment:
    m = re.fullmatch(r"(\S+)\s+(\d+)", line)
    if not m:
        raise IgakuError(f"{path}: its header cannot be read at {line[:60]!r}; expected a segment and its samples")
    return Segment(m[1], int(m[2]))


def _channel(line: str, path: Path) -> Channel:
    """A header line: file, format, gain(baseline)/unit, resolution, zero, first value, checksum, block size, name."""
    parts = line.split(maxsplit=8)
    m = re.fullmatch(r"(\d+)(?:x(\d+))?(?::(\d+))?(?:\+(\d+))?", parts[1] if len(parts) > 1 else "")
    g = re.fullmatch(r"([-\d.eE+]+)?(?:\((-?\d+)\))?(?:/(\S+))?", parts[2] if len(parts) > 2 else "")
    numbers = parts[3:8]
    if not m or not g or not all(re.fullmatch(r"-?\d{1,10}", x) for x in numbers):
        raise IgakuError(f"{path}: its header cannot be read at {line[:60]!r}")
    zero = float(numbers[1]) if len(numbers) > 1 else 0.0
    channel = Channel(
        file=parts[0],
        format=int(m[1]),
        frame=int(m[2] or 1),
        skew=int(m[3] or 0),
        offset=int(m[4] or 0),
        gain=float(g[1] or 0) or 200.0,
        baseline=float(g[2]) if g[2] else zero,
        unit=MILLIVOLTS.get((g[3] or "mV").lower()),
        first=int(numbers[2]) if len(numbers) > 2 else None,
        checksum=int(numbers[3]) if len(numbers) > 3 else None,
        name=parts[8].strip() if len(parts) > 8 else f"lead {parts[0]}",
    )
    if not 0 < channel.gain < math.inf or not 1 <= channel.frame <= 10_000:
        raise IgakuError(f"{path}: its header cannot be read at {line[:60]!r}; the gain or the frame makes no sense")
    if channel.unit is None and lead_name(channel.name):
        raise IgakuError(f"{path}: lead {channel.name} in {g[3]!r}, which is not a voltage; expected mV, uV, nV or V")
    return channel


def _sums(channels: Sequence[Channel]) -> list[Channel]:
    """Without first values and checksums where all are 0: many writers fill them with zeros."""
    first, sums = any(c.first for c in channels), any(c.checksum for c in channels)
    return [c._replace(first=c.first if first else None, checksum=c.checksum if sums else None) for c in channels]
