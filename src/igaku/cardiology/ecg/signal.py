"""The signal contract: the form in which a model reads a record, saved with its weights and enforced at prediction."""

from functools import lru_cache
from math import gcd
from typing import TYPE_CHECKING, Literal

from msgspec import Struct, field

from igaku.cardiology.ecg.record import LEADS, Record
from igaku.errors import IgakuError, UnknownNameError

if TYPE_CHECKING:
    from igaku.cardiology.arrays import Floats


class Contract(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A model's input. The paper's (PLoS ONE 19(8):e0307978) is 12 x 5000: 10 s at 500 Hz."""

    rate: int = 500
    """Samples per second."""
    seconds: float = 10.0
    leads: tuple[str, ...] = LEADS
    band: tuple[float, float] | None = (0.67, 40.0)
    """Hz; zero-phase Butterworth of third order. None leaves the signal as it is."""
    normalise: Literal["none", "lead", "record"] = "lead"
    """z-scores of each lead, or of all leads with one mean and deviation (which keeps their proportions)."""
    least: float = 5.0
    """Seconds below which a record is refused instead of padded."""

    def __post_init__(self) -> None:
        if unknown := next((n for n in self.leads if n not in LEADS), None):
            raise UnknownNameError("lead", unknown, LEADS)
        if not self.leads or not 30 <= self.rate <= 10_000 or not 1 <= self.seconds <= 86_400 or self.least < 0:
            raise IgakuError(
                f"contract: {len(self.leads)} leads, {self.seconds:g} s at {self.rate} Hz; "
                "give leads, 1 s or more, 30 to 10000 Hz"
            )
        if self.band and not 0 < self.band[0] < self.band[1]:
            raise IgakuError(f"contract.band {list(self.band)}: give two rising frequencies above 0, or null")

    @property
    def samples(self) -> int:
        """Samples of each lead."""
        return round(self.rate * self.seconds)

    def prepare(self, record: Record) -> "Floats":
        """float32 [leads, samples]: filtered, resampled, the middle cut out (or padded with zeros), normalised.

        Raises:
            IgakuError: too short, or a lead is missing, mostly missing, or flat throughout.
        """
        return self.scaled(record)[0]

    def scaled(self, record: Record) -> "tuple[Floats, Floats]":
        """The prepared signal, and float32 [leads] millivolts of one of its units, to measure amplitudes with.

        Raises:
            IgakuError: as ``prepare``.
        """
        signal = self._checked(record)
        if self.band:
            signal = _band_pass(signal, record.rate, self.band)
        if record.rate != self.rate:
            signal = resampled(signal, record.rate, self.rate)
        return self._normal(_middle(signal, self.samples))

    def _checked(self, record: Record) -> "Floats":
        import numpy as np

        if record.seconds < self.least:
            raise IgakuError(f"{record.source}: {record.seconds:.1f} s; at least {self.least:g} s are needed")
        signal = record.signal[[LEADS.index(n) for n in self.leads]]
        if missing := [n for n in self.leads if n in record.missing]:
            raise IgakuError(f"{record.source}: lead {', '.join(missing)} is missing")
        if gaps := [n for n, row in zip(self.leads, signal) if np.isnan(row).mean() > 0.2]:
            raise IgakuError(f"{record.source}: more than a fifth of lead {', '.join(gaps)} is missing")
        if flat := [n for n, row in zip(self.leads, signal) if np.nanstd(row) < 1e-4]:
            raise IgakuError(f"{record.source}: lead {', '.join(flat)} is flat throughout")
        return np.nan_to_num(signal, nan=0.0, posinf=0.0, neginf=0.0).astype(np.float32)

    def _normal(self, signal: "Floats") -> "tuple[Floats, Floats]":
        import numpy as np

        if self.normalise == "none":
            return np.ascontiguousarray(signal, np.float32), np.ones(len(signal), np.float32)
        axis = 1 if self.normalise == "lead" else None
        mean = signal.mean(axis=axis, keepdims=True)
        scale = np.maximum(signal.std(axis=axis, keepdims=True), 1e-3)
        normal = np.ascontiguousarray((signal - mean) / scale, np.float32)
        return normal, np.broadcast_to(scale, (len(signal), 1))[:, 0].astype(np.float32)


def _middle(signal: "Floats", n: int) -> "Floats":
    import numpy as np

    have = signal.shape[1]
    if have >= n:
        at = (have - n) // 2
        return signal[:, at : at + n]
    left = (n - have) // 2
    return np.pad(signal, ((0, 0), (left, n - have - left)))


def _band_pass(signal: "Floats", rate: float, band: tuple[float, float]) -> "Floats":
    """Filtered forward and backward, so that no wave moves in time."""
    from scipy.signal import sosfiltfilt

    out: Floats = sosfiltfilt(_filter(rate, *band), signal, axis=1).astype("float32")
    return out


@lru_cache(16)
def _filter(rate: float, low: float, high: float) -> "Floats":
    from scipy.signal import butter

    sections: Floats = butter(3, [low, min(high, 0.45 * rate)], "bandpass", fs=rate, output="sos")
    return sections


def resampled(signal: "Floats", old: float, new: int) -> "Floats":
    """[leads, n] at the new rate, by a polyphase filter, which does not ring at the ends as Fourier resampling does."""
    from scipy.signal import resample_poly

    up, down = new, round(old)
    shared = gcd(up, down)
    out: Floats = resample_poly(signal, up // shared, down // shared, axis=1, padtype="line").astype("float32")
    return out


class Quality(Struct, frozen=True):
    """Plain signs of a bad record."""

    missing: list[str]
    """Leads that the file does not have."""
    flat: list[str]
    railed: list[str] = field(name="at the rail")
    """Leads that stand at the converter's greatest value."""
    gaps: float = field(name="share of missing samples")
    doubts: list[str] = []
    """What does not fit together in the file."""

    def __str__(self) -> str:
        """The faults in one line; ``no fault seen`` without one."""
        leads = (("missing", self.missing), ("flat", self.flat), ("at the rail", self.railed))
        faults = [f"{what} {', '.join(names)}" for what, names in leads if names]
        gaps = [f"share of missing samples {self.gaps}"] if self.gaps else []
        return "; ".join([*faults, *gaps, *self.doubts]) or "no fault seen"


def quality(record: Record) -> Quality:
    """Leads that are missing, flat or at the converter's rail, and the share of missing samples."""
    import numpy as np

    flat, railed = [], []
    for name, row in zip(LEADS, record.signal):
        known = row[~np.isnan(row)]
        if not len(known):
            continue
        if known.std() < 0.005:
            flat.append(name)
        elif (np.abs(known) >= np.abs(known).max() * 0.999).mean() > 0.01:
            railed.append(name)
    return Quality(record.missing, flat, railed, round(float(np.isnan(record.signal).mean()), 4), record.doubts)
