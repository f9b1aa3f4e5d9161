"""A run's replies and prompts where they lie (``igaku.io.lines``): a run of any length opens in little memory."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from igaku.errors import IgakuError
from igaku.io.lines import StoredLines, whole_lines
from igaku.question import Reply

_REPLY = msgspec.json.Decoder(Reply)
_PROMPT = msgspec.json.Decoder(dict[str, str])


def read_reply(line: bytes) -> tuple[str, Reply]:
    """A line of the journal as its key and reply."""
    reply = _REPLY.decode(line)
    return reply.key, reply


def read_prompt(line: bytes) -> tuple[str, str]:
    """A line of ``prompts.jsonl`` as hash and text."""
    found = _PROMPT.decode(line)
    return found["hash"], found["prompt"]


def stored_replies(path: Path) -> StoredLines[Reply]:
    """The replies of a journal; each line is checked once, now.

    Raises:
        IgakuError: a line that is no reply, with its number.
    """
    total = hashlib.sha256()
    found = StoredLines(path, _reply_entries(path, total.update), read_reply)
    found.sha256 = total.hexdigest()
    return found


def _reply_entries(path: Path, seen: Callable[[bytes], object]) -> Iterator[tuple[int, int, str]]:
    for number, at, line in whole_lines(path, seen):
        if line == b"\n" or not line.endswith(b"\n"):
            continue
        try:
            yield at, len(line), _REPLY.decode(line).key
        except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError, RecursionError) as error:
            raise IgakuError(f"{path}, line {number}: not a reply of igaku ({error}); restore the file") from None


def stored_prompts(path: Path) -> StoredLines[str]:
    """Rendered prompts by their hash.

    Raises:
        IgakuError: a line that is no prompt, with its number.
    """
    return StoredLines(path, _prompt_entries(path), read_prompt)


def _prompt_entries(path: Path) -> Iterator[tuple[int, int, str]]:
    for number, at, line in whole_lines(path):
        if line == b"\n":
            continue
        try:
            yield at, len(line), read_prompt(line)[0]
        except KeyError as error:
            raise IgakuError(f"{path}, line {number}: damaged (no {error}); restore the file") from None
        except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError, RecursionError) as error:
            raise IgakuError(f"{path}, line {number}: damaged ({error}); restore the file") from None
