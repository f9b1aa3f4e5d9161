"""What a user knows of the models of a run: ``models.toml`` beside the replies or in the run folder.

::

    ["GPT-5.2"]                        # the model's name in the run; "(high)" and the like may be left out
    vendor = "OpenAI"
    size = 32                          # billions of parameters, or "32B"; left out where it is not known
    licence = "proprietary"
    year = 2025
    url = "https://…"
    catalog = "qwen3-32b"              # its name in igaku's catalog, which fills what is left out here

A model without an entry is looked up in the catalog by its name, and by the vendor's name that its replies came with.
"""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from igaku.catalog import Model, find_model, models
from igaku.errors import IgakuError, UnknownNameError
from igaku.io.files import write_whole
from igaku.io.toml import read_toml
from igaku.runs.store import Run

FILE = "models.toml"
_VARIANT = re.compile(r"\s*\([^()]*\)$")
_BILLIONS = re.compile(r"(\d+(?:\.\d+)?)\s*[bB]?")


class ModelFacts(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one entry says."""

    vendor: str = ""
    size: float | None = None
    """Billions of parameters."""
    licence: str = ""
    year: int | None = None
    url: str = ""
    catalog: str = ""


def read_models(path: Path) -> dict[str, ModelFacts]:
    """The entries of a ``models.toml`` by the model's name.

    Raises:
        IgakuError: not found, not TOML, an unknown field or catalog name (with near matches), or a wrong value.
    """
    table = read_toml(path, "docs/import.md shows a models.toml")
    return {name: _entry(name, row, f"{path}, [{json.dumps(name, ensure_ascii=False)}]") for name, row in table.items()}


def _entry(name: str, row: object, where: str) -> ModelFacts:
    if not isinstance(row, dict):
        raise IgakuError(f'{where}: expected a table ["{name}"] with its fields, found {type(row).__name__}')
    for field in row:
        if field not in ModelFacts.__struct_fields__:
            raise IgakuError(f"{where}: {UnknownNameError('field', field, ModelFacts.__struct_fields__)}")
    if isinstance(row.get("size"), str):
        if not (size := _BILLIONS.fullmatch(row["size"].strip())):
            raise IgakuError(
                f"{where}: field 'size' must be billions of parameters (32, or \"32B\"), got {row['size']!r}"
            )
        row = {**row, "size": float(size[1])}
    try:
        facts = msgspec.convert(row, ModelFacts)
    except msgspec.ValidationError as error:
        raise IgakuError(f"{where}: {error}") from None
    if facts.catalog and find_model(facts.catalog) is None:
        raise IgakuError(f"{where}: {UnknownNameError('catalog name', facts.catalog, models())}")
    return facts


def models_file(given: str | Path | None, replies: Path) -> Path | None:
    """The file that was named, or the ``models.toml`` beside the replies; None where there is none."""
    beside = (replies if replies.is_dir() else replies.parent) / FILE
    return Path(given) if given else beside if beside.is_file() else None


def keep_models(entries: Mapping[str, ModelFacts], run: Path, names: Collection[str]) -> list[str]:
    """Take entries into a run folder, where they win over those it has.

    Returns:
        A note for each entry that is about none of the run's models (``names``), with near matches.
    """
    if not entries:
        return []
    known = read_models(run / FILE) if (run / FILE).is_file() else {}
    write_whole(run / FILE, _toml({**known, **entries}))
    bases = {*names, *map(without_variant, names)}
    return [f"{FILE}: {UnknownNameError('model', name, bases)}" for name in entries if name not in bases]


def _toml(entries: Mapping[str, ModelFacts]) -> str:
    """Texts are written as JSON writes them, which TOML reads."""
    parts = []
    for name, facts in entries.items():
        rows = [f"{k} = {json.dumps(v, ensure_ascii=False)}" for k, v in msgspec.to_builtins(facts).items()]
        parts.append("\n".join([f"[{json.dumps(name, ensure_ascii=False)}]", *rows]))
    return "\n\n".join(parts) + "\n"


def without_variant(name: str) -> str:
    """``gpt-oss-120b`` of ``gpt-oss-120b (high)``."""
    return _VARIANT.sub("", name)


def model_entry(name: str, runs: Iterable[Run]) -> Model | None:
    """What is known of a run's model: its ``models.toml``, and the catalog for what is left out there."""
    runs = list(runs)
    facts = next((f for run in runs if (f := _facts(name, run))), None)
    entry = find_model(facts.catalog) if facts and facts.catalog else None
    entry = entry or next((e for one in _names(name, runs) if (e := find_model(one))), None)
    if facts is None:
        return entry
    known = {
        "maker": facts.vendor,
        "parameters": facts.size,
        "licence": facts.licence,
        "year": facts.year,
        "url": facts.url,
    }
    return replace(entry or Model(id=name, names=[name]), **{k: v for k, v in known.items() if v})


def _facts(name: str, run: Run) -> ModelFacts | None:
    if not (run.path / FILE).is_file():
        return None
    entries = read_models(run.path / FILE)
    return entries.get(name) or entries.get(without_variant(name))


def _names(name: str, runs: Iterable[Run]) -> Iterator[str]:
    """Names to look a model up by: its own, and the vendor's (``org/name``) that its replies came with."""
    yield from (name, without_variant(name))
    for run in runs:
        for task in run.manifest.tasks:
            for origin in task.origins if task.model == name else ():
                if given := origin.about.get("model_id"):
                    yield from (given, given.rpartition("/")[2])
