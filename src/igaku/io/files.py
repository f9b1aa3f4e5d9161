"""Files are written whole or not at all; a disk that takes no more is an error that names the file written."""

import errno
import io
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from igaku.errors import IgakuError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO)
"""What a disk says that takes no more; such an error often names no file."""


def unwritable(path: object, reason: str) -> str:
    """The line of a file that a disk does not take."""
    remedy = "write elsewhere" if reason == os.strerror(errno.EROFS) else "free space or write elsewhere"
    return f"{path}: cannot be written ({reason}); {remedy}, then give the same command again"


def write_whole(path: Path, text: str) -> Path:
    """Write a file in one piece: either the old one or the new one is there, whatever happens in between."""
    return write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, data: bytes) -> Path:
    """``write_whole`` of bytes."""
    with _whole(path) as partial:
        partial.write_bytes(data)
    return path


def write_lines(path: Path, lines: Iterable[str]) -> Path:
    """As ``write_whole``, line by line, for files that are larger than memory should be."""
    with _whole(path) as partial, open_text(partial, newline="\n") as file:
        file.writelines(f"{line}\n" for line in lines)
    return path


@contextmanager
def _whole(path: Path) -> Iterator[Path]:
    """A path to write to, which gets the file's name when all is written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    try:
        yield partial
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        what = "free space or write elsewhere" if error.errno in FULL else "check the path and its permissions"
        raise IgakuError(f"{path}: cannot be written ({error.strerror}), and is as it was; {what}") from None


def write_json(path: Path, value: object) -> Path:
    """A struct, or plain data, as indented JSON in one piece."""
    return write_whole(path, msgspec.json.format(msgspec.json.encode(value), indent=1).decode() + "\n")


def real(path: Path) -> Path:
    """A path without symbolic links.

    Raises:
        IgakuError: they lead in a circle.
    """
    try:
        path.stat()
        found = path.resolve()
    except FileNotFoundError:
        return path.resolve()
    except (OSError, RuntimeError) as error:
        if isinstance(error, OSError) and error.errno != errno.ELOOP:
            raise
        raise IgakuError(f"{path}: a symbolic link that leads in a circle; give another path") from None
    return found


@contextmanager
def scratch(folder: Path) -> Iterator[Path]:
    """A folder inside another for what is needed for a while; one that a kill has left is removed first."""
    inside = folder / "scratch"
    shutil.rmtree(inside, ignore_errors=True)
    inside.mkdir(parents=True)
    try:
        yield inside
    finally:
        shutil.rmtree(inside, ignore_errors=True)


class _Output(io.FileIO):
    """A file whose errors name it."""

    def write(self, data: "ReadableBuffer", /) -> int:
        """As of ``io.FileIO``."""
        try:
            return super().write(data)
        except OSError as error:
            error.filename = str(self.name)
            raise


def open_output(path: Path, mode: str = "wb") -> io.BufferedWriter:
    """A file to write bytes to, as ``path.open``: its errors name it, also when it is flushed or closed."""
    return io.BufferedWriter(_Output(path, mode))


def open_text(path: Path, encoding: str = "utf-8", newline: str | None = None) -> io.TextIOWrapper:
    """A file to write text to, as ``open_output``."""
    return io.TextIOWrapper(open_output(path), encoding=encoding, newline=newline)
