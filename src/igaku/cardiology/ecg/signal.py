"""The form in which a model reads a signal, saved with its weights and enforced at prediction: rate, length, leads, filter, normalisation."""

from math import gcd
from typing import Any, Literal

from msgspec import Struct

from igaku.cardiology.ecg.record import LEADS, Record
from igaku.errors import IgakuError, UnknownNameError


class Contract(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a model's input is. The paper's (PLoS ONE 19(8):e0307978): 12 x 5000, 10 s at 500 Hz."""

    rate: int = 500
    seconds: float = 10.0
    leads: tuple[str, ...] = LEADS
    band: tuple[float, float] | None = (0.67, 40.0)
    """Hz; zero-phase Butterworth of third order. None leaves the signal as it is."""
    normalise: Literal["none", "lead", "record"] = "lead"
    """z-scores of each lead, or of all together (which keeps the leads' proportions)."""
    least: float = 5.0
    """Seconds below which a record is refused instead of padded."""

    def __post_init__(self) -> None:
        if unknown := next((n for n in self.leads if n not in LEADS), None):
            raise UnknownNameError("lead", unknown, LEADS)
        if not self.leads or not 30 <= self.rate <= 10_000 or not 1 <= self.seconds <= 86_400 or self.least < 0:
            raise IgakuError(
                f"contract: {len(self.leads)} leads, {self.seconds:g} s at {self.rate} Hz; give leads, 1 s or more, 30 to 10000 Hz"
            )
        if self.band and not 0 < self.band[0] < self.band[1]:
            raise IgakuError(f"contract.band {list(self.band)}: give two rising frequencies above 0, or null")

    @property
    def samples(self) -> int:
        """Of each lead."""
        return round(self.rate * self.seconds)

    def prepare(self, record: Record) -> Any:
        """float32 [leads, samples]: filtered, resampled, its middle cut out (or padded with zeros), normalised.

        Raises:
            IgakuError: too short, or a lead is missing, mostly missing, or flat throughout.
        """
        return self.scaled(record)[0]

    def scaled(self, record: Record) -> tuple[Any, Any]:
        """(the prepared signal, float32 [leads] millivolts of one of its units), so that amplitudes can be measured though the model does not see them.

        Raises:
            IgakuError: as ``prepare``.
        """
        import numpy as np

        if record.seconds < self.least:
            raise IgakuError(f"{record.source}: {record.seconds:.1f} s; at least {self.least:g} s are needed")
        rows = [LEADS.index(n) for n in self.leads]
        signal = record.signal[rows]
        if gone := [n for n in self.leads if n in record.missing]:
            raise IgakuError(f"{record.source}: lead {', '.join(gone)} is missing")
        if torn := [n for n, row in zip(self.leads, signal) if np.isnan(row).mean() > 0.2]:
            raise IgakuError(f"{record.source}: more than a fifth of lead {', '.join(torn)} is missing")
        if flat := [n for n, row in zip(self.leads, signal) if np.nanstd(row) < 1e-4]:
            raise IgakuError(f"{record.source}: lead {', '.join(flat)} is flat throughout")
        signal = np.nan_to_num(signal, nan=0.0, posinf=0.0, neginf=0.0).astype(np.float32)
        if self.band:
            signal = _passed(signal, record.rate, self.band)
        if record.rate != self.rate:
            signal = resampled(signal, record.rate, self.rate)
        return self._normal(_middle(signal, self.samples))

    def _normal(self, signal: Any) -> tuple[Any, Any]:
        import numpy as np

        if self.normalise == "none":
            return np.ascontiguousarray(signal, np.float32), np.ones(len(signal), np.float32)
        axis = 1 if self.normalise == "lead" else None
        mean = signal.mean(axis=axis, keepdims=True)
        scale = np.maximum(signal.std(axis=axis, keepdims=True), 1e-3)
        made = np.ascontiguousarray((signal - mean) / scale, np.float32)
        return made, np.broadcast_to(scale, (len(signal), 1))[:, 0].astype(np.float32)


def _middle(signal: Any, n: int) -> Any:
    import numpy as np

    have = signal.shape[1]
    if have >= n:
        at = (have - n) // 2
        return signal[:, at : at + n]
    left = (n - have) // 2
    return np.pad(signal, ((0, 0), (left, n - have - left)))


def _passed(signal: Any, rate: float, band: tuple[float, float]) -> Any:
    """Band-pass, forward and backward, so that no wave moves in time."""
    from scipy.signal import sosfiltfilt

    return sosfiltfilt(_filter(rate, *band), signal, axis=1).astype("float32")


def _filter(rate: float, low: float, high: float) -> Any:
    key = (rate, low, high)
    if key not in _FILTERS:
        from scipy.signal import butter

        top = min(high, 0.45 * rate)
        _FILTERS[key] = butter(3, [low, top], "bandpass", fs=rate, output="sos")
    return _FILTERS[key]


_FILTERS: dict[tuple[float, float, float], Any] = {}


def resampled(signal: Any, old: float, new: int) -> Any:
    """By a polyphase filter, which has no ringing at the ends as Fourier resampling has."""
    from scipy.signal import resample_poly

    up, down = new, round(old)
    shared = gcd(up, down)
    return resample_poly(signal, up // shared, down // shared, axis=1, padtype="line").astype("float32")


def quality(record: Record) -> dict[str, Any]:
    """Plain signs of a bad record: leads that are missing, flat or at the converter's rail, and missing samples."""
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
    gaps = float(np.isnan(record.signal).mean())
    return {"missing": record.missing, "flat": flat, "at the rail": railed, "share of missing samples": round(gaps, 4)}
