"""A run's seal: what its files were when igaku last closed them, so that a later change by another hand is seen.

``seal.json`` is no signature: whoever writes it anew with the files is not found out. It shows what is changed by
mistake or by hand, and its own SHA-256, given to others before, holds a run to what it was then.
"""

import hashlib
from pathlib import Path

from msgspec import Struct

from igaku._version import __version__
from igaku.io.files import write_json
from igaku.io.json_values import decode

FILE = "seal.json"
SEALED = ("run.json", "questions.jsonl", "prompts.jsonl")
JOURNAL = "replies.jsonl"


class Seal(Struct, kw_only=True):
    """``seal.json``."""

    igaku: str
    files: dict[str, str]
    """File -> SHA-256."""
    journal_bytes: int
    """The journal only grows: its first bytes, up to this length,"""
    journal: str
    """have this SHA-256."""


def seal(folder: Path) -> Path:
    """Write a run's seal, over its files as they are now."""
    size = (folder / JOURNAL).stat().st_size if (folder / JOURNAL).exists() else 0
    files = {name: file_hash(folder / name) for name in SEALED if (folder / name).is_file()}
    journal = file_hash(folder / JOURNAL, size) if size else ""
    return write_json(folder / FILE, Seal(igaku=__version__, files=files, journal_bytes=size, journal=journal))


def read_seal(folder: Path) -> Seal | None:
    """A run's seal; None where it has none.

    Raises:
        IgakuError: the file is no seal.
    """
    return decode(folder / FILE, Seal, "a seal") if (folder / FILE).exists() else None


def file_hash(path: Path, upto: int | None = None) -> str:
    """SHA-256 of a file, or of its first bytes."""
    found = hashlib.sha256()
    left = path.stat().st_size if upto is None else upto
    with path.open("rb") as file:
        while left > 0 and (data := file.read(min(left, 1 << 20))):
            found.update(data)
            left -= len(data)
    return found.hexdigest()
