"""The signal contract: the form in which a model reads a record, saved with its weights and enforced at prediction."""

from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from msgspec import Struct
from msgspec.structs import replace

from igaku.cardiology.ecg.chains import CHAINS
from igaku.cardiology.ecg.record import LEADS, Record
from igaku.cardiology.ecg.resampling import known_at_rate, middle, resampled
from igaku.errors import IgakuError, UnknownNameError

if TYPE_CHECKING:
    from igaku.cardiology.arrays import Bools, Floats


class Contract(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A model's input. The paper's (PLoS ONE 19(8):e0307978) is 12 x 5000: 10 s at 500 Hz."""

    rate: int = 500
    """Samples per second."""
    seconds: float = 10.0
    leads: tuple[str, ...] = LEADS
    band: tuple[float, float] | None = (0.67, 40.0)
    """Hz; zero-phase Butterworth of third order. None: no filter; a lead's level is taken away all the same."""
    normalise: Literal["none", "lead", "record"] = "lead"
    """z-scores of each lead, or of all leads with one mean and deviation (which keeps their proportions)."""
    least: float = 5.0
    """Seconds below which a record is refused instead of padded."""
    chain: Literal["", "ecgfounder", "hubert-ecg", "st-mem"] = ""
    """A published encoder's own filter and scaling (``chains``) instead of ``band``."""
    lacking: bool = False
    """Records that lack leads are taken, down to one; such a lead is NaN, which a network takes as missing."""

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
        if self.chain and self.rate != (wanted := CHAINS[self.chain][0]):
            raise IgakuError(f"contract: the chain {self.chain} ends at {wanted} Hz, rate says {self.rate}")

    @property
    def samples(self) -> int:
        """Samples of each lead."""
        return round(self.rate * self.seconds)

    @property
    def whole(self) -> "Contract":
        """The same form for records with all leads."""
        return replace(self, lacking=False)

    def prepare(self, record: Record) -> "Floats":
        """float32 [leads, samples]: filtered, resampled, the middle cut out (or padded with zeros), normalised.

        Gaps are bridged before the filter, so that it does not ring at their ends, and are 0 at the end, as padding is
        (a lead's resting line where a chain moves it); neither counts for the mean and the deviation of a lead.

        Raises:
            IgakuError: too short, or a lead is missing, or in that middle by more than a fifth or flat; where records
                may lack leads (``lacking``), such a lead is NaN, and only a record without any is refused.
        """
        return self.scaled(record)[0]

    def scaled(self, record: Record) -> "tuple[Floats, Floats]":
        """The prepared signal, and float32 [leads] millivolts of one of its units, to measure amplitudes with.

        Raises:
            IgakuError: as ``prepare``.
        """
        import numpy as np

        signal = self._checked(record)
        known = ~np.isnan(signal)
        present = known.any(axis=1)
        found, scale = self._conditioned(signal[present], known[present], record.rate)
        if present.all():
            return found, scale
        whole, scales = np.full((len(signal), self.samples), np.nan, np.float32), np.zeros(len(signal), np.float32)
        whole[present], scales[present] = found, scale
        return whole, scales

    def _conditioned(self, signal: "Floats", known: "Bools", rate: float) -> "tuple[Floats, Floats]":
        """Filtered, resampled, cut and normalised; no lead is missing throughout."""
        import numpy as np

        signal, unit, level = _bridged(signal), np.ones(len(signal), np.float32), np.zeros(len(signal), np.float32)
        if self.chain:
            signal, unit, level = CHAINS[self.chain][1](signal, known, rate, self.seconds)
        else:
            if self.band:
                signal = _band_pass(signal, rate, self.band)
            if rate != self.rate:
                signal = resampled(signal, rate, self.rate)
        if rate != self.rate:
            known = known_at_rate(known, rate, self.rate, signal.shape[1])
        normal, scale = self._normal(middle(signal, self.samples), middle(known, self.samples))
        return normal if self.normalise != "none" else normal + level[:, None], scale * unit

    def _checked(self, record: Record) -> "Floats":
        """[leads, n] with NaN in the gaps."""
        import numpy as np

        if record.seconds < self.least:
            raise IgakuError(f"{record.source}: {record.seconds:.1f} s; at least {self.least:g} s are needed")
        signal = record.signal[[LEADS.index(n) for n in self.leads]].astype(np.float32)
        signal[~np.isfinite(signal)] = np.nan
        seen = middle(signal, min(round(record.rate * self.seconds), signal.shape[1]))
        part = "" if seen.shape == signal.shape else f" in the middle {self.seconds:g} s"
        lost = {
            "lead {} is missing": np.isnan(signal).all(1),
            f"more than a fifth of lead {{}} is missing{part}": np.isnan(seen).mean(1) > 0.2,
            f"lead {{}} is flat{part or ' throughout'}": np.array(
                [not np.isnan(row).all() and np.nanstd(row) < 1e-4 for row in seen]
            ),
        }
        for how, leads in lost.items():
            names = ", ".join(n for n, one in zip(self.leads, leads) if one)
            if names and not self.lacking:
                raise IgakuError(f"{record.source}: {how.format(names)}")
            signal[leads] = np.nan
        if np.isnan(signal).all():
            raise IgakuError(f"{record.source}: none of the leads {', '.join(self.leads)} has a signal")
        return signal

    def _normal(self, signal: "Floats", known: "Bools") -> "tuple[Floats, Floats]":
        """The normalised signal and its scale, by the samples that are known."""
        import numpy as np

        if self.normalise == "none":
            return np.ascontiguousarray(np.where(known, signal, 0), np.float32), np.ones(len(signal), np.float32)
        axis = 1 if self.normalise == "lead" else None
        mean = signal.mean(axis=axis, keepdims=True, where=known)
        scale = np.maximum(signal.std(axis=axis, keepdims=True, where=known), 1e-3)
        normal = np.ascontiguousarray(np.where(known, (signal - mean) / scale, 0), np.float32)
        return normal, np.broadcast_to(scale, (len(signal), 1))[:, 0].astype(np.float32)


def _bridged(signal: "Floats") -> "Floats":
    """Each lead around its median, its gaps as straight lines from end to end."""
    import numpy as np

    out = signal - np.nanmedian(signal, axis=1, keepdims=True)
    for row in out:
        gap = np.isnan(row)
        if gap.any():
            row[gap] = np.interp(np.flatnonzero(gap), np.flatnonzero(~gap), row[~gap])
    return out


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
