"""Intervals and amplitudes of the average beat: the input of the boosted tree that networks must beat.

Measured on all leads together: the length of the leads' velocity vector gives the position of QRS, the leads' median
beat the width of it and of the other waves. On the annotations of LUDB this is nearer than neurokit2's delineation of
single leads (``bench/ecg_intervals.py``), and needs no further package.
"""

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from igaku.cardiology.ecg.record import LEADS

if TYPE_CHECKING:
    from igaku.cardiology.arrays import Floats, Ints

RATE = 500
"""Samples per second of the beat that is measured; other signals are resampled to it."""
BEFORE, AFTER = 0.35, 0.60
"""Seconds around R in a beat."""
WAVES = ("Q", "R", "S", "ST", "T")
NAMES = (
    "heart rate",
    "RR deviation",
    "RR change",
    "QRS",
    "QT",
    "QTc",
    "PR",
    "P",
    "QRS axis",
    "T axis",
    "R V5/V2",
    *(f"{w} {lead}" for lead in LEADS for w in WAVES),
)
"""ms, and the signal's own unit."""
_KNOWN: "dict[bytes, Floats]" = {}


def features(signal: "Floats", rate: float, leads: Sequence[str] = LEADS) -> "Floats":
    """float32 [``len(NAMES)``] of one record [leads, samples]; NaN where a wave or a lead is not found."""
    import numpy as np

    key = hashlib.sha1(np.ascontiguousarray(signal).tobytes() + f"{rate} {leads}".encode()).digest()
    if key not in _KNOWN:
        _KNOWN[key] = _measured(np.asarray(signal, np.float32), rate, leads)
    return _KNOWN[key]


def _measured(signal: "Floats", rate: float, leads: Sequence[str]) -> "Floats":
    import numpy as np

    out = dict.fromkeys(NAMES, np.nan)
    if rate != RATE:
        from igaku.cardiology.ecg.resampling import resampled

        signal = resampled(signal, rate, RATE)
    signal = np.nan_to_num(signal)
    peaks = beats(signal)
    rr = np.diff(peaks) / RATE
    if len(rr):
        typical = float(np.median(rr))
        out |= {"heart rate": 60 / typical, "RR deviation": 1000 * float(rr.std())}
        out["RR change"] = 1000 * float(np.sqrt(np.square(np.diff(rr)).mean())) if len(rr) > 1 else np.nan
        beat = average(signal, peaks)
        if beat is not None:
            out |= _intervals(beat, typical) | _amplitudes(beat, typical, leads)
    return np.array([out[n] for n in NAMES], np.float32)


def beats(signal: "Floats") -> "Ints":
    """Sample indices of QRS complexes in [leads, samples] at 500 Hz.

    They are peaks of the leads' smoothed velocity with at least 0.25 s between them.
    """
    import numpy as np
    from scipy.ndimage import uniform_filter1d
    from scipy.signal import find_peaks

    speed = uniform_filter1d(velocity(signal), round(0.08 * RATE))
    high = np.quantile(speed, 0.98)
    peaks: Ints = find_peaks(speed, height=0.4 * high, prominence=0.3 * high, distance=round(0.25 * RATE))[0]
    return peaks


def velocity(signal: "Floats") -> "Floats":
    """[samples] length of the vector of all leads' slopes."""
    import numpy as np
    from scipy.ndimage import uniform_filter1d

    slopes = np.gradient(uniform_filter1d(signal, round(0.008 * RATE) | 1, axis=1), axis=1)
    speed: Floats = np.sqrt(np.square(slopes).sum(0))
    return speed


def average(signal: "Floats", peaks: "Ints") -> "Floats | None":
    """[leads, samples] median of the whole beats around peaks; None where there is none."""
    import numpy as np

    a, b = round(BEFORE * RATE), round(AFTER * RATE)
    whole = [p for p in peaks if p >= a and p + b <= signal.shape[1]]
    if not whole:
        return None
    stack = np.stack([signal[:, p - a : p + b] for p in whole])
    beat: Floats = np.median(stack, axis=0)
    return beat


