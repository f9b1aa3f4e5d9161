"""Records as WFDB or Parquet for other tools, without what identifies the patient."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from igaku.cardiology.ecg.formats import read
from igaku.cardiology.ecg.record import LEADS
from igaku.cardiology.ecg.signal import Contract
from igaku.cardiology.ecg.store import Row, prepared
from igaku.errors import IgakuError, UnknownNameError, optional


def chosen(rows: Sequence[Row], where: str) -> list[Row]:
    """Rows of a table with ``COLUMN=VALUE,VALUE`` (or ``!=``).

    Raises:
        IgakuError: the condition cannot be read, or no row is left.
    """
    if not where:
        return list(rows)
    m = re.fullmatch(r"\s*(\w+)\s*(!?=)\s*(.+)", where)
    if not m:
        raise IgakuError(f"--where {where!r}: write COLUMN=VALUE,VALUE or COLUMN!=VALUE")
    wanted = {v.strip() for v in m[3].split(",")}
    known = {"path", "patient", "age", "sex", "dataset", *(k for r in rows for k in r.more)}
    if m[1] not in known:
        raise UnknownNameError("column", m[1], known)
    kept = [r for r in rows if (str(getattr(r, m[1], None) or r.more.get(m[1], "")) in wanted) == (m[2] == "=")]
    if not kept:
        raise IgakuError(f"--where {where}: no record is left of {len(rows)}")
    return kept


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
    np = optional("numpy", "ecg")
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
    with pq.ParquetWriter(out, schema, compression="zstd") as writer:
        waiting: list[dict[str, Any]] = []
        for row, made in prepared(rows, contract, workers):
            if isinstance(made, str):
                errors.append(made)
                continue
            signal, age, sex, labels, patient = made
            waiting.append(
                {
                    "path": Path(row.path).name,
                    "patient": row.patient or patient,
                    "age": row.age if row.age is not None else age,
                    "sex": row.sex or sex,
                    "labels": row.labels or labels,
                    "signal": np.frombuffer(signal, np.float32),
                }
            )
            n += 1
            if len(waiting) == 64:
                writer.write_table(pa.Table.from_pylist(waiting, schema))
                waiting = []
        if waiting:
            writer.write_table(pa.Table.from_pylist(waiting, schema))
    return n, errors
