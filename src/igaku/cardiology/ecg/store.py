"""Prepared signals of many records on disk, and their rows beside them: read once, trained on from a memory map, so that memory does not grow with the records."""

import json
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import msgspec

from igaku.cardiology.ecg.formats import read
from igaku.cardiology.ecg.signal import Contract
from igaku.cardiology.ecg.tables import Row, alone, masked
from igaku.errors import IgakuError, optional

LONGEST = 120
"""Letters of a diagnosis; what is longer is free text, which may name people."""


class Prepared(Protocol):
    """Prepared records: a ``Store``, several ``Joined``, or ``Loose`` ones in memory."""

    @property
    def contract(self) -> Contract:
        """Their form."""

    @property
    def rows(self) -> Sequence[Row]:
        """Who and what they are."""

    @property
    def signals(self) -> Any:
        """[n, leads, samples] by ``signals[places]``."""


class Loose(NamedTuple):
    """Records in memory."""

    contract: Contract
    rows: Sequence[Row]
    signals: Any


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
        signals = folder / "signals.f32"
        if not signals.exists() or signals.stat().st_size != 4 * math.prod(shape):
            raise IgakuError(f"{folder}: signals.f32 does not fit records.jsonl; convert again")
        self.signals = np.memmap(signals, np.float32, "r", shape=shape) if self.rows else np.zeros(shape, np.float32)


class Joined:
    """Several stores as one, without copying: their rows one after another, and ``signals[places]``.

    Raises:
        IgakuError: they were prepared in different forms.
    """

    def __init__(self, stores: Sequence[Store]) -> None:
        if any(s.contract != stores[0].contract for s in stores):
            raise IgakuError("the stores were prepared in different forms; prepare them with one config")
        self.contract = stores[0].contract
        self.rows = [r for s in stores for r in s.rows]
        self.signals = _Signals([s.signals for s in stores])


class _Signals:
    def __init__(self, parts: Sequence[Any]) -> None:
        self.parts = parts
        self.places = [(k, i) for k, part in enumerate(parts) for i in range(len(part))]

    def __len__(self) -> int:
        return len(self.places)

    def __getitem__(self, places: Any) -> Any:
        np = optional("numpy", "ecg")
        return np.stack([self.parts[k][i] for k, i in (self.places[int(p)] for p in places)])


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
            yield completed(row, made), made[0]

    n = write_store(read_rows(), contract, out)
    if not n:
        raise IgakuError(
            f"none of {len(rows)} records could be read; the first: {errors[0] if errors else 'no record was given'}"
        )
    (out / "errors.json").write_text(json.dumps(errors, ensure_ascii=False, indent=1) + "\n")
    return n, errors


def completed(row: Row, made: Any) -> Row:
    """The row with what its file says where the table said nothing."""
    _, scale, age, sex, labels, patient = made
    row.patient, row.scale = row.patient or patient, scale
    row.age, row.sex = row.age if row.age is not None else age, row.sex or sex
    row.labels = row.labels if row.labels is not None else labels or None
    return row


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
    """Each row with (signal as bytes, scale of its leads, age, sex, labels, mark of the patient), or with the one line that says why not."""
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
        signal, scale = contract.scaled(record)
        return (
            signal.tobytes(),
            [round(float(x), 6) for x in scale],
            record.age,
            record.sex,
            [x for x in record.labels if len(x) <= LONGEST],
            masked("in the file", record.patient.id) if record.patient.id else alone(record.signal),
        )
    except IgakuError as error:
        return str(error)
