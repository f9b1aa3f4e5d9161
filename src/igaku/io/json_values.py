"""JSON of others: one value, an object, or a struct, with depth, numbers and characters checked where it comes in."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, TypeVar

import msgspec

from igaku.errors import IgakuError
from igaku.io.limits import limit, over
from igaku.io.read import as_text, read_bytes, read_lines

T = TypeVar("T")
Half = Literal["refuse", "replace"]
DIGITS = 308
"""A whole number of more digits than this cannot be computed with."""
FAULTS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError, OverflowError)
"""What a typed decoder raises for a damaged or foreign value."""


def read_json(path: Path, what: str = "valid JSON", half: Half = "refuse") -> object:
    """The value of a JSON file.

    Args:
        what: what it should be, for errors: "a log of Inspect's".
        half: what becomes of half a character (a lone surrogate): an error, or U+FFFD in its stead, as in the replies
            of models that were cut inside one.

    Raises:
        IgakuError: unreadable, not UTF-8, not JSON, too deep or too large; with file and place.
    """
    return parse_json(as_text(read_bytes(path), str(path)), str(path), what, half)


def read_object(path: Path, what: str = "a JSON object", half: Half = "refuse") -> dict[str, object]:
    """The object of a JSON file; errors as of ``read_json``, and for another value."""
    value = read_json(path, what, half)
    if not isinstance(value, dict):
        raise IgakuError(f"{path}: not {what} (expected a JSON object, found {type(value).__name__})")
    return value


def json_rows(path: Path, each: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The objects of a file that is a JSON list, each with where it stands (``FILE, question 3``).

    Raises:
        IgakuError: as of ``read_json``, or another value.
    """
    rows = read_json(path)
    if not isinstance(rows, list):
        raise IgakuError(f"{path}: expected a JSON list of objects, found {type(rows).__name__}")
    for n, row in enumerate(rows, 1):
        if not isinstance(row, dict):
            raise IgakuError(f"{path}, {each} {n}: expected an object, found {type(row).__name__}")
        yield f"{path}, {each} {n}", row


def parse_json(text: str, where: str, what: str = "valid JSON", half: Half = "refuse") -> object:
    """One JSON value, with whole characters and numbers that can be computed with.

    Raises:
        IgakuError: as of ``read_json``; ``where`` names file and line.
    """
    try:
        value = json.loads(text, parse_int=_integer)
    except RecursionError:
        raise too_deep(where) from None
    except ValueError as error:
        raise IgakuError(f"{where}: not {what} ({error}); correct or remove it") from None
    openers = text.count("[") + text.count("{")
    if openers <= limit("DEPTH") and "\\u" not in text:
        return value
    if half == "replace":
        value = _mended(value, where)
    check_values(value, where)
    return value


def _mended(value: object, where: str) -> object:
    try:
        return _with_whole(value)
    except RecursionError:
        raise too_deep(where) from None


def _with_whole(value: object) -> object:
    if isinstance(value, str):
        return value if _whole(value) else value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_with_whole(v) for v in value]
    return {_with_whole(k): _with_whole(v) for k, v in value.items()} if isinstance(value, dict) else value


def _integer(text: str) -> int:
    if len(text) > DIGITS:
        raise ValueError(f"a number of {len(text)} digits")
    return int(text)


def check_values(value: object, where: str, most: int = 0) -> None:
    """Refuse what no later step could hold: too deep, half characters, numbers without bound.

    Args:
        most: values in all; no bound if 0 (a value with aliases may stand for more than memory holds).

    Raises:
        IgakuError: with ``where``.
    """
    deepest, seen = limit("DEPTH"), 0
    waiting: list[tuple[object, int]] = [(value, 1)]
    while waiting:
        one, depth = waiting.pop()
        seen += 1
        if most and seen > most:
            raise IgakuError(f"{where}: its aliases stand for more than {most:,} values; write them out, or fewer")
        if isinstance(one, str):
            if not one.isascii() and not _whole(one):
                raise IgakuError(f"{where}: half a character (a lone surrogate) in {one[:40]!a}; correct the text")
        elif isinstance(one, dict | list):
            if depth > deepest:
                raise too_deep(where)
            inner = [*one, *one.values()] if isinstance(one, dict) else one
            waiting.extend((v, depth + 1) for v in inner)
        elif isinstance(one, int) and one.bit_length() > 1023:
            raise IgakuError(f"{where}: a number of more than {DIGITS} digits; correct it")


def _whole(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def too_deep(where: str) -> IgakuError:
    """The line for a value that is nested too deeply."""
    return over(where, "nested too deeply, or a value inside itself", "DEPTH")


def decode(path: Path, kind: type[T], what: str) -> T:
    """A JSON file as a struct.

    Args:
        what: what it should be: "a run".

    Raises:
        IgakuError: unreadable, damaged, or of another shape; with file and place.
    """
    return decoded(read_bytes(path), kind, str(path), what)


def decoded(data: bytes, kind: type[T], where: str, what: str) -> T:
    """JSON bytes as a struct; errors as of ``decode``, with ``where``."""
    try:
        return msgspec.json.decode(data, type=kind)
    except FAULTS as error:
        raise IgakuError(f"{where}: cannot be read as {what} ({fault(error)}); restore the file") from None


def decode_lines(path: Path, kind: type[T], what: str, strict: bool = True) -> Iterator[tuple[int, T]]:
    """Yield (line number, struct) of a file with one JSON object a line; blank lines are left out.

    Args:
        strict: whether a text in the stead of a number is an error.

    Raises:
        IgakuError: as of ``decode``, with the line.
    """
    decoder = msgspec.json.Decoder(kind, strict=strict)
    for number, line in read_lines(path, most=""):
        if line.strip():
            try:
                yield number, decoder.decode(line)
            except FAULTS as error:
                where = f"{path}, line {number}"
                raise IgakuError(f"{where}: damaged, not {what} ({fault(error)}); restore the file") from None


def fault(error: Exception) -> str:
    """An error in a few words on one line."""
    if isinstance(error, RecursionError):
        return "nested too deeply"
    return " ".join(str(error).split())[:300]
