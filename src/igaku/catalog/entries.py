"""Catalog entries: what is known of a model or of data, with its sources. A field without a source stays empty.

How sure a fact is: what a primary source says (a README, a model card, a paper) stands as it is; ``unsure`` names the
fields that only a secondary source or somebody's memory gives, and tables show them with a "?"; ``verified`` is the day
on which a file at hand showed the rest.
"""

import unicodedata
from functools import cache
from pathlib import Path
from typing import Literal, TypeVar

import msgspec
from msgspec import Struct, field

from igaku.errors import IgakuError, UnknownNameError

HERE = Path(__file__).parent


class Seen(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A benchmark that a model has met in training: its scores there say nothing about new questions.

    ``how`` says which part of it.
    """

    benchmark: str
    """A benchmark's name, the family that it belongs to, or the id of evaluation data in this catalog."""
    how: str
    source: str
    other_years: bool = False
    """Whether it met other years of the same exam only: a caution, and no leak of the benchmark's own questions."""


class Reported(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A score that somebody else wrote down: on what, which number under which conditions, and where."""

    benchmark: str
    what: str
    value: str
    source: str


class Model(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One model. ``parameters`` in billions, ``licence`` as the maker writes it, ``year`` of its release."""

    id: str
    names: list[str]
    """Names it goes by: in runs, papers and hubs."""
    medical: bool = False
    """Whether it was adapted to medicine."""
    maker: str = ""
    languages: list[str] = field(default_factory=list)
    parameters: float | None = None
    licence: str = ""
    commercial: bool | None = None
    """Whether the licence allows commercial use as it is; None where it has conditions of its own, or is not known."""
    year: int | None = None
    url: str = ""
    paper: str = ""
    base: str = ""
    """The id, or the name, of the model it was made from."""
    thinking: str = ""
    """How it writes its thoughts before its answer: one of ``THINKING`` in ``igaku.catalog.checks``."""
    method: str = ""
    seen: list[Seen] = field(default_factory=list)
    reported: list[Reported] = field(default_factory=list)
    unsure: list[str] = field(default_factory=list)
    """Fields whose value only a secondary source or memory gives."""
    notes: str = ""
    added: str = ""
    """Dates as YYYY-MM-DD."""
    verified: str = ""


class Data(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One corpus, evaluation set, dictionary or tool."""

    id: str
    names: list[str]
    kind: Literal["corpus", "evaluation", "dictionary", "tool"]
    maker: str = ""
    languages: list[str] = field(default_factory=list)
    size: str = ""
    licence: str = ""
    commercial: bool | None = None
    years: str = ""
    url: str = ""
    paper: str = ""
    fetch: str = ""
    """``igaku data get NAME``, ``http``, ``signature`` (an agreement must be signed first), or words."""
    fields: list[str] = field(default_factory=list)
    train: bool | None = None
    """Whether it may be trained on: evaluation sets may not; None where it is not known."""
    train_parts: list[str] = field(default_factory=list)
    """Splits or years that may, of a set that otherwise may not."""
    unsure: list[str] = field(default_factory=list)
    """As in ``Model``."""
    notes: str = ""
    added: str = ""
    verified: str = ""


Entry = TypeVar("Entry", Model, Data)


@cache
def models() -> dict[str, Model]:
    """Every model by id: Japanese medical ones first, then other medical ones, then the rest.

    Raises:
        IgakuError: an entry does not fit the schema; the message names file and field.
    """
    found = _load("models", Model)
    rank = {m.id: (not m.medical, m.medical and "ja" not in m.languages, m.id) for m in found.values()}
    return {name: found[name] for name in sorted(found, key=lambda name: rank[name])}


@cache
def data() -> dict[str, Data]:
    """All data by id; raises as ``models``."""
    return _load("data", Data)


def _load(folder: str, kind: type[Entry]) -> dict[str, Entry]:
    import yaml

    out: dict[str, Entry] = {}
    for path in sorted((HERE / folder).glob("*.yaml")):
        try:
            entry = msgspec.convert(yaml.safe_load(path.read_text(encoding="utf-8")), kind, strict=True)
        except (yaml.YAMLError, msgspec.ValidationError) as error:
            raise IgakuError(f"{path}: not a catalog entry ({error})") from None
        if entry.id != path.stem:
            raise IgakuError(f"{path}: its id is {entry.id!r}; file and id must agree")
        out[entry.id] = entry
    return out


def find_model(name: str) -> Model | None:
    """The entry of a model by any of its names, whatever their case and punctuation; None where there is none."""
    return _models_by_name().get(plain(name))


def find_data(name: str) -> Data:
    """The entry of data by any of its names.

    Raises:
        UnknownNameError: there is none.
    """
    by_name = {plain(n): d for d in data().values() for n in (d.id, *d.names)}
    if plain(name) not in by_name:
        raise UnknownNameError("data", name, data())
    return by_name[plain(name)]


@cache
def _models_by_name() -> dict[str, Model]:
    return {plain(name): m for m in models().values() for name in (m.id, *m.names)}


def plain(name: str) -> str:
    """A name without case, width and punctuation."""
    return "".join(c for c in unicodedata.normalize("NFKC", name).lower() if c.isalnum())
