"""One recorded reply as its file has it, before it is put to a question."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from igaku.question import Finish, RequestKind


class Said(NamedTuple):
    """One recorded reply as its file has it."""

    where: str
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
    """Its choices were shown as letters; their order is to be read from the prompt."""


Reader = Callable[[Path, str, str | None], Iterator[Said]]
"""File, language and model (where the file does not say them) -> its replies."""
