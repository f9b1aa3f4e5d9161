"""Catalog entries: what is known of a model, with its sources. A field without a source stays empty."""

import unicodedata
from functools import cache
from pathlib import Path

import msgspec
from msgspec import Struct, field

from igaku.errors import IgakuError


class Seen(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A benchmark that a model has met in training: its scores there say nothing about new questions."""

    benchmark: str
    """A benchmark's name, or the family that it belongs to."""
    how: str
    source: str


class Model(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One model. ``parameters`` are in billions, ``licence`` is the maker's own word, ``year`` that of its release."""

    id: str
    names: list[str]
    """Names it goes by: in runs, papers and hubs."""
    maker: str
    languages: list[str] = field(default_factory=list)
    parameters: float | None = None
    licence: str = ""
    commercial: bool | None = None
    year: int | None = None
    url: str = ""
    paper: str = ""
    base: str = ""
    """The id, or the name, of the model it was made from."""
    method: str = ""
    seen: list[Seen] = field(default_factory=list)
    notes: str = ""
    added: str = ""
    """Dates as YYYY-MM-DD."""
    verified: str = ""


@cache
def models() -> dict[str, Model]:
    """Every model by id.

    Raises:
        IgakuError: an entry is not as it should be; the message names file and field.
    """
    import yaml

    out = {}
    for path in sorted((Path(__file__).parent / "models").glob("*.yaml")):
        try:
            entry = msgspec.convert(yaml.safe_load(path.read_text(encoding="utf-8")), Model, strict=True)
        except (yaml.YAMLError, msgspec.ValidationError) as error:
            raise IgakuError(f"{path}: not a catalog entry ({error})") from None
        if entry.id != path.stem:
            raise IgakuError(f"{path}: its id is {entry.id!r}; file and id must agree")
        out[entry.id] = entry
    return out


def find_model(name: str) -> Model | None:
    """The entry of a model by any of its names, whatever their case and punctuation; None where there is none."""
    return _by_name().get(_plain(name))


@cache
def _by_name() -> dict[str, Model]:
    return {_plain(name): m for m in models().values() for name in (m.id, *m.names)}


def _plain(name: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKC", name).lower() if c.isalnum())
