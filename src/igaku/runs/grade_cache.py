"""Verdicts of large runs in the user's own cache, so that only the first command that reads a run grades it.

A verdict is taken from there only if nothing can have changed it: the name of its file is a hash of everything that it
depends on, every byte of the run, the methods, and the code that grades. It stands in the cache and not in the run's
folder, because a folder that somebody passed on would bring verdicts that nobody checked; ``igaku verify`` grades anew.
"""

import hashlib
import os
import zlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import msgspec

from igaku._version import __version__
from igaku.grading import METHODS
from igaku.grading.methods import BUILTIN
from igaku.io.paths import cache_dir
from igaku.runs.gradable import Gradable
from igaku.runs.verdict_rows import VerdictRows, graded_rows

LEAST = 2_000
"""Replies below which grading takes no longer than a look into the cache."""
CODE = (
    "grading",
    "keys",
    "thinking",
    "prompts",
    "statistics",
    "question.py",
    "runs/checked.py",
    "runs/verdict_rows.py",
)
"""What decides about a verdict."""

Wanted = Sequence[tuple[int, str, int]]
"""Number of a block, method, number of a judge (-1: none)."""


def cached_rows(run: Gradable, wanted: Wanted, workers: int = 0) -> VerdictRows:
    """A run's verdicts, graded now unless they were before; ``IGAKU_GRADES=off`` always grades."""
    size = sum(len(run.manifest.tasks[k].replies) for k in {k for k, _, _ in wanted})
    own = all(METHODS[name] in BUILTIN for _, name, _ in wanted)
    if size < LEAST or not own or os.environ.get("IGAKU_GRADES") == "off":
        return graded_rows(run, wanted, workers)
    if (file := _file(run, wanted)) and (found := _read(file)):
        return found
    found = graded_rows(run, wanted, workers)
    if file := _file(run, wanted):  # by the journal as it was read, which may be longer than before
        _write(file, found)
    return found


def _file(run: Gradable, wanted: Wanted) -> Path | None:
    """Where verdicts on the run as it was read are; None of a run that stands in no folder as it is."""
    content = run.content()
    if content is None:
        return None
    name = hashlib.sha256(f"{__version__} {_code()} {list(wanted)!r} {content}".encode()).hexdigest()[:40]
    return cache_dir() / "grades" / f"{name}.msgpack.z"


@cache
def _code() -> str:
    root, total = Path(__file__).parents[1], hashlib.sha256()
    for name in CODE:
        found = root / name
        for file in sorted(found.rglob("*.*")) if found.is_dir() else [found]:
            if file.suffix in (".py", ".toml", ".jinja", ".yaml", ".txt"):
                total.update(f"{file.relative_to(root)}".encode() + file.read_bytes())
    return total.hexdigest()


def _read(file: Path) -> VerdictRows | None:
    try:
        return msgspec.msgpack.decode(zlib.decompress(file.read_bytes()), type=VerdictRows)
    except (OSError, zlib.error, msgspec.DecodeError, msgspec.ValidationError):
        return None


def _write(file: Path, rows: VerdictRows) -> None:
    """A cache that cannot be written costs time and nothing else."""
    partial = file.with_suffix(f".{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(zlib.compress(msgspec.msgpack.encode(rows), 1))
        partial.replace(file)
    except OSError:
        partial.unlink(missing_ok=True)
