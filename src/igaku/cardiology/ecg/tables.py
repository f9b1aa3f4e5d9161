"""A data set's table of records: which column says what, by a few lines in a config, so that PTB-XL, CODE-15 or EchoNext are read as they are downloaded."""

import csv
import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from msgspec import Struct

from igaku.cardiology.ecg.formats import files_of
from igaku.cardiology.ecg.record import sex_of, years
from igaku.errors import IgakuError, UnknownNameError
from igaku.io.rows import is_number, read_csv

COLUMNS = ("path", "patient", "age", "sex", "labels", "dataset", "split")
"""What a table of records may say; ``path`` it must. Every further column can be a label."""
FOLDS = {"train": ["train"], "valid": ["val", "valid", "validation"], "test": ["test"]}
_PERSONAL = re.compile(
    r"name|birth|dob|mrn|ssn|accession|phone|^tel|fax|mail|address|zip|post.?code|氏名|名前|生年|番号|住所|電話"
    r"|(?:^|[_ ]|patient|ecg|exam|study|subject|hospital|record)(?:id|key|no|number)$",
    re.I,
)


class Source(Struct, frozen=True, forbid_unknown_fields=True):
    """How a data set's table is read."""

    columns: dict[str, str] = {}
    """Our name -> the table's column, or a text with columns in braces (``{trace_file}#{exam_id}``). ``#*`` is the next record of that file, in the table's order."""
    flags: list[str] = []
    """Columns that are a diagnosis where they say true or 1."""
    complete: bool = False
    """An empty cell of ``labels`` means that the patient has none of them; else it means that nothing is known."""
    sexes: dict[str, str] = {}
    """The table's code -> F or M; a code alone means one thing here and another there."""
    folds: dict[str, list[str | int]] = {}
    """train, valid and test -> values of the column ``split``; records with another value are in none of them."""
    rate: float | None = None
    """Samples a second, where neither files nor table say."""


class Row(Struct, kw_only=True):
    """One record of a table or a store."""

    path: str
    patient: str = ""
    """A mark: records of one patient are never divided between training and test. Empty where a table does not say; then the number inside the file counts, else each record is a patient."""
    age: float | None = None
    sex: str = ""
    labels: list[str] | None = None
    """Diagnoses; empty where it is known that there is none of them, None where nothing is known."""
    dataset: str = ""
    split: str = ""
    """``train``, ``valid``, ``test``, ``none`` where the data set says it; empty where it does not."""
    rate: float | None = None
    """Samples a second, for files that do not say."""
    more: dict[str, str] = {}
    scale: list[float] = []
    """Millivolts of one unit of each prepared lead."""


class Where(NamedTuple):
    """Which rows of a table are taken: ``COLUMN=VALUE,VALUE`` or ``COLUMN!=VALUE``, of any of its columns."""

    column: str
    values: frozenset[str]
    equal: bool

    def passes(self, row: dict[str, str], file: Path) -> bool:
        """Whether a row is taken."""
        if self.column not in row:
            raise UnknownNameError("column", self.column, row, f"({file})")
        return _plain(row[self.column]) in self.values if self.equal else _plain(row[self.column]) not in self.values


def where_of(text: str) -> Where | None:
    """The condition in a text; None where it is empty.

    Raises:
        IgakuError: it cannot be read.
    """
    if not text:
        return None
    m = re.fullmatch(r"\s*([^=!]+?)\s*(!?=)\s*(.+)", text)
    if not m:
        raise IgakuError(f"--where {text!r}: write COLUMN=VALUE,VALUE or COLUMN!=VALUE")
    return Where(m[1], frozenset(_plain(v) for v in m[3].split(",")), m[2] == "=")


def _plain(text: str) -> str:
    """A value as it is compared: 51 and 51.0 are one."""
    return f"{float(text):g}" if is_number(text) else text.strip()


