"""A data set's table of records; a few lines in a config say what its columns are, so that it is read as downloaded."""

import csv
import re
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct, field
from msgspec.structs import replace

from igaku.cardiology.ecg.formats import files_of
from igaku.cardiology.ecg.signal_hash import Recordings, one_name
from igaku.cardiology.patients import pseudonym, sex_of, years
from igaku.errors import IgakuError, UnknownNameError
from igaku.io.rows import is_number, read_csv

COLUMNS = ("path", "patient", "age", "sex", "labels", "dataset", "split")
"""Columns of a table of records; only ``path`` is required. Every further column can be a label."""
GROUPS = ("site", "vendor", "device", "setting")
LONGEST_GROUP = 40
"""Letters of a group's name; what is longer is free text."""
FOLDS = {"train": ["train"], "valid": ["val", "valid", "validation"], "test": ["test"]}
_PERSONAL = re.compile(
    r"name|birth|dob|mrn|ssn|accession|phone|^tel|fax|mail|address|zip|post.?code|氏名|名前|生年|番号|住所|電話"
    r"|(?:^|[_ ]|patient|ecg|exam|study|subject|hospital|record)(?:id|key|no|number)$",
    re.I,
)


class Source(Struct, frozen=True, forbid_unknown_fields=True):
    """How a data set's table is read."""

    columns: dict[str, str] = {}
    """Our name -> the table's column, or a text with columns in braces (``{trace_file}#{exam_id}``). ``#*`` is the
    next record of that file, in the table's order."""
    flags: list[str] = []
    """Columns that are a diagnosis where they say true or 1."""
    complete: bool = False
    """An empty cell of ``labels`` means none of the diagnoses; else it means that nothing is known."""
    sexes: dict[str, str] = {}
    """The table's code -> F or M; without it codes are not read, since their meaning differs."""
    folds: dict[str, list[str | int]] = {}
    """train, valid and test -> values of the column ``split``; records with another value are in none of them."""
    rate: float | None = None
    """Samples per second, where neither the files nor the table say."""
    unit: str = ""
    """Of samples, where neither says: ``uV``, ``1e-4V``; millivolts if empty."""
    ages: dict[str, float] = {}
    """The table's code -> years, as PTB-XL's 300 for 90 and over."""


class RecordRow(Struct, kw_only=True):
    """One record of a table or a store."""

    path: str
    patient: str = ""
    """A pseudonym; all records of a patient stay on one side of a split. Empty where the table has none; then the
    number inside the file is used, else each record is a patient."""
    age: float | None = None
    sex: str = ""
    labels: list[str] | None = None
    """Diagnoses; empty where it is known that there is none, None where nothing is known."""
    dataset: str = ""
    split: str = ""
    """``train``, ``valid``, ``test`` or ``none`` where the data set says it; else empty."""
    rate: float | None = None
    """Samples per second, for files that do not say."""
    extra: dict[str, str] = field(default_factory=dict, name="more")
    """Further columns with numbers."""
    scale: list[float] = []
    """Millivolts of one unit of each prepared lead."""
    unit: str = ""
    """Of samples, for files that do not say: ``uV``, ``1e-4V``; millivolts if empty."""
    groups: dict[str, str] = {}
    """Where a record is from, of ``GROUPS``: a model is measured in each by itself."""
    faults: list[str] = []
    """Kinds of faults of the record (``igaku.cardiology.ecg.lead_faults.KINDS``)."""
    signal_hash: str = ""
    """By which the record is known under any name (``igaku.cardiology.ecg.signal_hash``)."""


def same_patients(rows: Sequence[RecordRow]) -> list[RecordRow]:
    """The rows, where patients who share a record are one patient: a number is another one in another table."""
    names = one_name([r.patient for r in rows], [r.signal_hash for r in rows])
    return [r if r.patient == name else replace(r, patient=name) for r, name in zip(rows, names)]


def recurring(rows: Sequence[RecordRow], patients: Collection[str], hashes: Iterable[str]) -> dict[int, bool]:
    """Indices of rows of known patients, and whether only a record's signal tells it.

    All records of a patient are known as soon as one is: by the patient's name, or by its signal.
    """
    named, known = same_patients(rows), Recordings(r.signal_hash for r in rows)
    by_signal = {i for code in hashes for i in known.near(code)}
    found = {named[i].patient for i, r in enumerate(rows) if r.patient in patients or i in by_signal}
    return {i: rows[i].patient not in patients for i, r in enumerate(named) if r.patient in found}


class RowFilter(NamedTuple):
    """Rows that are read: ``COLUMN=VALUE,VALUE`` or ``COLUMN!=VALUE``, of any column of the table."""

    column: str
    values: frozenset[str]
    equal: bool

    def passes(self, row: dict[str, str], file: Path) -> bool:
        """Whether a row is read.

        Raises:
            IgakuError: the table has no such column.
        """
        if self.column not in row:
            raise UnknownNameError("column", self.column, row, f"({file})")
        return (_plain(row[self.column]) in self.values) == self.equal


def parse_filter(text: str) -> RowFilter | None:
    """The filter that a text writes; None where it is empty.

    Raises:
        IgakuError: it is written otherwise.
    """
    if not text:
        return None
    m = re.fullmatch(r"\s*([^=!]+?)\s*(!?=)\s*(.+)", text)
    if not m:
        raise IgakuError(f"filter {text!r}: write COLUMN=VALUE,VALUE or COLUMN!=VALUE")
    return RowFilter(m[1], frozenset(_plain(v) for v in m[3].split(",")), m[2] == "=")


