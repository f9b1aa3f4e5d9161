"""The files of a folder by the list of what upstream has (``upstream.json``)."""

import json
from functools import cache
from pathlib import Path


@cache
def _rows() -> tuple[str, ...]:
    return tuple(json.loads((Path(__file__).parent / "upstream.json").read_text(encoding="utf-8")))


def listed(folder: str) -> list[str]:
    """Paths relative to the data folder that begin with ``folder``."""
    return [name for name in _rows() if name.startswith(folder)]
