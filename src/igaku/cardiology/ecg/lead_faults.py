"""Faults of single leads, each with a kind by which records are chosen: copies, standstill, noise, rail, arms, pacing.

Bounds were set on 342 real records (LUDB, PTB-XL, CODE-15, Georgia, Ningbo); each check says how often it was wrong.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from igaku.cardiology.ecg.record import LEADS, Record
from igaku.errors import UnknownNameError

if TYPE_CHECKING:
    from igaku.cardiology.arrays import Floats

KINDS = (
    "unit", "level", "misnamed", "limb leads", "reversed arms", "same leads", "standstill", "noise", "rail", "gap",
    "missing", "flat", "pacing",
)  # fmt: skip


class Fault(NamedTuple):
    """What is wrong with a record."""

    kind: str
    """One of ``KINDS``."""
    text: str


def lead_faults(record: Record) -> Iterator[Fault]:
    """Faults that the samples show, whatever the file says."""
    import numpy as np

    there = [k for k in range(len(LEADS)) if not np.isnan(record.signal[k]).all()]
    signal = np.nan_to_num(record.signal[there])
    signal -= np.median(signal, axis=1, keepdims=True)
    names = [LEADS[k] for k in there]
    if signal.shape[1] < record.rate:
        return
    checks = (_gaps(record), _same(signal, names), _still(record.signal[there], names, record.rate))
    for check in (*checks, _noise(signal, names, record.rate), _rail(record.signal[there], names)):
        yield from check
    yield from (*_arms(signal, names), *_pacing(signal, record.rate))


def _gaps(record: Record) -> Iterator[Fault]:
    import numpy as np

    shares = np.isnan(record.signal).mean(axis=1)
    if missing := [n for n, s in zip(LEADS, shares) if s == 1]:
        yield Fault("missing", f"missing {', '.join(missing)}")
    if gaps := {n: f"{100 * s:.0f} %" for n, s in zip(LEADS, shares) if 0.005 < s < 1}:
        same = len(gaps) == len(LEADS) and len(set(gaps.values())) == 1
        where = f"all leads {gaps['I']}" if same else ", ".join(f"{n} {share}" for n, share in gaps.items())
        yield Fault("gap", f"gaps in {where}")


def chosen(kinds: Sequence[str]) -> frozenset[str]:
    """Kinds of faults whose records are left out.

    Raises:
        IgakuError: there is no such kind.
    """
    for kind in kinds:
        if kind not in KINDS:
            raise UnknownNameError("kind of fault", kind, KINDS)
    return frozenset(kinds)


def _same(signal: "Floats", names: list[str]) -> Iterator[Fault]:
    """Two leads that differ by less than a thousandth of their size; none of the real records."""
    import numpy as np

    steps = np.diff(signal[:, ::2], axis=1)
    power = (steps @ steps.T).astype(float)
    size = np.sqrt(np.diag(power))
    for i, one in enumerate(names):
        for k, other in enumerate(names[:i]):
            product = size[i] * size[k]
            if product > 0 and 1 - abs(power[i, k]) / product < 1e-5:
                turned = ", upside down" if power[i, k] < 0 else ""
                yield Fault("same leads", f"{one} is a copy of {other}{turned}")


def _still(signal: "Floats", names: list[str], rate: float) -> Iterator[Fault]:
    """A second or more of one and the same value; the longest of the real records has 0.6 s."""
    import numpy as np

    moves = np.diff(signal, axis=1) != 0
    longest = {}
    for name, row in zip(names, moves):
        if (seconds := int(np.diff(np.flatnonzero(row), prepend=-1, append=len(row)).max()) / rate) >= 1:
            longest[name] = seconds
    flat = [n for n, row in zip(names, signal) if np.nanstd(row) < 0.005]
    if flat:
        yield Fault("flat", f"flat {', '.join(flat)}")
    if partly := [n for n in longest if n not in flat]:
        where = "all leads" if len(partly) == len(names) > 1 else ", ".join(partly)
        yield Fault("standstill", f"{where} stand still for {max(longest[n] for n in partly):.1f} s")


def _noise(signal: "Floats", names: list[str], rate: float) -> Iterator[Fault]:
    """Samples 10 ms from each other that have nothing in common; one lead of one real record."""
    import numpy as np
    from scipy.ndimage import uniform_filter1d

    step = max(1, round(rate / 200))
    signal, rate = signal[:, ::step], rate / step
    lag = max(1, round(0.01 * rate))
    waves = signal - uniform_filter1d(signal, round(0.6 * rate), axis=1)
    power = np.square(waves).mean(axis=1)
    alike = (waves[:, lag:] * waves[:, :-lag]).mean(axis=1) / np.maximum(power, 1e-12)
    if noisy := [n for n, a, p in zip(names, alike, power) if a < 0.1 and p > 0.005**2]:
        yield Fault("noise", f"noise without an ECG in {', '.join(noisy)}")


def _rail(signal: "Floats", names: list[str]) -> Iterator[Fault]:
    """More than a hundredth of the samples at the greatest or the least value, one after another; 3 real records."""
    import numpy as np

    railed = []
    for name, row in zip(names, signal):
        known = row[~np.isnan(row)]
        low, high = float(known.min()), float(known.max())
        slack = 0.0005 * (high - low)
        ends = known >= high - slack, known <= low + slack
        if high - low > 0.1 and max(float((end[1:] & end[:-1]).mean()) for end in ends) > 0.01:
            railed.append(name)
    if railed:
        yield Fault("rail", f"at the converter's rail {', '.join(railed)}")


def _arms(signal: "Floats", names: list[str]) -> Iterator[Fault]:
    """Lead I upside down against V6; of 342 records turned so, 303, and of the real ones two, both paced."""
    import numpy as np

    if "I" not in names or "V6" not in names:
        return
    one, six = signal[names.index("I")].astype(float), signal[names.index("V6")].astype(float)
    steps, others = np.diff(one), np.diff(six)
    alike = (steps * others).sum() / max(np.sqrt(np.square(steps).sum() * np.square(others).sum()), 1e-12)
    skew = (one**3).mean() / max(float((one**2).mean()) ** 1.5, 1e-12)
    if alike < -0.2 and skew < -0.5:
        yield Fault("reversed arms", "lead I is upside down against V6: arm electrodes reversed, or dextrocardia?")


def _pacing(signal: "Floats", rate: float) -> Iterator[Fault]:
    """Spikes of one or two samples that come again; 7 of 12 paced records, and 4 of 230 others from 400 Hz on."""
    import numpy as np

    if rate < 400:
        return
    bend = np.abs(signal[:, 1:-1] - (signal[:, :-2] + signal[:, 2:]) / 2)
    usual = np.partition(bend, int(0.98 * bend.shape[1]), axis=1)[:, int(0.98 * bend.shape[1])]
    at = np.flatnonzero((bend > np.maximum(0.2, 8 * usual)[:, None]).sum(axis=0) >= 2)
    n = 1 + int((np.diff(at) > 0.2 * rate).sum()) if len(at) else 0
    if n >= 3:
        yield Fault("pacing", f"{n} spikes as of a pacemaker")
