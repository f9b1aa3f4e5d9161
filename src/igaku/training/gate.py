"""No training on what an exam is in: data must have been through ``igaku corpus decontaminate``, against every benchmark that is here, unless the user says otherwise,
which is then stamped on the model and every later score."""

from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from igaku.benchmarks import benchmark_names
from igaku.corpus.documents import files_of
from igaku.corpus.manifest import Past, history
from igaku.corpus.sources import Part, may_train
from igaku.engines.embedded import file_sha256
from igaku.errors import IgakuError

STAMP = "igaku.json"
"""File in a model's or adapter's folder that says what it was trained on."""


class Origin(Struct, omit_defaults=True):
    """Where a model's training data come from (``igaku.json``)."""

    data: dict[str, str]
    """File -> SHA-256."""
    steps: list[str] = []
    contaminated: str = ""
    """Why the data may hold exams; empty where they were checked."""


def checked(path: str | Path, contaminated: bool = False) -> Origin:
    """The origin of training data, or a refusal.

    Raises:
        IgakuError: the data did not go through decontamination, or not against all benchmarks, or draw on evaluation data.
    """
    files = files_of([Path(path)])
    origin = Origin({f.name: file_sha256(f) for f in files})
    why = next((w for f in files if (w := _fault(f, origin))), "")
    if why and not contaminated:
        raise IgakuError(
            f"{why}; run igaku corpus decontaminate on it first (or --contaminated, which is stamped on the model and its scores)"
        )
    origin.contaminated = why
    return origin


def _fault(file: Path, origin: Origin) -> str:
    past = history(file)
    origin.steps += [p.step for p in past if p.step not in origin.steps]
    if not any(p.step in ("decontaminate", "instruct") for p in past):
        return f"{file}: has not been through decontamination (no manifest beside it says so)"
    for p in past:
        if p.step in ("decontaminate", "instruct") and (unseen := _unseen(p)):
            return f"{file}: step {p.step} did not look for {', '.join(unseen)}, which are here now"
        if p.step == "sources" and (closed := _closed(p)):
            return f"{file}: {closed}"
    return "" if _whole(file, past) else f"{file}: part of it has not been through decontamination"


def _unseen(past: Past) -> list[str]:
    """Benchmarks whose files are here and that the step did not look for."""
    known = {*past.settings.get("benchmarks", ()), *past.settings.get("not here", ())}
    roots = {k.split("-")[0] for k in known} | known
    return [n for n in benchmark_names() if n not in known and n.split("-")[0] not in roots]


def _closed(past: Past) -> str:
    for name, source in past.settings.items():
        if source.get("take") == "explanations":
            try:
                may_train(Part.read(source["of"]))
            except IgakuError as error:
                return f"source {name} draws on {error}"
    return ""


def _whole(file: Path, past: list[Past]) -> bool:
    """Whether every input of the last step came through a check: a mix may have one that did not."""
    from igaku.corpus.manifest import read_manifest

    made = read_manifest(file.parent)
    if made is None or made.step in ("decontaminate", "instruct"):
        return made is not None
    return all(any(p.step in ("decontaminate", "instruct") for p in made.past.get(name, ())) for name in made.inputs)


def stamp(folder: Path, origin: Origin) -> None:
    """Write the origin beside the weights."""
    (folder / STAMP).write_bytes(msgspec.json.encode(origin))


def warning(*folders: Any) -> str:
    """What every score of a model must say where its training data may hold exams; empty where nothing is known against it."""
    for folder in folders:
        file = Path(str(folder)) / STAMP
        try:
            origin = msgspec.json.decode(file.read_bytes(), type=Origin)
        except (OSError, msgspec.DecodeError, msgspec.ValidationError):
            continue
        if origin.contaminated:
            return (
                f"CONTAMINATED: trained with --contaminated ({origin.contaminated}); its scores on exams prove nothing"
            )
    return ""
