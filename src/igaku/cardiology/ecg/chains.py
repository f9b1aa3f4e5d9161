"""Filters and scalings as published encoders want them, named after the encoder; each ends at that encoder's rate.

Read in the authors' public code, which is named at each; nothing of it is copied. Signals are [leads, n] in millivolts
without gaps. Where the authors filter a crop, here the whole record is filtered and then cut, so that no filter rings
at a crop's ends.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from igaku.cardiology.ecg.resampling import known_at_rate, middle, resampled

if TYPE_CHECKING:
    from igaku.cardiology.arrays import Bools, Floats

    Chain = Callable[[Floats, Bools, float, float], "Chained"]
    """Signal, where it is known, its rate, and the seconds of its middle that a network sees."""


class Chained(NamedTuple):
    """A signal as a chain leaves it."""

    signal: "Floats"
    """[leads, n] at the chain's own rate, around ``level``."""
    unit: "Floats"
    """[leads] millivolts of one unit."""
    level: "Floats"
    """[leads] what is added at the end, and stands in gaps and padding: each lead's own resting line."""


def _plain(signal: "Floats") -> Chained:
    """In millivolts around 0."""
    import numpy as np

    return Chained(signal.astype(np.float32), np.ones(len(signal), np.float32), np.zeros(len(signal), np.float32))


def ecgfounder(signal: "Floats", known: "Bools", rate: float, seconds: float) -> Chained:
    """500 Hz: notch at 50 Hz (Q 30), Butterworth of fourth order 0.67 to 40 Hz, minus a median over 0.4 s.

    PKUDigitalHealth/ECGFounder ``util.py`` and ``dataset.py``; the z-score over all leads is the contract's.
    """
    import numpy as np
    from scipy.ndimage import median_filter
    from scipy.signal import butter, filtfilt, iirnotch, sosfiltfilt

    x = _at(signal, rate, 500)
    x = filtfilt(*iirnotch(50, 30, 500), x, axis=1)
    x = sosfiltfilt(butter(4, [0.67, 40], "bandpass", fs=500, output="sos"), x, axis=1)
    level = np.stack([median_filter(row, 201, mode="constant") for row in x])
    return _plain(x - level)


def hubert_ecg(signal: "Floats", known: "Bools", rate: float, seconds: float) -> Chained:
    """FIR 0.05 to 47 Hz of 0.3 s at the file's rate, 500 Hz, each lead onto -1 to 1, then 100 Hz.

    Edoar-do/HuBERT-ECG ``utils.py`` and ``dataset.py``. They lower the rate of all leads in one row; here each lead by
    itself, so that no lead rings into the next. -1 and 1 are the least and the greatest of what the network sees, gaps
    left out; a lead's resting line is its median there.
    """
    import numpy as np
    from scipy.signal import decimate, filtfilt, firwin

    taps = firwin(int(0.3 * rate) | 1, [0.05, min(47.0, 0.45 * rate)], pass_zero=False, fs=rate)
    x = _at(filtfilt(taps, [1.0], signal, axis=1).astype(np.float32), rate, 500)
    seen = np.where(known_at_rate(known, rate, 500, x.shape[1]), x, np.nan)
    seen = middle(seen, min(round(500 * seconds), x.shape[1]))
    low, high, level = (f(seen, axis=1, keepdims=True) for f in (np.nanmin, np.nanmax, np.nanmedian))
    half = np.maximum((high - low) / 2, 1e-8)
    scaled = decimate((x - level) / half, 5, axis=1).astype(np.float32)
    return Chained(scaled, *(v[:, 0].astype(np.float32) for v in (half, (level - low) / half - 1)))


def st_mem(signal: "Floats", known: "Bools", rate: float, seconds: float) -> Chained:
    """250 Hz, Butterworth of fifth order above 0.67 Hz and below 40 Hz, forward and backward.

    bakqui/ST-MEM ``configs/downstream/st_mem.yaml`` and ``util/transforms.py``.
    """
    from scipy.signal import butter, sosfiltfilt

    x = _at(signal, rate, 250)
    for kind, cut in (("highpass", 0.67), ("lowpass", 40.0)):
        x = sosfiltfilt(butter(5, cut, kind, fs=250, output="sos"), x, axis=1)
    return _plain(x)


CHAINS: "dict[str, tuple[int, Chain]]" = {
    "ecgfounder": (500, ecgfounder),
    "hubert-ecg": (100, hubert_ecg),
    "st-mem": (250, st_mem),
}
"""Name -> its rate, and what it does."""


def _at(signal: "Floats", rate: float, new: int) -> "Floats":
    return signal if rate == new else resampled(signal, rate, new)
