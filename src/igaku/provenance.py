"""Where a model comes from: what it was trained on, and whether that may hold exams; stored beside its weights."""

from collections.abc import Mapping
from itertools import count
from pathlib import Path

import msgspec
from msgspec import Struct

from igaku.io.files import write_bytes
from igaku.io.json_values import FAULTS

STAMP = "igaku.json"
"""File in a model's or adapter's folder that says what it was trained on."""


class Origin(Struct, omit_defaults=True):
    """Where a model's training data come from (``igaku.json``)."""

    data: dict[str, str]
    """File -> SHA-256."""
    steps: list[str] = []
    contaminated: str = ""
    """Why the data may hold exams; empty where they were checked."""
    licences: dict[str, str] = {}
    """Source of the data -> its licence; empty where none is known."""

    def after(self, *folders: object) -> "Origin":
        """Itself, with what follows from the models that were trained on or merged: their licences and faults."""
        self.contaminated = self.contaminated or inherited(*folders)
        for folder in folders:
            if known := _stamped(folder):
                self.licences = joined(self.licences, known.licences, f"the model {_beside(folder).name}")
        return self


def joined(licences: Mapping[str, str], others: Mapping[str, str], of: str) -> dict[str, str]:
    """Source -> licence of both; where one source has two, the other's is there too, as ``texts (of OF)``.

    Args:
        of: whose the others are.
    """
    both = dict(licences)
    for source, licence in others.items():
        names = (f"{source} (of {of}{f', {n}' if n > 1 else ''})" if n else source for n in count())
        both[next(name for name in names if both.get(name, licence) == licence)] = licence
    return both


def source_of(name: str) -> str:
    """The source as its documents name it, of a name that ``joined`` may have given."""
    return name.split(" (of ")[0]


def inherited(*folders: object) -> str:
    """Why the training data of these models may hold exams; empty where nothing is known against them.

    A stamp that cannot be read counts as a reason.
    """
    for folder in folders:
        if not (_beside(folder) / STAMP).is_file():
            continue
        known = _stamped(folder)
        if known is None:
            return f"{STAMP} cannot be read"
        if known.contaminated:
            return known.contaminated
    return ""


def _stamped(folder: object) -> Origin | None:
    """The stamp of a model; None where there is none, or it cannot be read."""
    try:
        return msgspec.json.decode((_beside(folder) / STAMP).read_bytes(), type=Origin)
    except (OSError, *FAULTS):
        return None


def _beside(model: object) -> Path:
    """The folder in which a model's stamp lies; of a GGUF file its own."""
    path = Path(str(model))
    return path.parent if path.suffix == ".gguf" else path


def stamp(folder: Path, origin: Origin) -> None:
    """Write the origin beside the weights."""
    write_bytes(folder / STAMP, msgspec.json.encode(origin))


def warning(*folders: object) -> str:
    """What every score of a model must say where its training data may hold exams; else empty."""
    why = inherited(*folders)
    return f"CONTAMINATED: trained with --contaminated ({why}); its scores on exams prove nothing" if why else ""
