"""Records as WFDB, Parquet or Zarr for other tools, without what identifies the patient."""

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from igaku.cardiology.ecg.formats import read
from igaku.cardiology.ecg.record import LEADS
from igaku.cardiology.ecg.signal import Contract
from igaku.cardiology.ecg.store import completed, prepared
from igaku.cardiology.ecg.tables import Row
from igaku.errors import IgakuError, optional


def to_wfdb(rows: Sequence[Row], out: Path) -> tuple[int, list[str]]:
    """16-bit WFDB at 1 µV, by wfdb's own writer; age and sex in comments, nothing else of the patient."""
    wfdb, np = optional("wfdb", "ecg"), optional("numpy", "ecg")
    out.mkdir(parents=True, exist_ok=True)
    errors, n = [], 0
    for i, row in enumerate(rows):
        try:
            record = read(row.path, row.rate)
        except IgakuError as error:
            errors.append(str(error))
            continue
        there = [k for k, name in enumerate(LEADS) if name not in record.missing]
        notes = [
            f"Age: {age:g}" if (age := row.age if row.age is not None else record.age) is not None else "Age: Unknown",
            f"Sex: {row.sex or record.sex or 'Unknown'}",
        ]
        digital = (
            np.clip(np.where(np.isnan(record.signal[there]), -32.768, record.signal[there]) * 1000, -32768, 32767)
            .round()
            .astype(np.int16)
            .T
        )
        names = [LEADS[k] for k in there]
        wfdb.wrsamp(
            f"r{i:06d}",
            fs=record.rate,
            units=["mV"] * len(names),
            sig_name=names,
            d_signal=digital,
            fmt=["16"] * len(names),
            adc_gain=[1000.0] * len(names),
            baseline=[0] * len(names),
            comments=notes,
            write_dir=str(out),
        )
        n += 1
    return n, errors


def to_parquet(rows: Sequence[Row], out: Path, contract: Contract, workers: int) -> tuple[int, list[str]]:
    """One row a record: ``signal`` (float32, lead by lead), age, sex, labels; in groups of 64, so that memory stays small."""
    pa, pq = optional("pyarrow", "ecg"), optional("pyarrow.parquet", "ecg")
    fields = [
        ("path", pa.string()),
        ("patient", pa.string()),
        ("age", pa.float32()),
        ("sex", pa.string()),
        ("labels", pa.list_(pa.string())),
        ("signal", pa.list_(pa.float32())),
    ]
    schema = pa.schema(
        fields,
        metadata={"leads": ",".join(contract.leads), "rate": str(contract.rate), "samples": str(contract.samples)},
    )
    errors: list[str] = []
    n = 0
    out.parent.mkdir(parents=True, exist_ok=True)
    with pq.ParquetWriter(out, schema, compression="zstd") as writer:
        for some in _groups(prepared(rows, contract, workers), errors):
            made = [{**_told(row), "signal": signal.ravel()} for row, signal in some]
            writer.write_table(pa.Table.from_pylist(made, schema))
            n += len(some)
    return n, errors


def to_zarr(rows: Sequence[Row], out: Path, contract: Contract, workers: int) -> tuple[int, list[str]]:
    """A Zarr group: ``signal`` [n, leads, samples] float32 in chunks of 64 records, ``age``, ``sex``, ``patient`` and ``labels`` (one JSON text a record) beside it.

    Raises:
        IgakuError: something is there already.
    """
    zarr, np = optional("zarr", "ecg"), optional("numpy", "ecg")
    if out.exists():
        raise IgakuError(f"{out}: is there already; remove it or choose another name")
    group = zarr.open_group(str(out), mode="w", zarr_format=2)  # texts have no stable form in version 3
    group.attrs.update(leads=list(contract.leads), rate=contract.rate, band=contract.band, normalise=contract.normalise)
    shape = (len(contract.leads), contract.samples)
    signals = group.create_array("signal", shape=(0, *shape), chunks=(GROUP, *shape), dtype="float32")
    errors: list[str] = []
    told: list[dict[str, Any]] = []
    for some in _groups(prepared(rows, contract, workers), errors):
        signals.append(np.stack([signal.reshape(shape) for _, signal in some]))
        told += [_told(row) for row, _ in some]
    ages = [np.nan if t["age"] is None else t["age"] for t in told]
    group.create_array("age", data=np.array(ages, np.float32))
    for name in ("path", "patient", "sex"):
        group.create_array(name, data=np.array([t[name] for t in told], dtype="U"))
    group.create_array(
        "labels", data=np.array([json.dumps(t["labels"] or [], ensure_ascii=False) for t in told], dtype="U")
    )
    return len(told), errors


GROUP = 64
"""Records written at once, so that memory stays small."""


def _groups(made: Iterable[tuple[Row, Any]], errors: list[str]) -> Iterator[list[tuple[Row, Any]]]:
    """Rows completed by what their files say, with their signals; what could not be read goes to ``errors``."""
    np = optional("numpy", "ecg")

    def good() -> Iterator[tuple[Row, Any]]:
        for row, found in made:
            if isinstance(found, str):
                errors.append(found)
            else:
                yield completed(row, found), np.frombuffer(found[0], np.float32)

    waiting = good()
    while some := list(islice(waiting, GROUP)):
        yield some


def _told(row: Row) -> dict[str, Any]:
    return {"path": Path(row.path).name, "patient": row.patient, "age": row.age, "sex": row.sex, "labels": row.labels}
