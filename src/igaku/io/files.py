"""Files are written whole or not at all."""

from collections.abc import Iterable
from pathlib import Path

import msgspec

from igaku.errors import IgakuError


def write_whole(path: Path, text: str) -> Path:
    """Write a file in one piece: either the old one or the new one is there, whatever happens in between."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    try:
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise IgakuError(f"{path}: cannot be written ({error.strerror}); the old file is unchanged") from None
    return path


def write_lines(path: Path, lines: Iterable[str]) -> Path:
    """As ``write_whole``, line by line, for files that are larger than memory should be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    try:
        with partial.open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(f"{line}\n" for line in lines)
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise IgakuError(f"{path}: cannot be written ({error.strerror}); the old file is unchanged") from None
    return path


def write_json(path: Path, value: object) -> Path:
    """A struct, or plain data, as indented JSON in one piece."""
    return write_whole(path, msgspec.json.format(msgspec.json.encode(value), indent=1).decode() + "\n")
