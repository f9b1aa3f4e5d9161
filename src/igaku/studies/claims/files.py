"""Files of somebody else's folder: no links, no devices and no pipes, nothing larger than a run's files are, line by
line."""

import stat
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import msgspec

from igaku.errors import IgakuError
from igaku.studies.claims.check import MOST, Tally

T = TypeVar("T")
LARGEST = 64 << 30
"""Bytes of a file, which is read line by line; a run of a million replies with long thoughts has a tenth of it."""
LONGEST = 64 << 20
"""Bytes of a line."""
MANIFEST = 1 << 30
"""Bytes of ``run.json``, which is read whole; that of a million replies has a tenth of it."""


def unfit(path: Path, largest: int = LARGEST) -> str:
    """Why a file is not read; empty where it is, or where there is none."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return ""
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    if stat.S_ISLNK(found.st_mode):
        return "a link, not a file; a folder that is passed on holds its files themselves (cp -rL)"
    if not stat.S_ISREG(found.st_mode):
        return "no file, but a folder, a device or a pipe"
    if found.st_size > largest:
        return f"too large: {found.st_size:,} bytes, {largest:,} are the most"
    return ""


def refuse_unfit(folder: Path) -> None:
    """``run.json`` is what makes a folder a run.

    Raises:
        IgakuError: it is not read.
    """
    if why := unfit(folder / "run.json", MANIFEST):
        raise IgakuError(f"{folder / 'run.json'}: {why}")


def lines(path: Path, tally: Tally) -> Iterator[tuple[str, bytes]]:
    """Where each line stands, and its bytes; of lines that are no lines, a fault each until there are too many.

    Nothing, where there is no file.
    """
    return ((where, line) for where, _, line in numbered(path, tally))


def numbered(path: Path, tally: Tally) -> Iterator[tuple[str, int, bytes]]:
    """As ``lines``, with the position of each line in bytes."""
    if why := unfit(path):
        tally.fault(path.name, why)
    if why or not path.is_file():
        return
    faults, at, after = tally.failing, 0, 0
    with path.open("rb") as file:
        for number, line in enumerate(iter(lambda: file.readline(LONGEST + 1), b""), 1):
            where, at, after = f"{path.name}, line {number}", after, after + len(line)
            if tally.failing - faults >= MOST:
                tally.fault(where, "nothing is read from here on, after this many faults")
                return
            if len(line) > LONGEST:
                tally.fault(where, f"longer than {LONGEST:,} bytes; nothing is read from here on")
                return
            if not line.endswith(b"\n"):
                tally.fault(where, "cut off: the line has no end")
            elif line == b"\n":
                tally.fault(where, "an empty line")
            else:
                yield where, at, line


def decoded(path: Path, kind: type[T], tally: Tally) -> Iterator[tuple[str, T]]:
    """Where each line stands, and what it holds; a line that cannot be read is a fault."""
    return ((where, one) for where, _, _, one in placed(path, kind, tally))


def placed(path: Path, kind: type[T], tally: Tally) -> Iterator[tuple[str, int, int, T]]:
    """As ``decoded``, with the position and the length of each line in bytes."""
    decoder = msgspec.json.Decoder(kind)
    for where, at, line in numbered(path, tally):
        try:
            one = decoder.decode(line)
        except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError, RecursionError) as error:
            tally.fault(where, "cannot be read", got=error)
        else:
            tally.held()
            yield where, at, len(line), one