def table(file: Path, source: Source | None = None, where: Where | None = None) -> list[Row]:
    """Rows of a CSV table; paths are relative to its folder. Further columns stay where they are numbers and do not name a person.

    Raises:
        IgakuError: a row has no path, or the table cannot be read.
    """
    source = source or Source()
    next_of: dict[str, int] = {}
    personal = {*COLUMNS, *_named(source.columns.get("patient", "")), *_named(source.columns.get("path", ""))}
    out = []
    for line, given in read_csv(file):
        r = given | {ours: v for ours, theirs in source.columns.items() if (v := _said(theirs, given))}
        if not r.get("path"):
            raise IgakuError(f"{file}, line {line}: no path; columns: {', '.join(given)}")
        if r["path"].endswith("#*"):
            next_of[r["path"]] = next_of.get(r["path"], -1) + 1
            r["path"] = f"{r['path'][:-1]}{next_of[r['path']]}"
        if where and not where.passes(r, file):
            continue
        out.append(
            Row(
                path=str(file.parent / r["path"]),
                patient=masked(r.get("dataset") or file.stem, r["patient"]) if r.get("patient") else "",
                age=years(r.get("age")),
                sex=_sex(r.get("sex", ""), source),
                labels=_labels(r.get("labels") or "", given, source),
                dataset=r.get("dataset") or "",
                split=_fold(r["split"], source) if r.get("split") else "",
                rate=float(r["fs"]) if is_number(r.get("fs") or "") else source.rate,
                more={
                    k: _flag(v)
                    for k, v in r.items()
                    if k not in personal and v and not _PERSONAL.search(k) and is_number(_flag(v))
                },
            )
        )
    return out


def rows_of(paths: Sequence[Path], source: Source | None = None, where: str = "") -> list[Row]:
    """Rows of tables, and of files and folders without one.

    Raises:
        IgakuError: ``where`` cannot be read, names no column, or leaves no row.
    """
    source, condition = source or Source(), where_of(where)
    out = []
    for path in paths:
        if path.suffix == ".csv" and path.is_file() and is_table(path, source):
            out += table(path, source, condition)
        elif condition:
            raise IgakuError(f"{path}: no table of records, so --where has no columns to look at")
        else:
            out += [Row(path=str(f), rate=source.rate) for f in files_of(path)]
    if condition and not out:
        raise IgakuError(f"--where {where}: no record is left")
    return out


def is_table(file: Path, source: Source | None = None) -> bool:
    """Whether a CSV file is a table of records, and not a record."""
    with file.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
        names = {c.strip() for c in next(csv.reader(lines), [])}
    needed = _named((source or Source()).columns.get("path", ""))
    return "path" in names or bool(needed and needed <= names)


def masked(where: str, patient: str) -> str:
    """A mark that tells patients apart and does not say who they are (a keyless hash: no protection against somebody who can try all numbers).

    Args:
        where: the data set in which the number means this patient; another counts its own from 1.
        patient: the number.
    """
    return hashlib.sha256(f"igaku/{where}/{patient}".encode()).hexdigest()[:12]


def alone(signal: Any) -> str:
    """The mark of a record of which nobody says whose it is: of its samples, so that it is known again under another path."""
    return hashlib.sha256(signal.tobytes()).hexdigest()[:12]


def _named(theirs: str) -> set[str]:
    """The columns that a mapping needs."""
    return set(re.findall(r"\{([^{}]+)\}", theirs)) or ({theirs} if theirs else set())


def _said(theirs: str, row: dict[str, str]) -> str:
    """What a mapping says of a row; empty where a column is not there."""
    if not all(row.get(c) for c in _named(theirs)):
        return ""
    return re.sub(r"\{([^{}]+)\}", lambda m: row[m[1]], theirs) if "{" in theirs else row[theirs]


def _labels(text: str, row: dict[str, str], source: Source) -> list[str] | None:
    """Diagnoses parted by semicolons, or the keys of a dictionary as PTB-XL writes its statements (``{'NORM': 100.0, 'SR': 0.0}``); and flags that are true."""
    named = re.findall(r"['\"]([^'\"]+)['\"]\s*:", text) if text.startswith("{") else [x for x in text.split(";") if x]
    flags = [f for f in source.flags if row.get(f)]
    if not text and not flags and not source.complete:
        return None
    return named + [f for f in flags if _true(row[f])]


def _sex(text: str, source: Source) -> str:
    return source.sexes.get(text, "") if source.sexes else sex_of(text)


def _fold(text: str, source: Source) -> str:
    folds = source.folds or FOLDS
    return next((name for name, values in folds.items() if text in map(str, values)), "none")


def _true(text: str) -> bool:
    return text.strip().lower() in ("true", "1", "1.0")


def _flag(text: str) -> str:
    """True and False as numbers, so that such a column can be a label."""
    return {"true": "1", "false": "0"}.get(text.strip().lower(), text)
