"""ECGs paired with echocardiograms: which are taken, and why the others are not, as the flow diagram of a paper shows it."""

import csv
import re
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from igaku.errors import IgakuError
from igaku.io.rows import is_number, read_csv


class Exam(NamedTuple):
    """An ECG (``value`` is its file) or an echocardiogram (``value`` is its EF)."""

    patient: str
    day: date
    value: str
    note: str = ""


class Flow(NamedTuple):
    """Pairs (ECG, echo, days between), and how many were lost where."""

    pairs: list[tuple[Exam, Exam, int]]
    steps: list[tuple[str, int]]

    def text(self) -> str:
        """The flow diagram in words."""
        return "\n".join(f"{n:>8,}  {what}" for what, n in self.steps)


def paired(
    ecgs: Iterable[Exam],
    echoes: Iterable[Exam],
    window: int = 30,
    index: str = "first",
    paced: Iterable[str] = ("pacemaker", "paced", "pacing", "ペースメーカ"),
) -> Flow:
    """Each ECG with its nearest echo within so many days.

    Args:
        index: ``first`` keeps a patient's first paired ECG, ``last`` the last, ``all`` every one.
        paced: words in an ECG's note that say it is paced; such are left out, since pacing hides what is looked for.

    Raises:
        IgakuError: an unknown index rule.
    """
    if index not in ("first", "last", "all"):
        raise IgakuError(f"index rule {index!r}: first, last or all")
    ecgs, by = list(ecgs), dict[str, list[Exam]]()
    for echo in echoes:
        if not is_number(echo.value) or not 0 < float(echo.value) < 100:
            continue
        by.setdefault(echo.patient, []).append(echo)
    steps = [("ECGs", len(ecgs))]
    words = "|".join(re.escape(w) for w in paced)
    told = re.compile(rf"(?<![a-z])(?:{words})(?![a-z])", re.I)
    denied = re.compile(rf"\b(?:no|not|without)\b[^,.;]*(?:{words})|(?:{words})\s*(?:なし|無し)", re.I)
    free = [e for e in ecgs if not told.search(e.note) or denied.search(e.note)]
    steps.append(("of them not paced", len(free)))
    known = [e for e in free if e.patient in by]
    steps.append(("of them of patients with an echocardiogram whose EF is a number from 0 to 100", len(known)))
    near = []
    for ecg in known:
        echo = min(by[ecg.patient], key=lambda x: (abs((x.day - ecg.day).days), x.day))
        if (days := abs((echo.day - ecg.day).days)) <= window:
            near.append((ecg, echo, days))
    steps.append((f"of them with one within {window} days", len(near)))
    near.sort(key=lambda p: (p[0].patient, p[0].day, p[0].value))
    if index != "all":
        one: dict[str, tuple[Exam, Exam, int]] = {}
        for p in near if index == "first" else reversed(near):
            one.setdefault(p[0].patient, p)
        near = [one[k] for k in sorted(one)]
        steps.append((f"{index} of each patient", len(near)))
    steps.append(("patients", len({p[0].patient for p in near})))
    return Flow(near, steps)


def read_exams(file: Path, value: str, columns: dict[str, str] | None = None) -> list[Exam]:
    """Rows of a CSV with ``patient``, ``date`` (ISO), ``note`` if any, and the column ``value``.

    Args:
        columns: our name -> the table's, as MIMIC-IV-ECG's ``subject_id`` and ``ecg_time``.

    Raises:
        IgakuError: a column is missing or a date is none; the line says where.
    """
    out = []
    for line, given in read_csv(file):
        row = given | {ours: given[theirs] for ours, theirs in (columns or {}).items() if theirs in given}
        if gone := [need for need in ("patient", "date", value) if need not in row]:
            raise IgakuError(f"{file}: no column {gone[0]!r}; columns: {', '.join(given)}")
        try:
            day = datetime.fromisoformat(row["date"]).date()
        except ValueError:
            raise IgakuError(f"{file}, line {line}: date {row['date']!r} is no date; write 2024-05-31") from None
        told = str((file.parent / row[value]).resolve()) if value == "path" else row[value]
        out.append(Exam(row["patient"], day, told, row.get("note") or ""))
    return out


def write_table(flow: Flow, out: Path) -> None:
    """A table of records with ``path``, ``patient``, ``lvef`` and ``days``, as ``igaku ecg convert`` reads it."""
    out.parent.mkdir(parents=True, exist_ok=True)
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["path", "patient", "lvef", "days"])
        writer.writerows([a.value, a.patient, b.value, d] for a, b, d in flow.pairs)
