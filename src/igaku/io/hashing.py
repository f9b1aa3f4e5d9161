"""SHA-256 of bytes and of files; a large file is read once."""

import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path

from igaku.io.paths import cache_dir


def digest(data: bytes) -> str:
    """The first 32 hex digits of SHA-256."""
    return hashlib.sha256(data).hexdigest()[:32]


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, remembered by path, size and time of change: weights are large."""
    return files_sha256([path])[str(path)]


def files_sha256(paths: Iterable[Path]) -> dict[str, str]:
    """Path -> SHA-256 of many files, remembered as of ``file_sha256``; the book is read and written once."""
    book = cache_dir() / "sha256.json"
    try:
        known = json.loads(book.read_text())
    except (OSError, ValueError):
        known = {}
    out, before = {}, len(known)
    for path in paths:
        stat = path.stat()
        known_as = f"{path.resolve()}|{stat.st_size}|{stat.st_mtime_ns}"
        if known_as not in known:
            with path.open("rb") as file:
                known[known_as] = hashlib.file_digest(file, "sha256").hexdigest()
        out[str(path)] = str(known[known_as])
    if len(known) > before:
        book.parent.mkdir(parents=True, exist_ok=True)
        partial = book.with_suffix(f".{os.getpid()}")
        partial.write_text(json.dumps(known))
        partial.replace(book)
    return out
