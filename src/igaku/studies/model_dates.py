"""When a model was released and where its training text ends, and on which side of that an exam's year lies."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from msgspec import Struct

from igaku.catalog.entries import plain
from igaku.errors import IgakuError
from igaku.io.toml import read_toml
from igaku.runs.model_facts import model_entry, without_variant
from igaku.runs.store import Run

When = Literal["before", "same year", "after", "not known"]
FIELDS = ("cutoff", "released")
_DATE = re.compile(r"\d{4}(?:-\d{2}){0,2}")
_YEAR = re.compile(r"(?:19|20)\d\d")


class ModelDate(Struct, frozen=True):
    """``date`` as YYYY, YYYY-MM or YYYY-MM-DD; ``basis`` says whether it is the end of the training text or the
    release."""

    date: str
    basis: Literal["cut-off", "release"]


def is_year(text: str) -> bool:
    """Whether a question's ``year`` is a year (some benchmarks have a volume there)."""
    return _YEAR.fullmatch(text) is not None


def read_dates(path: str | Path) -> dict[str, ModelDate]:
    """Dates of models from a TOML file: a table a model, with ``cutoff``, ``released`` or both.

    Raises:
        IgakuError: the file cannot be read, or what is wrong in it.
    """
    return {plain(name): _entry(f"{path}, [{name}]", entry) for name, entry in read_toml(Path(path)).items()}


def _entry(where: str, entry: object) -> ModelDate:
    if not isinstance(entry, dict) or not entry or set(entry) - set(FIELDS):
        raise IgakuError(f'{where}: expected cutoff = "YYYY-MM" or released = "YYYY-MM", or both')
    for name, value in entry.items():
        if not _DATE.fullmatch(str(value)) or not is_year(str(value)[:4]):
            raise IgakuError(f"{where}: {name} is {value!r}; write YYYY, YYYY-MM or YYYY-MM-DD")
    if "cutoff" in entry:
        return ModelDate(str(entry["cutoff"]), "cut-off")
    return ModelDate(str(entry["released"]), "release")


def date_of(model: str, dates: Mapping[str, ModelDate], runs: Sequence[Run]) -> ModelDate | None:
    """A model's date from the file (``(high)`` and the like may be left out there), else the year of its release from
    its runs' ``models.toml`` or the catalog; None where none of them knows it."""
    for name in (model, without_variant(model)):
        if found := dates.get(plain(name)):
            return found
    entry = model_entry(model, runs)
    return ModelDate(str(entry.year), "release") if entry and entry.year else None


def when(year: str, date: ModelDate | None) -> When:
    """Whether an exam of this year was held before or after the model's date; by the year alone."""
    if date is None:
        return "not known"
    return "before" if year < date.date[:4] else "after" if year > date.date[:4] else "same year"
