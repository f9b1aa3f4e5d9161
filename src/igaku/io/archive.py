"""Zip archives of others: members unpacked one by one, within a bound, and one line for every damage."""

import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing
from importlib import import_module
from pathlib import Path

from igaku.errors import IgakuError, missing_extra
from igaku.io.limits import most_bytes, over
from igaku.io.read import regular

ZSTD = 93
"""The number of zstd among a zip archive's ways of compression; Python reads it from 3.14 on."""
_BROKEN: tuple[type[Exception], ...] = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error),
    *(RuntimeError, EOFError, OSError, ValueError, KeyError, MemoryError),
)


def is_archive(path: Path) -> bool:
    """Whether a file is a zip archive, whole or not."""
    regular(path)
    with path.open("rb") as file:
        return file.read(4) == b"PK\x03\x04" or zipfile.is_zipfile(path)


def member_names(path: Path) -> list[str]:
    """The names of an archive's members, in its order.

    Raises:
        IgakuError: not an archive, or damaged.
    """
    try:
        with closing(_opened(path)) as file:
            return file.namelist()
    except (*_BROKEN, *_zstd_errors()) as error:
        raise _damaged(path, error) from None


def read_members(path: Path, names: list[str], most: str = "FILE_MB") -> Iterator[tuple[str, bytes]]:
    """Yield (name, content) of these members, one in memory at a time; nothing is written anywhere.

    Args:
        most: the limit of all of them together.

    Raises:
        IgakuError: damaged, encrypted, or unpacked to more than ``IGAKU_MAX_JSON_MB`` a member or the limit in all (a
            bomb).
    """
    left = most_bytes(most)
    try:
        with closing(_opened(path)) as file:
            for name in names:
                yield name, (data := _unpacked(file, name, str(path), left, most))
                left -= len(data)
    except (*_BROKEN, *_zstd_errors()) as error:
        raise _damaged(path, error) from None


def _unpacked(file: zipfile.ZipFile, name: str, where: str, left: int, whole: str) -> bytes:
    most = min(left, most_bytes("JSON_MB"))
    with file.open(name) as member:
        data = member.read(most + 1)
    if len(data) > most:
        limit = whole if most == left else "JSON_MB"
        raise over(f"{where}, member {name}", f"unpacked more than {most >> 20} MB", limit)
    return data


def _damaged(path: Path, error: Exception) -> IgakuError:
    why = " ".join(str(error).split())[:200] or type(error).__name__
    return IgakuError(f"{path}: cannot be unpacked ({why}); the archive is damaged or encrypted")


def _opened(path: Path) -> zipfile.ZipFile:
    """The archive, by the backport of Python 3.14's zipfile where a member is packed with zstd."""
    file = zipfile.ZipFile(path)
    if ZSTD not in {info.compress_type for info in file.infolist()} or hasattr(zipfile, "ZIP_ZSTANDARD"):
        return file
    file.close()
    try:
        zips = import_module("backports.zstd.zipfile")
    except ImportError:
        raise missing_extra("backports.zstd (for logs that are packed with zstd)", "inspect") from None
    archive: zipfile.ZipFile = zips.ZipFile(path)
    return archive


def _zstd_errors() -> tuple[type[Exception], ...]:
    try:
        return (import_module("backports.zstd").ZstdError,)
    except ImportError:
        return ()
