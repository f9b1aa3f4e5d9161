"""Where a model comes from: what it was trained on, and whether that may hold exams; stored beside its weights."""

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
            self.licences = {**(known.licences if (known := _stamped(folder)) else {}), **self.licences}
        return self


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
