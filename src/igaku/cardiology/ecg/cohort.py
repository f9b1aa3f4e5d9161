"""ECGs paired with echocardiograms: which are used, and why the others are not, as in a paper's flow diagram."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from igaku.cardiology.ecg.ejection import ef_percent
from igaku.cardiology.ecg.flow import PATIENTS, Flow, FlowStep
from igaku.cardiology.ecg.formats import read
from igaku.cardiology.ecg.lead_faults import chosen
from igaku.cardiology.negation import certainty
from igaku.errors import IgakuError
from igaku.io.files import write_whole
from igaku.io.locks import writes
from igaku.io.rows import is_number, read_csv

LOW = 40.0
"""EF in percent below which a pair counts as low in the flow."""
PACED = ("pacemaker", "paced", "pacing", "ペースメーカ")


class Exam(NamedTuple):
    """An ECG (``value`` is its file) or an echocardiogram (``value`` is its EF in percent)."""

    patient: str
    day: date | None
    """None where the table's cell is empty."""
    value: str
    note: str = ""
    method: str = ""
    """By which EF was measured, where the table says."""

    @property
    def whole(self) -> bool:
        """Whether patient, date and value are there."""
        return bool(self.patient and self.day and self.value)


class Pair(NamedTuple):
    """An ECG, its nearest echocardiogram, and the days between them."""

    ecg: Exam
    echo: Exam
    days: int


def pair_exams(
    ecgs: Iterable[Exam],
    echoes: Iterable[Exam],
    window: int = 30,
    index: str = "first",
    paced: Iterable[str] = PACED,
    ef_unit: str = "auto",
) -> tuple[list[Pair], Flow]:
    """Each ECG with its nearest echocardiogram within ``window`` days, and how many were lost where.

    Args:
        index: ``first`` uses a patient's first paired ECG, ``last`` the last, ``all`` every one.
        paced: words in an ECG's note that say it is paced; these are left out, since pacing hides what is looked for.
        ef_unit: of the echocardiograms' values.

    Raises:
        IgakuError: an unknown index rule, or an EF whose unit is not certain.
    """
    if index not in ("first", "last", "all"):
        raise IgakuError(f"index rule {index!r}; expected first, last or all")
    ecgs, (echoes, remarks) = list(ecgs), _in_percent(echoes, ef_unit)
    of_patient, whole = _by_patient(echoes), [e for e in ecgs if e.whole]
    steps = [FlowStep("ECGs", len(ecgs))]
    steps.append(FlowStep("of them with a patient, a date and a file", len(whole), _reasons("ECG", "file", ecgs)))
    unpaced = _unpaced(whole, paced)
    steps.append(FlowStep("of them not paced", len(unpaced), _counts(paced=len(whole) - len(unpaced))))
    known = [e for e in unpaced if e.patient in of_patient]
    steps.append(
        FlowStep(
            "of them of patients with an echocardiogram whose EF is a number from 0 to 100",
            len(known),
            _without_echo(unpaced, known, echoes),
        )
    )
    near = [p for ecg in known if (p := _nearest(ecg, of_patient[ecg.patient])).days <= window]
    far = {f"nearest echocardiogram more than {window} days away": len(known) - len(near)}
    steps.append(FlowStep(f"of them with one within {window} days", len(near), far if len(known) > len(near) else {}))
    near.sort(key=lambda p: (p.ecg.patient, p.ecg.day or date.min, p.ecg.value))
    if index != "all":
        before, near = len(near), _one_each(near if index == "first" else near[::-1])
        steps.append(
            FlowStep(
                f"{index} of each patient", len(near), _counts(**{"further ECGs of a patient": before - len(near)})
            )
        )
    steps.append(_patients(near))
    lost = [
        FlowStep(f"{what} {reason}", n)
        for what, value, exams in (("ECG", "file", ecgs), ("echocardiogram", "EF", echoes))
        for reason, n in _reasons(what, value, exams).items()
    ]
    return near, Flow(steps, lost, remarks, _about(near))


def sound(pairs: Sequence[Pair], flow: Flow, without: Sequence[str]) -> tuple[list[Pair], Flow]:
    """The pairs whose ECG can be read and has none of the faults, and one more step of the flow for each reason.

    Args:
        without: kinds of faults (``lead_faults.KINDS``).

    Raises:
        IgakuError: there is no such kind.
    """
    faulty, reasons, left = chosen(without), Counter[str](), list[Pair]()
    for pair in pairs:
        try:
            found = [f"with the fault: {kind}" for kind in sorted(faulty & set(read(pair.ecg.value).faults))]
        except IgakuError:
            found = ["that cannot be read"]
        reasons.update(found[:1])
        left += [] if found else [pair]
    lost = [FlowStep(f"ECG {reason}", n) for reason, n in reasons.items()]
    sound_ones = FlowStep("of them without the faults that are left out", len(left), dict(reasons))
    steps = [*flow.steps[:-1], sound_ones, _patients(left)]
    return left, Flow(steps, [*flow.lost, *lost], flow.remarks, _about(left))


def _in_percent(echoes: Iterable[Exam], unit: str) -> tuple[list[Exam], list[str]]:
    """The echocardiograms with EF in percent; one that cannot be read stays as it is, and is counted out."""
    echoes = list(echoes)
    values, remark = ef_percent([e.value for e in echoes], unit)
    read = [e if v is None else e._replace(value=f"{v:g}") for e, v in zip(echoes, values)]
    return read, [remark] if remark else []


