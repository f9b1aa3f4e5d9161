"""The append-only file of replies: typed lines, safe against a kill at any instant, a full disk and a second writer.

A line is written in one piece and ends with a line feed, so the only thing a kill can leave behind is a last line
without one; the next writer cuts it off. Nothing else is ever changed or removed.
"""

import fcntl
import math
import os
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from types import TracebackType

import msgspec
from msgspec.structs import replace

from igaku.errors import IgakuError
from igaku.io.json_values import FAULTS, fault
from igaku.io.read import regular
from igaku.question import Answer, Reply


class Journal:
    """Replies of one run, open for appending by this process alone.

    Raises:
        IgakuError: another process has it open; a line inside it is damaged; the disk is full.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._fd)
            raise IgakuError(
                f"{path}: another igaku is writing this run; wait for it or choose another --out"
            ) from None
        self._end = self._cut_unfinished()
        self._encoder = msgspec.json.Encoder()

    def append(self, reply: Reply) -> None:
        """Write one line; on a full disk the partial line is taken back, so that the file stays whole."""
        line = self._encoder.encode(reply) + b"\n"
        try:
            written = os.write(self._fd, line)
            if written < len(line):
                written += os.write(self._fd, line[written:])
        except OSError as error:
            os.ftruncate(self._fd, self._end)
            raise IgakuError(
                f"{self.path}: cannot write ({error.strerror}); what was answered so far is kept: "
                "free space and give the same command again"
            ) from None
        self._end += len(line)
        if "replies" in self.__dict__:
            self.replies[reply.key] = reply

    @cached_property
    def replies(self) -> dict[str, Reply]:
        """All replies by key; of two with one key (a retried error) the last counts."""
        return {reply.key: reply for reply in read_replies(self.path)}

    def close(self) -> None:
        """Flush to disk and let others write."""
        if self._fd >= 0:
            os.fsync(self._fd)
            os.close(self._fd)
            self._fd = -1

    def __enter__(self) -> "Journal":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _cut_unfinished(self) -> int:
        size = os.fstat(self._fd).st_size
        if size == 0 or os.pread(self._fd, 1, size - 1) == b"\n":
            return size
        step, at = 1 << 16, size
        while at > 0:
            at = max(0, at - step)
            found = os.pread(self._fd, min(step, size - at), at).rfind(b"\n")
            if found >= 0:
                size = at + found + 1
                break
        else:
            size = 0
        os.ftruncate(self._fd, size)
        return size


def sanitize(answer: Answer) -> Answer:
    """NaN and infinite log-probabilities are an error; lone surrogates are replaced: JSON can hold neither."""
    if not all(map(math.isfinite, (*answer.logprobs, *answer.means, *answer.deviations))):
        return Answer(
            finish="error",
            error="the engine gave a log-probability that is NaN or infinite",
            prompt_tokens=answer.prompt_tokens,
        )
    text, thinking = map(_whole, (answer.text, answer.thinking))
    return replace(answer, text=text, thinking=thinking, error=answer.error[:500])


def _whole(text: str) -> str:
    """Text with U+FFFD for half a character."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def read_replies(path: Path) -> Iterator[Reply]:
    """Yield the replies of a file; an unfinished last line is left out, any other damage is an error with its line."""
    regular(path)
    decoder = msgspec.json.Decoder(Reply)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise IgakuError(f"{path}: cannot be read ({error.strerror})") from None
    lines = data.split(b"\n")
    for number, line in enumerate(lines[:-1], 1):
        if not line:
            continue
        try:
            yield decoder.decode(line)
        except FAULTS as error:
            raise IgakuError(f"{path}, line {number}: not a reply of igaku ({fault(error)}); restore it") from None
