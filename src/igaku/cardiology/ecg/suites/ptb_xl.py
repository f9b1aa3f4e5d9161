"""PTB-XL's six tasks by ``scp_statements.csv`` and its folds: 1-8 train, 9 validates, 10 tests.

After Strodthoff et al. 2021 (IEEE JBHI, doi 10.1109/jbhi.2020.3022989): every statement of a record counts, whatever
its likelihood; records without a statement of a task are left out of it.
"""

from collections.abc import Sequence
from pathlib import Path

from igaku.cardiology.ecg.config import load_config
from igaku.cardiology.ecg.signal import Contract
from igaku.cardiology.ecg.suites.task import Found, Task
from igaku.cardiology.ecg.tables import RecordRow, table
from igaku.errors import IgakuError
from igaku.io.rows import read_csv

DATABASE, STATEMENTS = "ptbxl_database.csv", "scp_statements.csv"
TASKS = {
    "all": ("", ""),
    "diagnostic": ("diagnostic", ""),
    "subdiagnostic": ("diagnostic", "diagnostic_subclass"),
    "superdiagnostic": ("diagnostic", "diagnostic_class"),
    "form": ("form", ""),
    "rhythm": ("rhythm", ""),
}
"""Task -> (column of ``scp_statements.csv`` that says 1.0 for its statements, column with the label; else itself)."""


def records(folder: Path, contract: Contract) -> Found:
    """Rows of ``ptbxl_database.csv`` whose files are there; those of 100 Hz where the contract needs no more.

    Raises:
        IgakuError: a table, a column or all files are missing.
    """
    file, column = need(folder, DATABASE), "filename_lr" if contract.rate <= 100 else "filename_hr"
    need_columns(file, ("patient_id", "scp_codes", "strat_fold", column), "this is not PTB-XL's table")
    source = load_config("ptb-xl").source
    source.columns["path"] = column
    rows = table(file, source)
    there = [r for r in rows if Path(r.path).with_suffix(".hea").is_file()]
    if not there:
        other = "--set contract.rate=100 reads records100" if column == "filename_hr" else "records500 is not read here"
        raise IgakuError(
            f"{folder}: none of {len(rows):,} records of {DATABASE} is there ({rows[0].path}.hea); {other}"
        )
    gone = len(rows) - len(there)
    return Found(there, [f"{gone:,} of {len(rows):,} records are not in the folder and left out"] if gone else [])


def tasks(folder: Path, rows: Sequence[RecordRow]) -> list[Task]:
    """The six tasks, with the labels that the records have.

    Raises:
        IgakuError: ``scp_statements.csv`` is missing, lacks a column, or does not list a statement of a record.
    """
    file = need(folder, STATEMENTS)
    needed = sorted({name for pair in TASKS.values() for name in pair if name})
    need_columns(file, needed, "this is not PTB-XL's table of statements")
    known = {row.get("", "").strip() or next(iter(row.values())).strip(): row for _, row in read_csv(file)}
    for row in rows:
        if odd := next((s for s in row.labels or () if s not in known), None):
            raise IgakuError(
                f"{folder / DATABASE}: {Path(row.path).name} has the statement {odd!r}, which {STATEMENTS} does not "
                "list; take both files from one version of PTB-XL"
            )
    stated = {s for row in rows for s in row.labels or ()}
    out = []
    for name, (kind, label) in TASKS.items():
        classes = {
            s: (row[label].strip() if label else s) for s, row in known.items() if s in stated and _is(row, kind)
        }
        classes = {s: c for s, c in classes.items() if c}
        out.append(Task(name, sorted(set(classes.values())), classes, stated_only=True))
    return out


def _is(row: dict[str, str], kind: str) -> bool:
    return not kind or row[kind].strip() in ("1", "1.0")


def need(folder: Path, name: str) -> Path:
    """A file of a suite's folder.

    Raises:
        IgakuError: it is not there; the line names what is.
    """
    if not (folder / name).is_file():
        there = sorted(f.name for f in folder.iterdir())[:4] if folder.is_dir() else []
        raise IgakuError(f"{folder}: no {name}; it holds {', '.join(there) or 'nothing'}")
    return folder / name


def need_columns(file: Path, names: Sequence[str], otherwise: str) -> None:
    """Pass where a suite's table has a row, and the columns.

    Raises:
        IgakuError: it lacks one, or has no row below its head.
    """
    first = next(read_csv(file), None)
    if first is None:
        raise IgakuError(f"{file}: no row; it is not whole, or not this table")
    if missing := next((n for n in names if n not in first[1]), None):
        raise IgakuError(f"{file}: no column {missing!r}; {otherwise}")
