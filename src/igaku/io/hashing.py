"""SHA-256 of bytes and of files; a large file is read once, and several are read at the same time."""

import hashlib
import json
import os
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from igaku.io.paths import cache_dir

SIDE_BY_SIDE = 8
"""Files that are read at the same time at most; a disk gains nothing from more."""


def digest(data: bytes) -> str:
    """The first 32 hex digits of SHA-256."""
    return hashlib.sha256(data).hexdigest()[:32]


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, remembered as of ``files_sha256``: weights are large."""
    return files_sha256([path])[str(path)]


def files_sha256(paths: Iterable[Path]) -> dict[str, str]:
    """Path -> SHA-256 of many files, several read at once; the book of what is known is read and written once.

    A file is known again by its path, size, inode and both of its times: of change (which a copy or ``touch`` can set
    back) and of its inode's change (which nothing but the system sets). One that changes while it is read, or whose
    bytes are wanted anew (``IGAKU_REHASH=1``), is read again.
    """
    book = cache_dir() / "sha256.json"
    known = _read(book)
    wanted = list(paths)
    known_as = {path: _fingerprint(path) for path in wanted}
    anew = os.environ.get("IGAKU_REHASH") == "1"
    new = [p for p in known_as if anew or known_as[p] not in known]
    with ThreadPoolExecutor(max(1, min(SIDE_BY_SIDE, len(new)))) as threads:
        found = dict(zip(new, threads.map(_sha256, new)))
    out = {str(path): found.get(path) or known[known_as[path]] for path in wanted}
    if whole := {known_as[path]: value for path, value in found.items() if _fingerprint(path) == known_as[path]}:
        _write(book, {**known, **whole})
    return out


def _fingerprint(path: Path) -> str:
    stat = path.stat()
    return f"{path.resolve()}|{stat.st_size}|{stat.st_mtime_ns}|{stat.st_ctime_ns}|{stat.st_ino}"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read(book: Path) -> dict[str, str]:
    try:
        known = json.loads(book.read_text())
    except (OSError, ValueError):
        return {}
    return {k: v for k, v in known.items() if isinstance(v, str)} if isinstance(known, dict) else {}


def _write(book: Path, known: dict[str, str]) -> None:
    book.parent.mkdir(parents=True, exist_ok=True)
    partial = book.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
    partial.write_text(json.dumps(known))
    partial.replace(book)
