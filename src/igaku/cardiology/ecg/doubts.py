"""What in a signal that was read does not fit together, so that a wrong name, scale or unit is said.

A file has most of these values once, so that nothing else in it contradicts them; the signal itself sometimes does.
"""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from igaku.cardiology.ecg.lead_faults import Fault, lead_faults
from igaku.cardiology.ecg.record import LEADS, LIMBS, Record
from igaku.errors import IgakuError

if TYPE_CHECKING:
    from igaku.cardiology.arrays import Floats

_LIMBS = {name: shares for name, shares in LIMBS.items() if name not in ("I", "II")}
"""Shares of I and II."""


def faults_of(record: Record) -> list[Fault]:
    """Amplitudes that no ECG has in millivolts, leads that are derived beside others, limb leads that do not fit.

    And what is wrong with single leads (``lead_faults``).

    Raises:
        IgakuError: infinite values.
    """
    import numpy as np

    if np.isinf(record.signal).any():
        raise IgakuError(f"{record.source}: holds infinite values; damaged")
    return [*_amplitudes(record), *_derived(record), *_limbs(record), *lead_faults(record)]


def doubts(faults: Iterable[Fault]) -> list[str]:
    """Those of the faults that may be a wrong name, scale or unit, or a signal that is none."""
    quiet = ("gap", "missing", "flat", "rail", "pacing")
    return [f.text for f in faults if f.kind not in quiet]


def _amplitudes(record: Record) -> Iterator[Fault]:
    """Of 355 real records, the largest lead of each swings by 0.5 to 18 mV, half of the leads by less than 2.1 mV.

    Of the ten of CODE-15, whose unit is not settled, half of the leads by 1.2 to 4.0 mV.
    """
    import numpy as np

    rows = [r[~np.isnan(r)].astype(np.float64) for r in record.signal if not np.isnan(r).all()]
    middles = [float(np.median(r)) for r in rows]
    swings = sorted(float(np.percentile(np.abs(r - m), 99.5)) for r, m in zip(rows, middles)) or [0.0]
    swing, typical = swings[-1], swings[len(swings) // 2]
    if swing > 20 or 0 < swing < 0.02:
        yield Fault(
            "unit", f"its largest lead swings by {swing:.3g} mV; the unit or the scale is probably another (--unit)"
        )
    elif typical > 2.5 or 0 < typical < 0.05:
        what = f"the middle one of its leads swings by {typical:.3g} mV"
        yield Fault("unit", f"{what}; the unit is probably another (--unit, as 1e-4V)")
    if level := next((m for m in middles if abs(m) > 1000), 0.0):
        yield Fault("level", f"a lead stands at {level:.3g} mV; its zero is probably wrong")


def _derived(record: Record) -> Iterator[Fault]:
    if 0 < len(record.derived) < len(_LIMBS):
        rest = ", ".join(n for n in _LIMBS if n not in record.derived)
        yield Fault(
            "misnamed", f"has {rest}, but no {', '.join(record.derived)}, which was derived; is a lead misnamed?"
        )


def _limbs(record: Record) -> Iterator[Fault]:
    """None of 355 real records, also with a gain of its own for each lead, is outside of these bounds.

    A lead that differs while two others agree has a wrong name or scale; and two that are no sum of I and II in any
    proportion mean that I or II has.
    """
    import numpy as np

    if record.missing or record.derived:
        return
    steps = np.diff(record.signal[:6].astype(np.float64), axis=1)
    steps = steps[:, ~np.isnan(steps).any(axis=0)]  # where all six are there at once
    if steps.shape[1] < record.rate:
        return
    unit = max(float(np.sqrt((row**2).mean())) for row in steps[:3])
    if not unit:
        return
    residual, outside = {}, {}
    for name, (one, two) in _LIMBS.items():
        row = steps[LEADS.index(name)]
        residual[name] = float(np.sqrt(((row - one * steps[0] - two * steps[1]) ** 2).mean())) / unit
        outside[name] = _outside(row, steps[:2])
    wrong = [n for n, r in residual.items() if r > 0.5] if sum(r < 0.15 for r in residual.values()) >= 2 else []
    if wrong:
        what = f"{', '.join(wrong)} does not fit I and II, as the other limb leads do"
        yield Fault("limb leads", f"{what}; a name or a scale is wrong")
    elif sum(r > 0.6 for r in outside.values()) >= 2:
        yield Fault("limb leads", "the limb leads do not fit each other; a name is wrong, or the electrodes")


def _outside(row: "Floats", basis: "Floats") -> float:
    """The share of a lead's changes that no mixture of two others explains."""
    import numpy as np

    fit, *_ = np.linalg.lstsq(basis.T, row, rcond=None)
    return float(np.sqrt(((row - fit @ basis) ** 2).mean() / max(float((row**2).mean()), 1e-12)))


def quality(record: Record) -> str:
    """What is wrong with a record in one line, by its file and by its samples; ``no fault seen`` without anything."""
    return "; ".join(dict.fromkeys([*record.doubts, *(f.text for f in faults_of(record))])) or "no fault seen"
