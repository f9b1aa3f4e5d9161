"""Records as WFDB, Parquet or Zarr for other tools, without what identifies the patient."""

import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from igaku.cardiology.ecg.formats import read
from igaku.cardiology.ecg.record import LEADS, Record
from igaku.cardiology.ecg.signal import Contract
from igaku.cardiology.ecg.store import PreparedRecord, completed, prepared
from igaku.cardiology.ecg.tables import RecordRow
from igaku.errors import IgakuError, optional
from igaku.io.locks import writes

if TYPE_CHECKING:
    from igaku.cardiology.arrays import Floats

GROUP = 64
"""Records written at once, so that memory stays small."""


OnDoubt = Callable[[str], None] | None
"""Called with a line for each doubt about a file that was read."""


class _Facts(TypedDict):
    path: str
    patient: str
    age: float | None
    sex: str
    labels: list[str] | None


@writes("out", goes_on=False)
def to_wfdb(rows: Sequence[RecordRow], out: Path, on_doubt: OnDoubt = None) -> tuple[int, list[str]]:
    """16-bit WFDB at 1 µV, by wfdb's own writer; age and sex in comments, nothing else of the patient.

    Returns:
        Number of records, and one line for each file that could not be read.
    """
    wfdb = optional("wfdb", "ecg")
    out.mkdir(parents=True, exist_ok=True)
    errors, n = [], 0
    for i, row in enumerate(rows):
        try:
            record = read(row.path, row.rate, row.unit)
        except IgakuError as error:
            errors.append(str(error))
            continue
        for doubt in record.doubts:
            (on_doubt or str)(f"{row.path}: read, but {doubt}")
        leads = [k for k, name in enumerate(LEADS) if name not in record.missing]
        wfdb.wrsamp(
            f"r{i:06d}",
            fs=record.rate,
            units=["mV"] * len(leads),
            sig_name=[LEADS[k] for k in leads],
            d_signal=_digital(record.signal[leads]),
            fmt=["16"] * len(leads),
            adc_gain=[1000.0] * len(leads),
            baseline=[0] * len(leads),
            comments=_comments(row, record),
            write_dir=str(out),
        )
        n += 1
    return n, errors


def _digital(signal: "Floats") -> "Floats":
    """[n, leads] of 16 bits at 1 µV; -32768 is missing."""
    np = optional("numpy", "ecg")
    values = np.where(np.isnan(signal), -32.768, signal) * 1000
    out: Floats = np.clip(values, -32768, 32767).round().astype(np.int16).T
    return out


def _comments(row: RecordRow, record: Record) -> list[str]:
    age = row.age if row.age is not None else record.age
    return ["Age: Unknown" if age is None else f"Age: {age:g}", f"Sex: {row.sex or record.sex or 'Unknown'}"]


@writes("out", goes_on=False, beside=True)
def to_parquet(
    rows: Sequence[RecordRow], out: Path, contract: Contract, workers: int, on_doubt: OnDoubt = None
) -> tuple[int, list[str]]:
    """One row a record: ``signal`` (float32, lead by lead), path, patient, age, sex, labels.

    Returns:
        Number of records, and one line for each file that could not be read.
    """
    pa, pq = optional("pyarrow", "ecg"), optional("pyarrow.parquet", "ecg")
    fields = [
        ("path", pa.string()),
        ("patient", pa.string()),
        ("age", pa.float32()),
        ("sex", pa.string()),
        ("labels", pa.list_(pa.string())),
        ("signal", pa.list_(pa.float32())),
    ]
    form = {"leads": ",".join(contract.leads), "rate": str(contract.rate), "samples": str(contract.samples)}
    schema, errors, n = pa.schema(fields, metadata=form), list[str](), 0
    with _whole(out) as partial, pq.ParquetWriter(partial, schema, compression="zstd") as writer:
        for some in _groups(prepared(rows, contract, workers, on_doubt), errors):
            records = [{**_facts(row), "signal": signal.ravel()} for row, signal in some]
            writer.write_table(pa.Table.from_pylist(records, schema))
            n += len(some)
    return n, errors


@contextmanager
def _whole(out: Path) -> Iterator[Path]:
    """A path to write to, which gets the name ``out`` when it is whole; what a kill has left there is removed."""
    partial = out.with_name(f".{out.name}.partial")
    _remove(partial)
    out.parent.mkdir(parents=True, exist_ok=True)
    try:
        yield partial
        partial.replace(out)
    finally:
        _remove(partial)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


@writes("out", goes_on=False, beside=True)
def to_zarr(
    rows: Sequence[RecordRow], out: Path, contract: Contract, workers: int, on_doubt: OnDoubt = None
) -> tuple[int, list[str]]:
    """A Zarr group: ``signal`` [n, leads, samples] float32 in chunks of 64 records, and the facts beside it.

    The facts are ``age``, ``sex``, ``patient``, ``path`` and ``labels`` (one JSON text a record).

    Returns:
        Number of records, and one line for each file that could not be read.

    Raises:
        IgakuError: ``out`` already exists.
    """
    if out.exists():
        raise IgakuError(f"{out}: already exists; remove it or choose another name")
    with _whole(out) as partial:
        return _to_zarr(rows, partial, contract, workers, on_doubt)


def _to_zarr(
    rows: Sequence[RecordRow], out: Path, contract: Contract, workers: int, on_doubt: OnDoubt
) -> tuple[int, list[str]]:
    zarr, np = optional("zarr", "ecg"), optional("numpy", "ecg")
    group = zarr.open_group(str(out), mode="w", zarr_format=2)  # texts have no stable form in version 3
    group.attrs.update(leads=list(contract.leads), rate=contract.rate, band=contract.band, normalise=contract.normalise)
    shape = (len(contract.leads), contract.samples)
    signals = group.create_array("signal", shape=(0, *shape), chunks=(GROUP, *shape), dtype="float32")
    errors: list[str] = []
    facts: list[_Facts] = []
    for some in _groups(prepared(rows, contract, workers, on_doubt), errors):
        signals.append(np.stack([signal.reshape(shape) for _, signal in some]))
        facts += [_facts(row) for row, _ in some]
    ages = [np.nan if f["age"] is None else f["age"] for f in facts]
    labels = [json.dumps(f["labels"] or [], ensure_ascii=False) for f in facts]
    group.create_array("age", data=np.array(ages, np.float32))
    group.create_array("path", data=np.array([f["path"] for f in facts], dtype="U"))
    group.create_array("patient", data=np.array([f["patient"] for f in facts], dtype="U"))
    group.create_array("sex", data=np.array([f["sex"] for f in facts], dtype="U"))
    group.create_array("labels", data=np.array(labels, dtype="U"))
    return len(facts), errors


def _groups(
    records: Iterable[tuple[RecordRow, PreparedRecord | str]], errors: list[str]
) -> "Iterator[list[tuple[RecordRow, Floats]]]":
    """Rows completed by what their files say, with their signals; what cannot be read goes to ``errors``."""
    np = optional("numpy", "ecg")

    def readable() -> "Iterator[tuple[RecordRow, Floats]]":
        for row, record in records:
            if isinstance(record, str):
                errors.append(record)
            else:
                yield completed(row, record), np.frombuffer(record.signal, np.float32)

    waiting = readable()
    while some := list(islice(waiting, GROUP)):
        yield some


def _facts(row: RecordRow) -> _Facts:
    name = Path(row.path).name
    return {"path": name, "patient": row.patient, "age": row.age, "sex": row.sex, "labels": row.labels}
