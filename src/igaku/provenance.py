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


def inherited(*folders: object) -> str:
    """Why the training data of these models may hold exams; empty where nothing is known against them.

    A stamp that cannot be read counts as a reason.
    """
    for folder in folders:
        file = Path(str(folder)) / STAMP
        if not file.is_file():
            continue
        try:
            if why := msgspec.json.decode(file.read_bytes(), type=Origin).contaminated:
                return why
        except (OSError, *FAULTS):
            return f"{file.name} cannot be read"
    return ""


def stamp(folder: Path, origin: Origin) -> None:
    """Write the origin beside the weights."""
    write_bytes(folder / STAMP, msgspec.json.encode(origin))


def warning(*folders: object) -> str:
    """What every score of a model must say where its training data may hold exams; else empty."""
    why = inherited(*folders)
    return f"CONTAMINATED: trained with --contaminated ({why}); its scores on exams prove nothing" if why else ""
