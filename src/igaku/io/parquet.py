"""Parquet files of others: rows a batch at a time, within a bound, and one line for every damage."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from igaku.errors import IgakuError, optional
from igaku.io.limits import most_bytes, over
from igaku.io.read import regular

BATCH = 256
"""Rows in memory at a time."""
_BROKEN = (OSError, ValueError, TypeError, KeyError, NotImplementedError, OverflowError, MemoryError, RecursionError)
"""What pyarrow raises for a damaged file; its own errors are of these kinds."""


def read_parquet(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (row number, row).

    Raises:
        IgakuError: not a Parquet file, damaged, or more unpacked than ``IGAKU_MAX_FILE_MB``.
    """
    pq = optional("pyarrow.parquet", "parquet")
    regular(path, "FILE_MB")
    number = 0
    try:
        file = pq.ParquetFile(path)
        for batch in _batches(file, str(path)):
            for row in batch.to_pylist():
                number += 1
                yield number, row
    except _BROKEN as error:
        at = f", after row {number}" if number else ""
        why = " ".join(str(error).split())[:200]
        raise IgakuError(f"{path}{at}: not a Parquet file, or damaged ({why}); get it again") from None


def _batches(file: Any, where: str) -> Iterator[Any]:
    left = most_bytes("FILE_MB")
    groups = [file.metadata.row_group(i) for i in range(file.metadata.num_row_groups)]
    claimed = sum(max(0, group.total_byte_size) for group in groups)
    for batch in file.iter_batches(batch_size=BATCH) if claimed <= left else ():
        left -= batch.nbytes
        if left < 0:
            break
        yield batch
    if claimed > most_bytes("FILE_MB") or left < 0:
        raise over(where, "larger when it is unpacked", "FILE_MB")
