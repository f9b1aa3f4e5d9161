"""Filters and scalings as published encoders want them, named after the encoder; each ends at that encoder's rate.

Read in the authors' public code, which is named at each; nothing of it is copied. Signals are [leads, n] in millivolts
without gaps. Where the authors filter a crop, here the whole record is filtered and then cut, so that no filter rings
at a crop's ends.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from igaku.cardiology.arrays import Floats

    Chain = Callable[[Floats, float], tuple[Floats, Floats]]
    """Signal and its rate -> the signal at the chain's own rate, and millivolts of one unit of each lead."""


def ecgfounder(signal: "Floats", rate: float) -> "tuple[Floats, Floats]":
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
    return (x - level).astype(np.float32), np.ones(len(x), np.float32)


def hubert_ecg(signal: "Floats", rate: float) -> "tuple[Floats, Floats]":
    """FIR 0.05 to 47 Hz of 0.3 s at the file's rate, 500 Hz, each lead onto -1 to 1, then 100 Hz.

    Edoar-do/HuBERT-ECG ``utils.py`` and ``dataset.py``. They lower the rate of all leads in one row; here each lead by
    itself, so that no lead rings into the next.
    """
    import numpy as np
    from scipy.signal import decimate, filtfilt, firwin

    taps = firwin(int(0.3 * rate) | 1, [0.05, min(47.0, 0.45 * rate)], pass_zero=False, fs=rate)
    x = _at(filtfilt(taps, [1.0], signal, axis=1).astype(np.float32), rate, 500)
    low, high = x.min(1, keepdims=True), x.max(1, keepdims=True)
    half = np.maximum((high - low) / 2, 1e-8)
    scaled = decimate((x - low) / half - 1, 5, axis=1)
    return scaled.astype(np.float32), half[:, 0].astype(np.float32)


def st_mem(signal: "Floats", rate: float) -> "tuple[Floats, Floats]":
    """250 Hz, Butterworth of fifth order above 0.67 Hz and below 40 Hz, forward and backward.

    bakqui/ST-MEM ``configs/downstream/st_mem.yaml`` and ``util/transforms.py``.
    """
    import numpy as np
    from scipy.signal import butter, sosfiltfilt

    x = _at(signal, rate, 250)
    for kind, cut in (("highpass", 0.67), ("lowpass", 40.0)):
        x = sosfiltfilt(butter(5, cut, kind, fs=250, output="sos"), x, axis=1)
    return x.astype(np.float32), np.ones(len(x), np.float32)


CHAINS: "dict[str, tuple[int, Chain]]" = {
    "ecgfounder": (500, ecgfounder),
    "hubert-ecg": (100, hubert_ecg),
    "st-mem": (250, st_mem),
}
"""Name -> its rate, and what it does."""


def _at(signal: "Floats", rate: float, new: int) -> "Floats":
    from igaku.cardiology.ecg.resampling import resampled

    return signal if rate == new else resampled(signal, rate, new)
