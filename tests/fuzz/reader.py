"""A reader: a sound example of what it reads, which file of it is damaged, and the commands that read it."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import NamedTuple

from ..conftest import missing


class Reader(NamedTuple):
    """One kind of file."""

    name: str
    make: Callable[[Path], None]
    """Writes the sound example into an empty folder, in which the commands run."""
    file: str
    """The file of the example that is damaged, relative to the folder; ``{server}`` in it is a server's address."""
    kind: str
    """How it can be damaged: a key of ``mutate.KINDS``."""
    commands: tuple[str, ...]
    """Command lines after ``igaku``, taken in turn; each reads the sound example. ``A && igaku B``: then B."""
    fine: tuple[int, ...] = (0, 2)
    """Exit codes that are no fault; 2 needs its one line."""
    alone: bool = False
    """Whether each input needs a process of its own, as an engine's threads do."""
    warm: tuple[str, ...] = ()
    """Modules imported once before processes are forked."""
    share: float = 1.0
    """How many of the inputs it gets, beside 1 for the others."""


def groups() -> list[str]:
    """The files of readers, by name."""
    from . import readers

    return sorted(m.name for m in iter_modules(readers.__path__))


def absent(group: str) -> str:
    """Why a file of readers cannot run here: the first extra that is not installed; empty where it can."""
    needs = getattr(import_module(f".readers.{group}", __package__), "NEEDS", ())
    return next((why for extra in needs if (why := missing(extra))), "")


def readers_of(group: str) -> list[Reader]:
    """The readers of one file."""
    return list(import_module(f".readers.{group}", __package__).READERS)
