"""Prepared signals of many records on disk, and a table beside them: read once, trained on from a memory map, so that memory does not grow with the records."""

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from igaku.cardiology.ecg.formats import files_of, read
from igaku.cardiology.ecg.record import sex_of, years
from igaku.cardiology.ecg.signal import Contract
from igaku.errors import IgakuError, optional

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
        self.signals = (
            np.memmap(folder / "signals.f32", np.float32, "r", shape=shape)
            if self.rows
            else np.zeros(shape, np.float32)
        )


def table(file: Path) -> list[Row]:
    """Rows of a CSV table; paths are relative to its folder.

    Raises:
        IgakuError: it has no column ``path``.
    """
    with file.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines)
        if "path" not in (reader.fieldnames or ()):
            raise IgakuError(f"{file}: no column path; columns: {', '.join(reader.fieldnames or ())}")
        out = []
        for r in reader:
            patient = r.get("patient") or (f"{r.get('dataset', '')}/{r['record']}" if r.get("record") else r["path"])
            more = {k: v for k, v in r.items() if k not in COLUMNS and v}
            labels = [x for x in (r.get("labels") or "").split(";") if x]
            out.append(
                Row(
                    path=str(file.parent / r["path"]),
                    patient=patient,
                    age=years(r.get("age")),
                    sex=sex_of(r.get("sex")),
                    labels=labels,
                    dataset=r.get("dataset") or "",
                    more=more,
                )
            )
    return out


def rows_of(paths: Sequence[Path]) -> list[Row]:
    """Rows of tables, and of files and folders without one."""
    out = []
    for path in paths:
        if (
            path.suffix == ".csv"
            and path.is_file()
            and path.open(encoding="utf-8-sig", errors="replace").readline().count("path")
        ):
            out += table(path)
        else:
            out += [Row(path=str(f), patient=str(f)) for f in files_of(path)]
    return out


def prepare(
    rows: Sequence[Row], contract: Contract, out: Path, workers: int = 2, on_error: Callable[[str], None] | None = None
) -> tuple[int, list[str]]:
    """Read, bring into form and store all records; (how many, what could not be read). Damaged files are counted, and the rest goes on."""
    out.mkdir(parents=True, exist_ok=True)
    errors: list[str] = []
    n = 0
    with (out / "signals.f32.partial").open("wb") as signals, (out / "records.jsonl").open("wb") as records:
        for row, made in _prepared(rows, contract, workers):
            if isinstance(made, str):
                errors.append(made)
                if on_error:
                    on_error(made)
                continue
            signal, age, sex, labels = made
            signals.write(signal)
            row.age, row.sex, row.labels = row.age if row.age is not None else age, row.sex or sex, row.labels or labels
            records.write(msgspec.json.encode(row) + b"\n")
            n += 1
    (out / "signals.f32.partial").replace(out / "signals.f32")
    (out / "contract.json").write_bytes(msgspec.json.encode(contract))
    (out / "errors.json").write_text(json.dumps(errors, ensure_ascii=False, indent=1) + "\n")
    if not n:
        raise IgakuError(
            f"none of {len(rows)} records could be read; the first: {errors[0] if errors else 'no record was given'}"
        )
    return n, errors


def _prepared(rows: Sequence[Row], contract: Contract, workers: int) -> Iterator[tuple[Row, Any]]:
    if workers < 2:
        for row in rows:
            yield row, _one((row.path, contract))
        return
    with ProcessPoolExecutor(workers, get_context("fork")) as pool:
        waiting = iter(rows)
        while some := list(islice(waiting, 512)):
            yield from zip(some, pool.map(_one, [(r.path, contract) for r in some], chunksize=16))


def _one(given: tuple[str, Contract]) -> Any:
    path, contract = given
    try:
        record = read(path)
        return contract.prepare(record).tobytes(), record.age, record.sex, record.labels
    except IgakuError as error:
        return str(error)