def _patients(pairs: Sequence[Pair]) -> FlowStep:
    return FlowStep(PATIENTS, len({p.ecg.patient for p in pairs}))


def _reasons(what: str, value: str, exams: Sequence[Exam]) -> dict[str, int]:
    """Reasons for which rows could not be used, the first of each row, with their numbers."""
    return dict(Counter(r for e in exams if (r := _reason(e, value))))


def _counts(**numbers: int) -> dict[str, int]:
    return {name: n for name, n in numbers.items() if n}


def _without_echo(ecgs: Sequence[Exam], known: Sequence[Exam], echoes: Sequence[Exam]) -> dict[str, int]:
    """ECGs of patients without any echocardiogram, and of those whose echocardiograms cannot be used."""
    examined = {e.patient for e in echoes if e.patient}
    unused = sum(e.patient in examined for e in ecgs) - len(known)
    return _counts(
        **{
            "patient without an echocardiogram": len(ecgs) - len(known) - unused,
            "patient's echocardiograms without a date or a readable EF": unused,
        }
    )


def _about(pairs: Sequence[Pair]) -> dict[str, str]:
    """What the pairs are like."""
    if not pairs:
        return {}
    days = sorted(p.days for p in pairs)
    low, middle, high = (days[min(len(days) - 1, int(len(days) * q))] for q in (0.25, 0.5, 0.75))
    below = sum(float(p.echo.value) < LOW for p in pairs)
    methods = Counter(p.echo.method for p in pairs if p.echo.method)
    out = {
        "days between, median (quartiles; most)": f"{middle} ({low} to {high}; {days[-1]})",
        f"EF below {LOW:g}": f"{below} of {len(pairs)}",
    }
    if methods:
        rest = len(pairs) - methods.total()
        shown = ", ".join(f"{name} {n}" for name, n in methods.most_common(5))
        out["EF measured by"] = shown + (f", not stated {rest}" if rest else "")
    return out


def _reason(exam: Exam, value: str) -> str:
    empty = {"a patient": exam.patient, "a date": exam.day, f"a{'n' * (value == 'EF')} {value}": exam.value}
    if nothing := next((name for name, cell in empty.items() if not cell), ""):
        return f"without {nothing}"
    return "" if value == "file" or _is_ef(exam.value) else "whose EF is not a number from 0 to 100"


def _is_ef(text: str) -> bool:
    return is_number(text) and 0 < float(text) <= 100


def _by_patient(echoes: Iterable[Exam]) -> dict[str, list[Exam]]:
    out: dict[str, list[Exam]] = {}
    for echo in echoes:
        if echo.whole and _is_ef(echo.value):
            out.setdefault(echo.patient, []).append(echo)
    return out


def _unpaced(ecgs: Sequence[Exam], paced: Iterable[str]) -> list[Exam]:
    words = "|".join(re.escape(w) for w in paced)
    return [e for e in ecgs if certainty(e.note, words) in (None, "denied")]


def _nearest(ecg: Exam, echoes: Sequence[Exam]) -> Pair:
    days, _, at = min((abs((x.day - ecg.day).days), x.day, i) for i, x in enumerate(echoes) if x.day and ecg.day)
    return Pair(ecg, echoes[at], days)


def _one_each(pairs: Sequence[Pair]) -> list[Pair]:
    """The first pair of each patient, by patient."""
    first: dict[str, Pair] = {}
    for p in pairs:
        first.setdefault(p.ecg.patient, p)
    return [first[k] for k in sorted(first)]


def read_exams(file: Path, value: str, columns: dict[str, str] | None = None) -> list[Exam]:
    """Rows of a CSV with ``patient``, ``date`` (ISO), ``note`` and ``method`` if any, and the column ``value``.

    Empty cells stay empty, and ``pair_exams`` counts their rows out.

    Args:
        value: ``path`` (relative to the table) or ``lvef``.
        columns: our name -> the table's, as MIMIC-IV-ECG's ``subject_id`` and ``ecg_time``.

    Raises:
        IgakuError: a column is missing or a date cannot be read; the line says where.
    """
    out = []
    for line, given in read_csv(file):
        row = given | {ours: given[theirs] for ours, theirs in (columns or {}).items() if theirs in given}
        if missing := [need for need in ("patient", "date", value) if need not in row]:
            raise IgakuError(f"{file}: no column {missing[0]!r}; columns: {', '.join(given)}")
        text = row[value].strip()
        text = str((file.parent / text).resolve()) if value == "path" and text else text
        day, method = _day(row["date"], f"{file}, line {line}"), (row.get("method") or "").strip()[:40]
        out.append(Exam(row["patient"].strip(), day, text, row.get("note") or "", method))
    return out


def _day(text: str, where: str) -> date | None:
    try:
        return datetime.fromisoformat(text.strip()).date() if text.strip() else None
    except ValueError:
        raise IgakuError(f"{where}: {text!r} is not a date; write it as 2024-05-31, or leave it empty") from None


@writes("out", goes_on=False, beside=True)
def write_table(pairs: Iterable[Pair], out: Path) -> None:
    """A table of records with ``path``, ``patient``, ``lvef`` and ``days``, as ``igaku ecg convert`` reads it."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["path", "patient", "lvef", "days"])
    writer.writerows([p.ecg.value, p.ecg.patient, p.echo.value, p.days] for p in pairs)
    write_whole(out, text.getvalue())
