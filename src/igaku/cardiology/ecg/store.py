"""Prepared signals of many records on disk with their rows: read once, trained on from a memory map."""

import json
import math
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate, islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

import msgspec
from msgspec import Struct

from igaku.cardiology.ecg.formats import read
from igaku.cardiology.ecg.record import Record
from igaku.cardiology.ecg.signal import Contract
from igaku.cardiology.ecg.signal_hash import signal_hash
from igaku.cardiology.ecg.tables import RecordRow
from igaku.cardiology.patients import pseudonym, signal_pseudonym
from igaku.errors import IgakuError, optional
from igaku.io.files import open_output, write_bytes, write_whole
from igaku.io.hashing import file_sha256, files_sha256
from igaku.io.json_values import decode, decode_lines
from igaku.io.locks import writes
from igaku.io.workers import processes

if TYPE_CHECKING:
    from igaku.cardiology.arrays import Floats, Ints

LONGEST = 120
"""Letters of a diagnosis; what is longer is free text, which may name people."""
LARGEST = 65_504.0
"""The largest number of float16."""
WIDTHS = {"signals.f32": 4, "signals.f16": 2}
"""A store's file of signals -> bytes of a number."""
SIGNALS = {False: "signals.f32", True: "signals.f16"}
"""Whether in half precision -> a store's file of signals."""
SHARDS = "shards.json"
"""A store's list of shards; a store without it is one file."""


class Shard(Struct):
    """One entry of ``SHARDS``."""

    name: str
    """Its folder, a store of its own."""
    records: int
    sha256: dict[str, str]
    """Its files."""


class Signals(Protocol):
    """[n, leads, samples] by ``signals[indices]``: an array, a memory map, or several of them."""

    def __len__(self) -> int:
        """Number of records."""

    def __getitem__(self, indices: "Sequence[int] | Ints", /) -> "Floats":
        """float32 [len(indices), leads, samples]."""


class Prepared(Protocol):
    """Prepared records: a ``Store``, several ``Joined``, or what is ``Given``."""

    @property
    def contract(self) -> Contract:
        """Their form."""

    @property
    def rows(self) -> Sequence[RecordRow]:
        """Who and what they are."""

    @property
    def signals(self) -> Signals:
        """Their signals."""


class Given(NamedTuple):
    """Prepared records by their parts: in memory, or those of a store with other rows or other signals."""

    contract: Contract
    rows: Sequence[RecordRow]
    signals: Signals


