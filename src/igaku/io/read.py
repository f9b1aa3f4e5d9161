"""Where others' files come in: bytes and text, bounded and decoded; every fault is one line with file and place.

All readers of the package stand on this file, ``igaku.io.json_values``, ``igaku.io.rows``, ``igaku.io.toml`` and
``igaku.configs``, so that a damaged, foreign or hostile file never shows as a traceback or a hang.
"""

import stat
from collections.abc import Iterator
from pathlib import Path

from igaku.errors import IgakuError
from igaku.io.encodings import SAMPLE, advice, is_disguised
from igaku.io.limits import limit, most_bytes, over


def regular(path: Path, most: str = "") -> int:
    """The size of a file in bytes.

    Args:
        most: the limit that its size is held to (``igaku.io.limits``); none if empty.

    Raises:
        IgakuError: there is none, it is a folder, pipe or device (which may never end), or larger than the limit.
    """
    try:
        found = path.stat()
    except (OSError, ValueError) as error:  # ValueError: a NUL in its name
        raise _unreadable(path, error) from None
    if stat.S_ISDIR(found.st_mode):
        raise IgakuError(f"{path}: is a folder; give a file")
    if not stat.S_ISREG(found.st_mode):
        raise IgakuError(f"{path}: is a pipe or a device and no file; write it to a file first")
    if most and found.st_size > most_bytes(most):
        raise over(str(path), f"{found.st_size / 2**20:,.0f} MB", most)
    return found.st_size


def read_bytes(path: Path, most: str = "JSON_MB") -> bytes:
    """A whole file; errors as of ``regular``."""
    regular(path, most)
    try:
        return path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from None


def read_text(path: Path, most: str = "FILE_MB") -> str:
    """A text file in UTF-8, with or without a byte order mark; line ends become ``\\n``.

    Raises:
        IgakuError: as of ``regular``; or it is not UTF-8, with the line.
    """
    return as_text(read_bytes(path, most), str(path)).replace("\r\n", "\n").replace("\r", "\n")


def as_text(data: bytes, where: str, first: int = 1, sample: bytes = b"") -> str:
    """Bytes as UTF-8 text.

    Args:
        first: the number of their first line.
        sample: the beginning of the whole, which shows its encoding; the bytes themselves if empty.

    Raises:
        IgakuError: they are not UTF-8; the line names the first that is not.
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line, why = first + data.count(b"\n", 0, error.start), advice(sample or data)
        raise IgakuError(f"{where}, line {line}: not UTF-8 (byte {error.start + 1}); {why}") from None


def read_lines(path: Path, most: str = "FILE_MB", ends: bool = False) -> Iterator[tuple[int, str]]:
    """Yield (number, line) of a UTF-8 text, one at a time, by ``\\n``, ``\\r\\n`` or ``\\r``.

    Args:
        most: the limit of the whole file; none if empty.
        ends: whether lines keep their ends as they are (a CSV cell may hold some).

    Raises:
        IgakuError: as of ``read_text``; or a line is longer than ``IGAKU_MAX_JSON_MB``.
    """
    regular(path, most)
    longest = most_bytes("JSON_MB")
    try:
        if is_disguised(sample := _beginning(path)):
            raise IgakuError(f"{path}, line 1: not UTF-8; {advice(sample)}")
        with path.open(encoding="utf-8-sig", newline="" if ends else None) as file:
            number = 1
            while line := file.readline(longest + 1):
                if len(line) > longest:
                    raise over(f"{path}, line {number}", f"more than {limit('JSON_MB')} MB in one line", "JSON_MB")
                yield number, line if ends else line.removesuffix("\n")
                number += 1
    except UnicodeDecodeError:
        raise _not_utf8(path) from None
    except OSError as error:
        raise _unreadable(path, error) from None


def _not_utf8(path: Path) -> IgakuError:
    """The line of the first byte that is not UTF-8; the text reader knows only where in its buffer that is."""
    sample = _beginning(path)
    with path.open("rb") as file:
        for number, line in enumerate(iter(lambda: file.readline(1 << 20), b""), 1):
            try:
                as_text(line, str(path), number, sample)
            except IgakuError as error:
                return error
    return IgakuError(f"{path}: not UTF-8; {advice(sample)}")


def _beginning(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(SAMPLE)


def _unreadable(path: Path, error: Exception) -> IgakuError:
    why = error.strerror if isinstance(error, OSError) else str(error)
    return IgakuError(f"{path}: cannot be read ({why or error}); check the path")
