"""Pictures of a benchmark's questions: which upstream has, and which of them are here, in whichever data folder."""

import json
import re
from collections.abc import Iterable
from pathlib import Path

from igaku.io.paths import data_dirs, find_data

_NAMED = re.compile(r"(.+?)(?:-(\d{1,3}))?\.(?:png|jpe?g|webp)", re.I)


def listed(folder: str) -> list[str]:
    """The files of a folder (``jmle2026/images/``), by the list of what upstream has."""
    rows = json.loads((Path(__file__).parent / "upstream.json").read_text(encoding="utf-8"))
    return [name for name in rows if name.startswith(folder)]


def here(folder: str, names: Iterable[str]) -> tuple[str, ...]:
    """Full paths of those pictures that are on this machine, in the order given."""
    found = (find_data(f"{folder}{Path(name).name}") for name in names)
    return tuple(str(path) for path in found if path)


def numbered(folder: str) -> dict[str, tuple[str, ...]]:
    """Question -> its pictures that are here, in their order: ``NAME.png``, or ``NAME-1.png``, ``NAME-2.png`` ...

    The ending may be png, jpg, jpeg or webp; what a file is, its content says. Of two data folders with one file the
    first counts.
    """
    files: dict[str, Path] = {}
    for data in data_dirs():
        for file in (data / folder).iterdir() if (data / folder).is_dir() else ():
            files.setdefault(file.name, file)
    return {question: tuple(str(files[name]) for name in names) for question, names in by_question(files).items()}


def by_question(names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Question -> those of the names that are its pictures', in their order."""
    found: dict[str, list[tuple[int, str]]] = {}
    for name in names:
        if m := _NAMED.fullmatch(name):
            found.setdefault(m[1], []).append((int(m[2] or 0), name))
    return {question: tuple(name for _, name in sorted(mine)) for question, mine in found.items()}
