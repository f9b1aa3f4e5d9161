"""How near the intervals of ``igaku.cardiology.ecg.features`` come to cardiologists' annotations on LUDB.

Beside them neurokit2's delineation. The one constant was set on records 1 to 100.

pip install neurokit2; python bench/ecg_intervals.py
"""

import warnings
from pathlib import Path
from typing import Any

import numpy as np
from common import keep

from igaku.cardiology.ecg import Contract, read
from igaku.cardiology.ecg.features import NAMES, features
from igaku.io.paths import find_data

LEADS = ("i", "ii", "iii", "avr", "avl", "avf", "v1", "v2", "v3", "v4", "v5", "v6")
READ_BY_NEUROKIT = (1, 7, 10)
"""II, V2 and V5: the median of three leads."""


def marked(record: str) -> dict[str, float]:
    """Median over leads and beats, ms: QRS, QT and PR as marked."""
    import wfdb

    found: dict[str, list[float]] = {"QRS": [], "QT": [], "PR": []}
    for lead in LEADS:
        marks = wfdb.rdann(record, lead)
        at, what = marks.sample, marks.symbol
        waves: dict[str, list[tuple[int, int]]] = {"N": [], "t": [], "p": []}
        for k in range(1, len(what) - 1):
            if what[k] in waves and what[k - 1] == "(" and what[k + 1] == ")":
                waves[what[k]].append((at[k - 1], at[k + 1]))
        for on, off in waves["N"]:
            found["QRS"].append(off - on)
            found["QT"] += [b - on for _, b in waves["t"] if 0 < b - on < 350][:1]
            found["PR"] += [on - a for a, _ in waves["p"] if 0 < on - a < 200][-1:]
    return {k: 2 * float(np.median(v)) if len(v) > 10 else float("nan") for k, v in found.items()}


def by_neurokit(signal: Any, method: str) -> dict[str, float]:
    import neurokit2 as nk

    found: dict[str, list[float]] = {"QRS": [], "QT": [], "PR": []}
    for lead in READ_BY_NEUROKIT:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                clean = nk.ecg_clean(signal[lead], sampling_rate=500)
                _, peaks = nk.ecg_peaks(clean, sampling_rate=500)
                _, waves = nk.ecg_delineate(clean, peaks["ECG_R_Peaks"], sampling_rate=500, method=method)
                on, off, t, p = (
                    np.array(waves[f"ECG_{n}"], float) for n in ("R_Onsets", "R_Offsets", "T_Offsets", "P_Onsets")
                )
                for name, span in (("QRS", off - on), ("QT", t - on), ("PR", on - p)):
                    found[name].append(2 * float(np.nanmedian(span)))
            except (ValueError, IndexError, KeyError, ZeroDivisionError):
                continue
    return {k: float(np.nanmedian(v)) if v else float("nan") for k, v in found.items()}


def main() -> None:
    folder = find_data("ecg/ludb/data") or Path()
    records = [str(folder / str(i)) for i in range(101, 201)]
    signals = [Contract(rate=500, normalise="none").prepare(read(f"{r}.hea")) for r in records]
    truth = [marked(r) for r in records]
    rows = []
    for name in ("igaku, all leads", "neurokit2 dwt", "neurokit2 prominence"):
        if name.startswith("igaku"):
            found = [dict(zip(NAMES, features(s, 500).tolist())) for s in signals]
        else:
            found = [by_neurokit(s, name.split()[1]) for s in signals]
        row = {"measured by": name}
        for what in ("QRS", "QT", "PR"):
            d = np.array([t[what] - m[what] for t, m in zip(found, truth)])
            row[f"{what}: median error, ms"] = (
                f"{np.nanmedian(np.abs(d)):.0f} (bias {np.nanmedian(d):+.0f}, {int(np.isnan(d).sum())} not found)"
            )
        rows.append(row)
    keep("ecg_intervals", rows)


if __name__ == "__main__":
    main()