def _edges(beat: "Floats") -> tuple[int, int]:
    """First and last sample of QRS: where the velocity has fallen to a share of its peak and stays there for 10 ms."""
    import numpy as np

    speed = velocity(beat)
    r = round(BEFORE * RATE)
    near = speed[r - 40 : r + 40]
    top = r - 40 + int(near.argmax())
    quiet = float(np.quantile(speed[max(0, r - 160) : r + 200], 0.2))
    least, hold = quiet + EDGE * (float(near.max()) - quiet), round(0.010 * RATE)
    low = speed < least
    on = next((i for i in range(top, r - 60, -1) if low[i - hold : i + 1].all()), r - 25)
    off = next((i for i in range(top, r + 75) if low[i : i + hold + 1].all()), r + 25)
    return on, off


EDGE = 0.06
"""Share of QRS's greatest velocity at its edges; set on the annotations of LUDB's records 1 to 100."""


def _intervals(beat: "Floats", rr: float) -> dict[str, float]:
    """ms: QRS, QT (also by Bazett), PR, and the size of P."""
    import numpy as np
    from scipy.ndimage import uniform_filter1d

    on, off = _edges(beat)
    level = beat[:, max(0, on - 10) : on + 1].mean(axis=1, keepdims=True)
    size = uniform_filter1d(np.sqrt(np.square(beat - level).sum(0)), 11)
    first, last = off + 30, min(len(size) - 1, on + round(min(0.55, 0.75 * rr) * RATE))
    out = {"QRS": 1000 * (off - on) / RATE}
    if last > first + 20:
        top = first + int(size[first:last].argmax())
        fall = np.gradient(size)[top : last + 1]
        if len(fall) > 5 and fall.min() < 0:  # the tangent at the steepest fall, down to the lowest after T
            steep = top + int(fall.argmin())
            end = steep + (size[steep] - size[last - 1 :].min()) / -fall.min()
            out["QT"] = 1000 * (min(float(end), last) - on) / RATE
            out["QTc"] = out["QT"] / np.sqrt(rr)
    before = size[max(0, on - 125) : on - 15]
    if len(before) > 40:
        top = int(before.argmax())
        floor = float(np.quantile(before, 0.15))
        low = np.flatnonzero(before[:top] < floor + 0.15 * (before[top] - floor))
        out["P"] = float(before[top] - floor)
        if len(low):
            out["PR"] = 1000 * (len(before) - low[-1] + 15) / RATE
    return out


def _amplitudes(beat: "Floats", rr: float, leads: Sequence[str]) -> dict[str, float]:
    """Each lead's Q, R, S, ST (60 ms after QRS) and T above the level before QRS; axes in degrees."""
    import numpy as np

    on, off = _edges(beat)
    flat = beat - beat[:, max(0, on - 10) : on + 1].mean(axis=1, keepdims=True)
    last = min(beat.shape[1], on + round(min(0.5, 0.7 * rr) * RATE))
    out: dict[str, float] = {}
    area: dict[str, tuple[float, float]] = {}
    for lead, row in zip(leads, flat):
        qrs, tee = row[on : off + 1], row[off + 30 : last]
        top = int(qrs.argmax())
        t = float(tee[np.abs(tee).argmax()]) if len(tee) else np.nan
        q, s = min(0.0, float(qrs[: top + 1].min())), min(0.0, float(qrs[top:].min()))
        waves = (q, float(qrs[top]), s, float(row[min(off + 30, len(row) - 1)]), t)
        out |= {f"{w} {lead}": v for w, v in zip(WAVES, waves)}
        area[lead] = float(qrs.sum()), t
    if "I" in area and "aVF" in area:
        for k, name in enumerate(("QRS axis", "T axis")):
            out[name] = float(np.degrees(np.arctan2(area["aVF"][k], area["I"][k])))
    if "R V5" in out and "R V2" in out:
        out["R V5/V2"] = float(np.log((abs(out["R V5"]) + 0.05) / (abs(out["R V2"]) + 0.05)))
    return out