class Store:
    """A folder with ``signals.f32`` or ``signals.f16`` [n, leads, samples], ``records.jsonl`` and ``contract.json``.

    Or one with ``shards.json``, whose shards are such folders and are read as one.

    Raises:
        IgakuError: it holds no prepared records, or they do not fit each other.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        if (folder / SHARDS).is_file():
            self._join(decode(folder / SHARDS, list[Shard], "a store's shards"))
            return
        if missing := [name for name in ("contract.json", "records.jsonl") if not (folder / name).is_file()]:
            cut = "; its shards are not whole: give the same command again" if any(folder.glob("shard-*")) else ""
            raise IgakuError(
                f"{folder}: no prepared records (no {missing[0]}){cut or '; make them with igaku ecg convert'}"
            )
        self.contract = decode(folder / "contract.json", Contract, "prepared records")
        self.rows = [row for _, row in decode_lines(folder / "records.jsonl", RecordRow, "a prepared record")]
        shape = (len(self.rows), len(self.contract.leads), self.contract.samples)
        np = optional("numpy", "ecg")
        self.file = next((name for name in WIDTHS if (folder / name).exists()), "signals.f32")
        signals, width = folder / self.file, WIDTHS[self.file]
        if not signals.exists() or signals.stat().st_size != width * math.prod(shape):
            raise IgakuError(f"{folder}: {self.file} does not fit records.jsonl; convert again")
        stored = np.memmap(signals, f"f{width}", "r", shape=shape) if self.rows else np.zeros(shape, np.float32)
        self.signals: Signals = stored if width == 4 else _Halved(stored)
        if not any(row.signal_hash for row in self.rows):  # prepared by an older version
            for i, row in enumerate(self.rows):
                row.signal_hash = signal_hash(self.signals[[i]][0], self.contract.seconds)

    def _join(self, shards: Sequence[Shard]) -> None:
        """Read shards as one, after a check that they are what was written."""
        if odd := next((s.name for s in shards if not re.fullmatch(r"shard-\d+", s.name)), None):
            raise IgakuError(f"{self.folder}: {SHARDS} names a shard {odd[:40]!r}; convert again")
        files = {self.folder / s.name / name: sha for s in shards for name, sha in s.sha256.items()}
        if lost := next((file for file in files if not file.is_file()), None):
            raise IgakuError(f"{lost}: not found; give the same igaku ecg convert again")
        found = files_sha256(files)
        if other := next((file for file, sha in files.items() if found[str(file)] != sha), None):
            raise IgakuError(f"{other}: is not what was written (SHA-256); give the same igaku ecg convert again")
        whole = Joined([Store(self.folder / s.name) for s in shards])
        self.contract, self.rows, self.signals, self.file = whole.contract, whole.rows, whole.signals, SHARDS

    def hashes(self) -> dict[str, str]:
        """File name -> SHA-256, as inputs of a step."""
        names = (SHARDS,) if self.file == SHARDS else ("contract.json", "records.jsonl", self.file)
        return {name: file_sha256(self.folder / name) for name in names}


class _Halved:
    """Signals in half precision, read as float32."""

    def __init__(self, stored: "Floats") -> None:
        self.stored = stored

    def __len__(self) -> int:
        return len(self.stored)

    def __getitem__(self, indices: "Sequence[int] | Ints") -> "Floats":
        np = optional("numpy", "ecg")
        found: Floats = np.asarray(self.stored[indices], np.float32)
        return found


class Joined:
    """Several stores as one, without copying.

    Raises:
        IgakuError: they were prepared in different forms.
    """

    def __init__(self, stores: Sequence[Store]) -> None:
        if any(s.contract != stores[0].contract for s in stores):
            raise IgakuError("the stores were prepared in different forms; prepare them with one config")
        self.contract = stores[0].contract
        self.rows = [r for s in stores for r in s.rows]
        self.signals = _JoinedSignals([s.signals for s in stores])


class _JoinedSignals:
    def __init__(self, parts: "Sequence[Signals]") -> None:
        self.parts = parts
        self.ends = list(accumulate(len(part) for part in parts))

    def __len__(self) -> int:
        return self.ends[-1] if self.ends else 0

    def __getitem__(self, indices: "Sequence[int] | Ints") -> "Floats":
        np = optional("numpy", "ecg")
        wanted = np.asarray(indices, np.int64)
        wanted = np.where(wanted < 0, wanted + len(self), wanted)
        of_part = np.searchsorted(self.ends, wanted, side="right")
        first = self.parts[0][[]]
        out: Floats = np.empty((len(wanted), *first.shape[1:]), np.float32)
        for k in set(of_part.tolist()):
            here = of_part == k
            out[here] = self.parts[k][wanted[here] - (self.ends[k] - len(self.parts[k]))]
        return out


class PreparedRecord(NamedTuple):
    """A prepared signal, and what its file says."""

    signal: bytes
    """float32 [leads, samples]."""
    scale: list[float]
    """Millivolts of one unit of each lead."""
    signal_hash: str
    age: float | None
    sex: str
    labels: list[str]
    patient: str
    """A pseudonym."""
    doubts: list[str]
    """What in the file does not fit together."""
    faults: list[str]
    """Kinds of faults."""


@writes("out", goes_on=False)
def prepare(
    rows: Sequence[RecordRow],
    contract: Contract,
    out: Path,
    workers: int = 2,
    on_error: Callable[[str], None] | None = None,
    on_doubt: Callable[[str], None] | None = None,
    half: bool = False,
) -> tuple[int, list[str]]:
    """Read all records, bring them into the contract's form and store them.

    Args:
        half: as of ``write_store``.
        on_error: called with a line for each file that could not be read.
        on_doubt: called with a line for each doubt about a file that was read.

    Returns:
        Number of records, and one line for each file that could not be read; these are skipped.

    Raises:
        IgakuError: none could be read.
    """
    refuse_full_disk(out, contract, len(rows), half)
    n, errors = prepare_part(rows, contract, out, workers, on_error, on_doubt, half)
    if not n:
        first = errors[0] if errors else "no record was given"
        raise IgakuError(f"none of {len(rows)} records could be read; the first: {first}")
    write_whole(out / "errors.json", json.dumps(errors, ensure_ascii=False, indent=1) + "\n")
    return n, errors


def prepare_part(
    rows: Sequence[RecordRow],
    contract: Contract,
    out: Path,
    workers: int,
    on_error: Callable[[str], None] | None = None,
    on_doubt: Callable[[str], None] | None = None,
    half: bool = False,
) -> tuple[int, list[str]]:
    """``prepare`` without a complaint where no record could be read; nothing is changed then."""
    errors: list[str] = []

    def completed_rows() -> Iterator[tuple[RecordRow, bytes]]:
        for row, record in prepared(rows, contract, workers, on_doubt):
            if isinstance(record, str):
                errors.append(record)
                if on_error:
                    on_error(record)
            else:
                yield completed(row, record), record.signal

    return write_store(completed_rows(), contract, out, half), errors


def store_bytes(contract: Contract, records: int, half: bool = False) -> int:
    """Bytes of the signals of N records."""
    return records * len(contract.leads) * contract.samples * WIDTHS[SIGNALS[half]]


def refuse_full_disk(out: Path, contract: Contract, records: int, half: bool, freed: int = 0) -> None:
    """Pass where the disk has room for N records.

    Args:
        freed: bytes there that the records replace.

    Raises:
        IgakuError: it has not.
    """
    near = next(p for p in (out.absolute(), *out.absolute().parents) if p.exists())
    need, free = store_bytes(contract, records, half), shutil.disk_usage(near).free + freed
    if need > free:
        hint = "" if half else ", or half of it with --half"
        raise IgakuError(
            f"{out}: {records:,} records take {need / 1e9:.1f} GB{hint}; the disk has {free / 1e9:.1f} GB free"
        )


def completed(row: RecordRow, record: PreparedRecord) -> RecordRow:
    """The row, completed by its file where the table says nothing."""
    row.patient, row.scale, row.signal_hash = row.patient or record.patient, record.scale, record.signal_hash
    row.faults = record.faults
    row.age, row.sex = row.age if row.age is not None else record.age, row.sex or record.sex
    row.labels = row.labels if row.labels is not None else record.labels or None
    return row


def write_store(rows: Iterable[tuple[RecordRow, bytes]], contract: Contract, out: Path, half: bool = False) -> int:
    """Write rows with their prepared signals into a folder that ``Store`` reads; the number of records.

    An older store stays until the new one is whole, and stays where there is no row.

    Args:
        half: signals in half precision (float16): half the room, and each number changes by at most 0.05 %.

    Raises:
        IgakuError: a number is too large for half precision (65,504).
    """
    out.mkdir(parents=True, exist_ok=True)
    n, file = 0, SIGNALS[half]
    parts = [out / f"{name}.partial" for name in (file, "records.jsonl")]
    with open_output(parts[0]) as signals, open_output(parts[1]) as records:
        for row, signal in rows:
            signals.write(_halved(signal, row.path) if half else signal)
            records.write(msgspec.json.encode(row) + b"\n")
            n += 1
    if n:
        (out / "contract.json").unlink(missing_ok=True)  # without it nobody reads the old and the new mixed
        for name in (SHARDS, *WIDTHS):
            (out / name).unlink(missing_ok=True)
        for old in out.glob("shard-[0-9]*"):
            shutil.rmtree(old)
        for part in parts:
            part.replace(part.with_suffix(""))
        write_bytes(out / "contract.json", msgspec.json.encode(contract))
    return n


def _halved(signal: bytes, path: str) -> bytes:
    np = optional("numpy", "ecg")
    whole = np.frombuffer(signal, np.float32)
    if not float(np.nan_to_num(np.abs(whole)).max(initial=0)) <= LARGEST:
        raise IgakuError(f"{path}: a number of its signal is too large for half precision; store it without --half")
    found: bytes = whole.astype(np.float16).tobytes()
    return found


def prepared(
    rows: Sequence[RecordRow], contract: Contract, workers: int, on_doubt: Callable[[str], None] | None = None
) -> Iterator[tuple[RecordRow, PreparedRecord | str]]:
    """Each row with its prepared record, or with the one line that says why it cannot be read."""
    for row, record in _prepared(rows, contract, workers):
        if on_doubt and not isinstance(record, str):
            for doubt in record.doubts:
                on_doubt(f"{row.path}: read, but {doubt}")
        yield row, record


def _prepared(
    rows: Sequence[RecordRow], contract: Contract, workers: int
) -> Iterator[tuple[RecordRow, PreparedRecord | str]]:
    if workers < 2:
        for row in rows:
            yield row, _prepare_one((row.path, contract, row.rate, row.unit))
        return
    with processes(workers, "fork") as pool:
        waiting = iter(rows)
        while some := list(islice(waiting, 512)):
            tasks = [(r.path, contract, r.rate, r.unit) for r in some]
            yield from zip(some, pool.map(_prepare_one, tasks, chunksize=16))


def _prepare_one(task: tuple[str, Contract, float | None, str]) -> PreparedRecord | str:
    path, contract, rate, unit = task
    try:
        record = read(path, rate, unit)
        signal, scale = contract.scaled(record)
    except IgakuError as error:
        return str(error)
    return PreparedRecord(
        signal.tobytes(),
        [round(float(x), 6) for x in scale],
        signal_hash(signal, contract.seconds),
        record.age,
        record.sex,
        [x for x in record.labels if len(x) <= LONGEST],
        _patient(record),
        record.doubts,
        record.faults,
    )


def _patient(record: Record) -> str:
    number = record.patient.id
    return pseudonym("in the file", number) if number else signal_pseudonym(record.signal.tobytes())
