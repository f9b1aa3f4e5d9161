"""What every reader of recorded replies yields."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from igaku.question import Finish, RequestKind


class RecordedReply(NamedTuple):
    """One recorded reply as its file has it, before its question is known."""

    where: str
    """File and line, for errors; the part after the last comma is in the reply's key."""
    model: str
    lang: str
    id: str
    text: str
    choices: tuple[str, ...] = ()
    """The choices as they were shown, where the file says so."""
    sample: int = 0
    kind: RequestKind = "text"
    logprobs: tuple[float, ...] = ()
    finish: Finish = "stop"
    texts: tuple[str, ...] = ()
    """Texts of its document or prompt, to find the question by where the file holds no id of ours."""
    lettered: bool = False
    """Whether its choices were shown as letters, whose order must be read from the prompt."""


Reader = Callable[[Path, str, str | None], Iterator[RecordedReply]]
"""File, language and model (where the file does not say them) -> its replies."""
