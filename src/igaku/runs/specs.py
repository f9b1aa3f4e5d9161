"""What is asked, and how: one struct that the command line, Python and YAML plans all hold."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct, field

from igaku.errors import IgakuError, UnknownNameError
from igaku.prompts.formats import QUESTION_FORMATS

LANGUAGES = ("ja", "en", "zh")
Names = str | Sequence[str] | None


class TaskSpec(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """How questions are asked. An empty list stands for the benchmark's own."""

    bench: list[str] = []
    """Names, slices (``igakuqa-2018``), files of your own, ``my_exam.py``, ``package.module:Class``."""
    lang: list[str] = []
    prompt: list[str] = []
    """Templates; ``standard`` stands for ``standard_ja`` or ``standard_en``."""
    method: list[str] = []
    """Grading methods, which decide what requests are needed."""
    question_format: str = "choices"
    """``choices``, ``open`` or ``statements`` (``igaku.prompts.formats``)."""
    shots: Annotated[int, Meta(ge=0)] | None = None
    """Examples before the question; None: the template's own number."""
    examples: str = ""
    order: list[str] = field(default_factory=lambda: ["original"])
    """Orders of the choices (``igaku.prompts.orders``)."""
    seed: int = 0
    limit: Annotated[int, Meta(ge=1)] | None = None
    """Only the first N questions of each benchmark and language."""
    only: list[str] | None = None
    """Ids of the questions to ask."""
    text_only: bool = False
    max_tokens: Annotated[int, Meta(ge=1)] | None = None
    temperature: Annotated[float, Meta(ge=0)] | None = None
    """None: 0, and for several samples what the model's own files recommend (``igaku.runs.sample_requests``)."""
    samples: Annotated[int, Meta(ge=1)] = 1
    """Written replies to each question, each with a seed of its own (``igaku.runs.samples``)."""

    def __post_init__(self) -> None:
        if self.question_format not in QUESTION_FORMATS:
            raise UnknownNameError("question format", self.question_format, QUESTION_FORMATS)
        for one in self.lang:
            if one not in LANGUAGES:
                raise UnknownNameError("language", one, LANGUAGES)


FIELDS = tuple(f.name for f in msgspec.structs.fields(TaskSpec))
LISTS = ("bench", "lang", "prompt", "method", "order")


def task_spec(**given: Any) -> TaskSpec:
    """A spec from arguments; one name may stand for a list of one, and None for what is left out.

    Raises:
        IgakuError: a name that does not exist, or a value of another type.
    """
    values = {k: names(v) if k in LISTS else v for k, v in given.items() if v is not None}
    if values.get("only") is not None:
        values["only"] = list(values["only"])
    try:
        return msgspec.convert(values, TaskSpec)
    except msgspec.ValidationError as error:
        raise IgakuError(f"what to ask: {error}") from None


def names(value: Names) -> list[str]:
    """One name or several, each once.

    Raises:
        IgakuError: a list within the list, or several names in one text: only the command line splits at commas.
    """
    parts = list(value or ()) if isinstance(value, Iterable | None) and not isinstance(value, str) else [value]
    for part in parts:
        if isinstance(part, list | dict):
            raise IgakuError(f"expected a name or a list of names, found {type(part).__name__} in a list")
        if isinstance(part, str) and "," in part and not Path(part).exists():
            split = [p.strip() for p in part.split(",")]
            raise IgakuError(f"{part!r} is one name; give several as a list: {split}")
    return list(dict.fromkeys(parts))
