"""CPSC 2018, Georgia and Chapman-Shaoxing as the PhysioNet/CinC Challenges 2020 and 2021 publish them: WFDB, SNOMED.

The labels are the diagnoses that ten records or more have, as in Al-Masud et al. 2026. The Challenges have no split of
their own: records are divided 60, 20 and 20 % by patient, who is known by the signal alone: the headers name none.
"""

import csv
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from igaku.cardiology.ecg.suites.task import LEAST, Found, Task
from igaku.cardiology.ecg.tables import RecordRow
from igaku.errors import IgakuError


class Origin(NamedTuple):
    """Which records of a folder are a data set's."""

    name: str
    pattern: str
    """Of a record's name."""
    last: int = 99_999
    """Greatest number: Ningbo's records go on where Chapman-Shaoxing's end."""
    example: str = ""

    def has(self, stem: str) -> bool:
        """Whether a record is of this data set."""
        m = re.fullmatch(self.pattern, stem)
        return bool(m) and int(m[1]) <= self.last if m else False


ORIGINS = {
    "cpsc-2018": Origin("CPSC 2018", r"A(\d{4})", example="A0001.hea"),
    "georgia": Origin("Georgia", r"E(\d{5})", example="E00001.hea"),
    "chapman-shaoxing": Origin("Chapman-Shaoxing", r"JS(\d{5})", 10_646, "JS00001.hea"),
}


def records(origin: Origin, folder: Path) -> Found:
    """The headers of a data set in a folder and the folders in it.

    Raises:
        IgakuError: none is there; the line says what is.
    """
    if not folder.is_dir():
        raise IgakuError(f"{folder}: no such folder")
    headers = sorted(folder.rglob("*.hea"))
    own = [f for f in headers if origin.has(f.stem)]
    if not own:
        other = f"{len(headers)} other records (the first: {headers[0].name})" if headers else "no WFDB header"
        table = next((n for n in ("REFERENCE.csv", "Diagnostics.xlsx") if any(folder.rglob(n))), "")
        form = f"; {table} is of the data set's first publication, which has no SNOMED codes" if table else ""
        raise IgakuError(
            f"{folder}: no record of {origin.name} ({origin.example}) but {other}{form}; expected the folder of the "
            "PhysioNet/CinC Challenge 2021"
        )
    rest = len(headers) - len(own)
    rows = [RecordRow(path=str(f), dataset=origin.name) for f in own]
    return Found(rows, [f"{rest:,} records of other data sets are left out"] if rest else [])


def tasks(rows: Sequence[RecordRow], least: int = LEAST) -> tuple[list[Task], list[str]]:
    """One task of all diagnoses that enough records have, and what of the codes is not a label.

    Raises:
        IgakuError: no diagnosis has enough records.
    """
    counts = Counter(code for row in rows for code in set(row.labels or ()))
    odd = {code: n for code, n in counts.items() if code not in diagnoses()}
    frequent = {code for code, n in counts.items() if n >= least and code not in odd}
    if not frequent:
        top = counts.most_common(1)
        most = f"; the most frequent, {top[0][0]}, has {top[0][1]}" if top else "; no header names one (# Dx: codes)"
        raise IgakuError(f"no diagnosis has {least} of {len(rows):,} records{most}")
    classes = {code: diagnoses()[code] for code in sorted(frequent)}
    return [Task("diagnoses", sorted(set(classes.values())), classes)], _remarks(rows, counts, odd, least)


def _remarks(rows: Sequence[RecordRow], counts: Mapping[str, int], odd: Mapping[str, int], least: int) -> list[str]:
    shown = ", ".join(f"{code[:20]!r} ({n})" for code, n in list(odd.items())[:5])
    rare, silent = sum(n < least and c not in odd for c, n in counts.items()), sum(row.labels is None for row in rows)
    notes = {
        f"codes that are none of the Challenges' and no label: {shown}": len(odd),
        f"{rare} diagnoses have fewer than {least} records and are no label": rare,
        f"{silent:,} records name no diagnosis and are left out": silent,
    }
    return [note for note, n in notes.items() if n]


@cache
def diagnoses() -> Mapping[str, str]:
    """SNOMED code -> diagnosis, of the Challenges of 2020 and 2021."""
    text = files(__package__).joinpath("snomed.csv").read_text(encoding="utf-8")
    return {row[0]: row[1] for row in csv.reader(text.splitlines()[1:])}