def _plain(text: str) -> str:
    """A value as it is compared: 51 and 51.0 are equal."""
    return f"{float(text):g}" if is_number(text) else text.strip()


def table(file: Path, source: Source | None = None, row_filter: RowFilter | None = None) -> list[RecordRow]:
    """Rows of a CSV table; paths are relative to its folder. Further columns stay if numeric and not personal.

    Raises:
        IgakuError: a row has no path, or the table cannot be read.
    """
    source = source or Source()
    counters: dict[str, int] = {}
    out = []
    for line, given in read_csv(file):
        row = given | {ours: v for ours, theirs in source.columns.items() if (v := _mapped(theirs, given))}
        if not row.get("path"):
            raise IgakuError(f"{file}, line {line}: no path; columns: {', '.join(given)}")
        if row["path"].endswith("#*"):
            counters[row["path"]] = counters.get(row["path"], -1) + 1
            row["path"] = f"{row['path'][:-1]}{counters[row['path']]}"
        if row_filter is None or row_filter.passes(row, file):
            out.append(_row(row, given, file, source))
    return out


def _row(row: dict[str, str], given: dict[str, str], file: Path, source: Source) -> RecordRow:
    dataset = row.get("dataset") or ""
    return RecordRow(
        path=str(file.parent / row["path"]),
        patient=pseudonym(dataset or file.stem, row["patient"]) if row.get("patient") else "",
        age=_age(row.get("age") or "", source),
        sex=_sex(row.get("sex", ""), source),
        labels=_labels(row.get("labels") or "", given, source),
        dataset=dataset,
        split=_fold(row["split"], source) if row.get("split") else "",
        rate=float(row["fs"]) if is_number(row.get("fs") or "") else source.rate,
        unit=row.get("unit") or source.unit,
        extra=_extra(row, source),
        groups={name: row[name].strip() for name in GROUPS if 0 < len((row.get(name) or "").strip()) <= LONGEST_GROUP},
    )


def _extra(row: dict[str, str], source: Source) -> dict[str, str]:
    named = {*COLUMNS, *_columns_in(source.columns.get("patient", "")), *_columns_in(source.columns.get("path", ""))}
    flags = {k: _flag(v) for k, v in row.items() if k not in named and v and not _PERSONAL.search(k)}
    return {k: v for k, v in flags.items() if is_number(v)}


def rows_of(paths: Sequence[Path], source: Source | None = None, row_filter: str = "") -> list[RecordRow]:
    """Rows of tables, and of files and folders without a table.

    Raises:
        IgakuError: the filter cannot be read, names no column, or leaves no row.
    """
    source, condition = source or Source(), parse_filter(row_filter)
    out = []
    for path in paths:
        if path.suffix == ".csv" and path.is_file() and is_table(path, source):
            out += table(path, source, condition)
        elif condition:
            raise IgakuError(f"{path}: not a table of records; the filter needs one with columns")
        else:
            out += [RecordRow(path=str(f), rate=source.rate, unit=source.unit) for f in files_of(path)]
    if condition and not out:
        raise IgakuError(f"filter {row_filter}: no record is left")
    return out


def is_table(file: Path, source: Source | None = None) -> bool:
    """Whether a CSV file is a table of records, and not a record."""
    with file.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
        try:
            names = {c.strip() for c in next(csv.reader([lines.readline(1_000_000)]), [])}
        except csv.Error:  # neither is one that cannot be read
            return False
    needed = _columns_in((source or Source()).columns.get("path", ""))
    return "path" in names or bool(needed and needed <= names)


def _columns_in(mapping: str) -> set[str]:
    """The table's columns that a mapping needs."""
    return set(re.findall(r"\{([^{}]+)\}", mapping)) or ({mapping} if mapping else set())


def _mapped(mapping: str, row: dict[str, str]) -> str:
    """A mapping's value in a row; empty where a column is missing."""
    if not all(row.get(c) for c in _columns_in(mapping)):
        return ""
    return re.sub(r"\{([^{}]+)\}", lambda m: row[m[1]], mapping) if "{" in mapping else row[mapping]


def _labels(text: str, row: dict[str, str], source: Source) -> list[str] | None:
    """Diagnoses separated by semicolons, or the keys of a dictionary as in PTB-XL; and the flags that are true."""
    named = re.findall(r"['\"]([^'\"]+)['\"]\s*:", text) if text.startswith("{") else [x for x in text.split(";") if x]
    flags = [f for f in source.flags if row.get(f)]
    if not text and not flags and not source.complete:
        return None
    return named + [f for f in flags if _flag(row[f]).strip() in ("1", "1.0")]


def _age(text: str, source: Source) -> float | None:
    return {_plain(code): age for code, age in source.ages.items()}.get(_plain(text), years(text))


def _sex(text: str, source: Source) -> str:
    return source.sexes.get(text, "") if source.sexes else sex_of(text)


def _fold(text: str, source: Source) -> str:
    folds = source.folds or FOLDS
    return next((name for name, values in folds.items() if text in map(str, values)), "none")


def _flag(text: str) -> str:
    """True and False as numbers, so that such a column can be a label."""
    return {"true": "1", "false": "0"}.get(text.strip().lower(), text)
