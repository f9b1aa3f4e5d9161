"""What every reader of recorded replies yields."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from igaku.question import Finish, RequestKind

FINISH: dict[str, Finish] = {
    "stop": "stop",
    "length": "length",
    "max_tokens": "length",
    "model_length": "length",
    "overlong": "overlong",
    "content_filter": "refused",
    "refusal": "refused",
    "refused": "refused",
    "error": "error",
}
"""Reasons for a reply's end as logs name them."""


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
    thinking: str = ""
    """What the model thought first, where the file keeps it separate."""
    prompt: str = "published"
    """The name of the way of asking, where the file names several."""
    task: str = ""
    """The log's own name of its task: two tasks of one model that share questions are two rows."""
    log: str = ""
    """The log's own id: two files of one log hold the same replies."""
    images: bool | None = None
    """Whether the model was sent the questions' images; None where the file does not say."""
    gold: tuple[str, ...] = ()
    """The key by which the file's authors graded: letters of the question's own order, or a number."""
    bare: bool = False
    """Whether its protocol asked for letters only."""
    prompt_text: str = ""
    """What the model was sent, where the file has it."""
    confidence: float | None = None
    """How sure the model said it was, 0 to 1, where the file holds that apart from the text."""
    about: tuple[tuple[str, str], ...] = ()
    """What else the file says of it, by name: ``model_id``, ``date``, ``effort``, ``base_url``, sampling."""


class Remarks:
    """What a reader noticed about its file and users must know."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.counts: Counter[str] = Counter()
        """What is counted over all files: the words after the number -> how many."""

    def all(self) -> list[str]:
        """Notes and counts as lines."""
        return [*self.notes, *(f"{n} {what}" for what, n in self.counts.items())]


def confidence_of(given: object, remarks: Remarks) -> float | None:
    """How sure a reply says it is: a number from 0 to 1 or its digits, or percent with the sign (``85%``).

    Anything else is not read, and counted: 85 without a sign may be of 100, or a fault.
    """
    if given is None or given == "":
        return None
    value = math.nan
    if isinstance(given, int | float | str) and not isinstance(given, bool):
        text = str(given)[:40].strip()
        with suppress(ValueError):
            value = float(text.removesuffix("%")) / 100 if text.endswith("%") else float(text)
    if 0 <= value <= 1:
        return value
    remarks.counts["stated confidences are no number from 0 to 1 and are not read"] += 1
    return None


def listed(names: Iterable[str], most: int = 5, sep: str = ", ") -> str:
    """The first names, and how many more there are."""
    every = list(names)
    more = f" and {len(every) - most} more" if len(every) > most else ""
    return sep.join(every[:most]) + more


Reader = Callable[[Path, str, str | None, Remarks], Iterator[RecordedReply]]
"""File, language and model (where the file does not say them), remarks to add to -> its replies."""
