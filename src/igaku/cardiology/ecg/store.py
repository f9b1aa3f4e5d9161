"""Prepared signals of many records on disk, and a table beside them: read once, trained on from a memory map, so that memory does not grow with the records."""

import hashlib
import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from igaku.benchmarks.base import is_number, read_csv
from igaku.cardiology.ecg.formats import files_of, read
from igaku.cardiology.ecg.record import sex_of, years
from igaku.cardiology.ecg.signal import Contract
from igaku.errors import IgakuError, optional

_PERSONAL = re.compile(r"name|birth|mrn|(?:^|_)id$|phone|address|氏名|生年", re.I)
COLUMNS = ("path", "patient", "age", "sex", "labels", "dataset")
"""What a table of records may say; ``path`` it must. Every further column can be a label."""


class Row(Struct, kw_only=True):
    """One record of a store."""

    path: str
    patient: str = ""
    """Records of one patient are never divided between training and test; the path where nothing is known."""
    age: float | None = None
    sex: str = ""
    labels: list[str] = []
    dataset: str = ""
    rate: float | None = None
    """Samples a second, for files that do not say."""
    more: dict[str, str] = {}


class Store:
    """``signals.f32`` [n, leads, samples] and ``records.jsonl``."""

    def __init__(self, folder: Path) -> None:
        try:
            self.contract = msgspec.json.decode((folder / "contract.json").read_bytes(), type=Contract)
            self.rows = [
                msgspec.json.decode(line, type=Row) for line in (folder / "records.jsonl").read_bytes().splitlines()
            ]
        except (OSError, msgspec.DecodeError, msgspec.ValidationError) as error:
            raise IgakuError(f"{folder}: no prepared records there ({error}); igaku ecg convert makes them") from None
        shape = (len(self.rows), len(self.contract.leads), self.contract.samples)
        np = optional("numpy", "ecg")
        wanted = 4 * math.prod(shape)
        if (folder / "signals.f32").stat().st_size != wanted:
            raise IgakuError(f"{folder}: signals.f32 does not fit records.jsonl; convert again")
        self.signals = (
            np.memmap(folder / "signals.f32", np.float32, "r", shape=shape)
            if self.rows
            else np.zeros(shape, np.float32)
        )


def table(file: Path, columns: dict[str, str] | None = None) -> list[Row]:
    """Rows of a CSV table; paths are relative to its folder. Further columns stay where they are numbers and do not name a person.

    Args:
        columns: our name -> the table's.

    Raises:
        IgakuError: a row has no path, or the table cannot be read.
    """
    out = []
    for line, given in read_csv(file):
        r = {**given, **{ours: given[theirs] for ours, theirs in (columns or {}).items() if given.get(theirs)}}
        if not r.get("path"):
            raise IgakuError(f"{file}, line {line}: no path; columns: {', '.join(given)}")
        patient = r.get("patient") or (f"{r.get('dataset', '')}/{r['record']}" if r.get("record") else r["path"])
        more = {k: v for k, v in r.items() if k not in COLUMNS and v and not _PERSONAL.search(k) and is_number(v)}
        labels = [x for x in (r.get("labels") or "").split(";") if x]
        rate = next((float(r[k]) for k in ("rate", "fs") if is_number(r.get(k, ""))), None)
        out.append(
            Row(
                path=str(file.parent / r["path"]),
                patient=masked(patient),
                age=years(r.get("age")),
                sex=sex_of(r.get("sex")),
                labels=labels,
                dataset=r.get("dataset") or "",
                rate=rate,
                more=more,
            )
        )
    return out


def masked(patient: str) -> str:
    """A mark that tells patients apart and does not say who they are (a keyless hash: no protection against somebody who can try all numbers)."""
    return hashlib.sha256(f"igaku/{patient}".encode()).hexdigest()[:12]


def rows_of(paths: Sequence[Path], columns: dict[str, str] | None = None) -> list[Row]:
    """Rows of tables, and of files and folders without one."""
    out = []
    for path in paths:
        if path.suffix == ".csv" and path.is_file() and is_table(path, columns):
            out += table(path, columns)
        else:
            out += [Row(path=str(f)) for f in files_of(path)]
    return out


def is_table(file: Path, columns: dict[str, str] | None = None) -> bool:
    """Whether a CSV file is a table of records, and not a record."""
    with file.open(encoding="utf-8-sig", errors="replace") as lines:
        names = [c.strip() for c in lines.readline().split(",")]
    return "path" in names or bool((columns or {}).get("path") in names)


def prepare(
    rows: Sequence[Row], contract: Contract, out: Path, workers: int = 2, on_error: Callable[[str], None] | None = None
) -> tuple[int, list[str]]:
    """Read, bring into form and store all records; (how many, what could not be read). Damaged files are counted, and the rest goes on."""
    errors: list[str] = []

    def read_rows() -> Iterator[tuple[Row, bytes]]:
        for row, made in prepared(rows, contract, workers):
            if isinstance(made, str):
                errors.append(made)
                if on_error:
                    on_error(made)
                continue
            signal, age, sex, labels, patient = made
            row.patient = row.patient or patient
            row.age, row.sex, row.labels = row.age if row.age is not None else age, row.sex or sex, row.labels or labels
            yield row, signal

    n = write_store(read_rows(), contract, out)
    if not n:
        raise IgakuError(
            f"none of {len(rows)} records could be read; the first: {errors[0] if errors else 'no record was given'}"
        )
    (out / "errors.json").write_text(json.dumps(errors, ensure_ascii=False, indent=1) + "\n")
    return n, errors


def write_store(rows: Iterable[tuple[Row, bytes]], contract: Contract, out: Path) -> int:
    """Rows with their prepared signals into a folder that ``Store`` reads; how many. One that is there stays until the new one is whole, and where there is no row."""
    out.mkdir(parents=True, exist_ok=True)
    n = 0
    with (out / "signals.f32.partial").open("wb") as signals, (out / "records.jsonl.partial").open("wb") as records:
        for row, signal in rows:
            signals.write(signal)
            records.write(msgspec.json.encode(row) + b"\n")
            n += 1
    if n:
        for name in ("signals.f32", "records.jsonl"):
            (out / f"{name}.partial").replace(out / name)
        (out / "contract.json").write_bytes(msgspec.json.encode(contract))
    return n


def prepared(rows: Sequence[Row], contract: Contract, workers: int) -> Iterator[tuple[Row, Any]]:
    """Each row with (signal as bytes, age, sex, labels, mark of the patient), or with the one line that says why not."""
    if workers < 2:
        for row in rows:
            yield row, _one((row.path, contract, row.rate))
        return
    with ProcessPoolExecutor(workers, get_context("fork")) as pool:
        waiting = iter(rows)
        while some := list(islice(waiting, 512)):
            yield from zip(some, pool.map(_one, [(r.path, contract, r.rate) for r in some], chunksize=16))


def _one(given: tuple[str, Contract, float | None]) -> Any:
    path, contract, rate = given
    try:
        record = read(path, rate)
        return (
            contract.prepare(record).tobytes(),
            record.age,
            record.sex,
            record.labels,
            masked(record.patient.id or path),
        )
    except IgakuError as error:
        return str(error)
