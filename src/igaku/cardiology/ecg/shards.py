"""A store in shards: many records written part by part, so that a run that was cut off goes on at the next part.

Each shard is a store of its own. ``shards.json`` beside them says how many records each has and the SHA-256 of its
files; a store whose files differ is not read.
"""

import hashlib
import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from igaku.cardiology.ecg.formats import parts_of_record
from igaku.cardiology.ecg.signal import Contract
from igaku.cardiology.ecg.store import SHARDS, SIGNALS, Shard, prepare_part, refuse_full_disk
from igaku.cardiology.ecg.tables import RecordRow
from igaku.errors import IgakuError
from igaku.io.files import write_bytes
from igaku.io.hashing import files_sha256
from igaku.io.json_values import decode
from igaku.io.locks import writes


class _Done(Struct):
    """``shard.json``: what a shard was written from, and what came of it."""

    inputs: str
    shard: Shard
    errors: list[str]


@writes("out")
def prepare_shards(
    rows: Sequence[RecordRow],
    contract: Contract,
    out: Path,
    size: int,
    workers: int = 2,
    on_doubt: Callable[[str], None] | None = None,
    half: bool = True,
    on_shard: Callable[[int, int], None] | None = None,
) -> tuple[int, list[str]]:
    """As ``store.prepare``, in shards of ``size`` rows; shards that are whole and of the same rows are not done again.

    Memory holds one batch of records, not a shard.

    Args:
        on_shard: called with the number of shards that are done, and of all.

    Raises:
        IgakuError: none of the records could be read, or the disk has no room for all that are left to write; then
            what was there stays.
    """
    parts = [rows[at : at + size] for at in range(0, len(rows), size)]
    folders = [out / f"shard-{k:05d}" for k in range(len(parts))]
    out.mkdir(parents=True, exist_ok=True)
    inputs = [_fingerprint(part, contract, half) for part in parts]
    there = [_found(folder, wanted) for folder, wanted in zip(folders, inputs)]
    left = sum(len(part) for part, found in zip(parts, there) if not found)
    stays = {folder for folder, found in zip(folders, there) if found}
    refuse_full_disk(out, contract, left, half, sum(_size(f) for f in _replaced(out) if f not in stays))
    (out / SHARDS).unlink(missing_ok=True)
    _remove_others(out, folders)
    done: list[_Done] = []
    for k, (part, folder) in enumerate(zip(parts, folders)):
        done.append(there[k] or _written(part, contract, folder, inputs[k], workers, on_doubt, half))
        if on_shard:
            on_shard(k + 1, len(parts))
    n, errors = sum(d.shard.records for d in done), [line for d in done for line in d.errors]
    if not n:
        first = errors[0] if errors else "no record was given"
        raise IgakuError(f"none of {len(rows)} records could be read; the first: {first}")
    write_bytes(out / "errors.json", json.dumps(errors, ensure_ascii=False, indent=1).encode() + b"\n")
    write_bytes(out / "contract.json", msgspec.json.encode(contract))
    write_bytes(out / SHARDS, msgspec.json.encode([d.shard for d in done if d.shard.records]))
    return n, errors


def _written(
    rows: Sequence[RecordRow],
    contract: Contract,
    folder: Path,
    inputs: str,
    workers: int,
    on_doubt: Callable[[str], None] | None,
    half: bool,
) -> _Done:
    shutil.rmtree(folder, ignore_errors=True)
    n, errors = prepare_part(rows, contract, folder, workers, on_doubt=on_doubt, half=half)
    names = ["contract.json", "records.jsonl", SIGNALS[half]] if n else []
    found = files_sha256(folder / name for name in names)
    shard = _Done(inputs, Shard(folder.name, n, {name: found[str(folder / name)] for name in names}), errors)
    write_bytes(folder / "shard.json", msgspec.json.encode(shard))
    return shard


def _found(folder: Path, inputs: str) -> _Done | None:
    """A shard that is whole and was written from these inputs."""
    file = folder / "shard.json"
    if not file.is_file():
        return None
    try:
        done = decode(file, _Done, "a shard")
        found = files_sha256(folder / name for name in done.shard.sha256)
    except (IgakuError, OSError):
        return None
    same = all(found[str(folder / name)] == sha for name, sha in done.shard.sha256.items())
    return done if same and done.inputs == inputs else None


def _fingerprint(rows: Sequence[RecordRow], contract: Contract, half: bool) -> str:
    """Over the rows, the form, and the size and time of each file in which a record lies."""
    digest = hashlib.sha256(msgspec.json.encode([contract, half]))
    for row in rows:
        digest.update(msgspec.json.encode(row))
        for path in parts_of_record(row.path):
            stat = path.stat()
            digest.update(f"{path.name} {stat.st_size} {stat.st_mtime_ns}".encode())
    return digest.hexdigest()


def _replaced(out: Path) -> list[Path]:
    """What a store in this folder may give way to."""
    return [*out.glob("shard-[0-9]*"), *(out / name for name in SIGNALS.values())]


def _size(path: Path) -> int:
    """Bytes of a file, or of the files of a folder."""
    files = path.iterdir() if path.is_dir() else [path]
    return sum(f.stat().st_size for f in files if f.is_file())


def _remove_others(out: Path, folders: Sequence[Path]) -> None:
    """Shards of an earlier, longer table, and a store of one file, which would be read instead."""
    for old in out.glob("shard-[0-9]*"):
        if old not in folders and (old / "shard.json").is_file():
            shutil.rmtree(old)
    for name in ("records.jsonl", *SIGNALS.values()):
        (out / name).unlink(missing_ok=True)
