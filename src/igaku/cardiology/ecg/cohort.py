"""ECGs paired with echocardiograms: which are used, and why the others are not, as in a paper's flow diagram."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct

from igaku.cardiology.ecg.ejection import ef_percent
from igaku.cardiology.ecg.formats import read
from igaku.cardiology.ecg.lead_faults import chosen
from igaku.cardiology.negation import certainty
from igaku.errors import IgakuError
from igaku.io.files import write_whole
from igaku.io.locks import writes
from igaku.io.rows import is_number, read_csv
from igaku.tables import Table, View

PACED = ("pacemaker", "paced", "pacing", "ペースメーカ")


class Exam(NamedTuple):
    """An ECG (``value`` is its file) or an echocardiogram (``value`` is its EF in percent)."""

    patient: str
    day: date | None
    """None where the table's cell is empty."""
    value: str
    note: str = ""

    @property
    def whole(self) -> bool:
        """Whether patient, date and value are there."""
        return bool(self.patient and self.day and self.value)


class Pair(NamedTuple):
    """An ECG, its nearest echocardiogram, and the days between them."""

    ecg: Exam
    echo: Exam
    days: int


class FlowStep(Struct):
    """One box of the flow diagram."""

    what: str
    n: int


class Flow(View, Struct):
    """How many ECGs were left after each step."""

    steps: list[FlowStep]
    lost: list[FlowStep] = []
    """Rows of the two tables that could not be used, by reason."""
    remarks: list[str] = []
    """How values were read."""

    def tables(self) -> list[Table]:
        """The flow diagram, and the rows that could not be used."""
        parts = (("flow", "step", self.steps), ("unusable", "rows that could not be used", self.lost))
        return [
            Table(name=name, columns={head: "text", "n": "count"}, rows=[[s.what, s.n] for s in steps])
            for name, head, steps in parts
            if steps
        ]

    def notes(self) -> list[str]:
        """How values were read."""
        return self.remarks


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
    steps = [FlowStep("ECGs", len(ecgs)), FlowStep("of them with a patient, a date and a file", len(whole))]
    unpaced = _unpaced(whole, paced)
    steps.append(FlowStep("of them not paced", len(unpaced)))
    known = [e for e in unpaced if e.patient in of_patient]
    steps.append(FlowStep("of them of patients with an echocardiogram whose EF is a number from 0 to 100", len(known)))
    near = [p for ecg in known if (p := _nearest(ecg, of_patient[ecg.patient])).days <= window]
    steps.append(FlowStep(f"of them with one within {window} days", len(near)))
    near.sort(key=lambda p: (p.ecg.patient, p.ecg.day or date.min, p.ecg.value))
    if index != "all":
        near = _one_each(near if index == "first" else near[::-1])
        steps.append(FlowStep(f"{index} of each patient", len(near)))
    steps.append(FlowStep("patients", len({p.ecg.patient for p in near})))
    return near, Flow(steps, [*_lost("ECG", "file", ecgs), *_lost("echocardiogram", "EF", echoes)], remarks)


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
    steps = [*flow.steps, FlowStep("of them without the faults that are left out", len(left))]
    return left, Flow(steps, [*flow.lost, *lost], flow.remarks)


def _in_percent(echoes: Iterable[Exam], unit: str) -> tuple[list[Exam], list[str]]:
    """The echocardiograms with EF in percent; one that cannot be read stays as it is, and is counted out."""
    echoes = list(echoes)
    values, remark = ef_percent([e.value for e in echoes], unit)
    read = [e if v is None else e._replace(value=f"{v:g}") for e, v in zip(echoes, values)]
    return read, [remark] if remark else []


def _lost(what: str, value: str, exams: Sequence[Exam]) -> Iterator[FlowStep]:
    """Reasons for which rows could not be used, the first of each row, with their numbers."""
    reasons = Counter(r for e in exams if (r := _reason(e, value)))
    yield from (FlowStep(f"{what} {reason}", n) for reason, n in reasons.items())


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
    """Rows of a CSV with ``patient``, ``date`` (ISO), ``note`` if any, and the column ``value``.

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
        out.append(Exam(row["patient"].strip(), _day(row["date"], f"{file}, line {line}"), text, row.get("note") or ""))
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
