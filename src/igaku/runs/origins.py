"""Where imported replies come from, as their files say it: kept with each block of a run, shown beside its scores."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from msgspec import Struct

from igaku.tables import Kind, Table, Value

SHOWN = 3
"""Different values of one setting in one file that are written out; of more, the first, the last and their number."""


class Origin(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One file's part in a block of imported replies."""

    file: str
    sha256: str
    replies: int
    thinking: int = 0
    """Replies that came with what the model thought first."""
    about: dict[str, str] = {}
    """What the file says of them: ``model_id`` (the vendor's name), ``date``, ``effort``, ``base_url``, sampling …"""


class Block(Protocol):
    """A block of a run (``igaku.runs.manifest.TaskRun``)."""

    model: str
    prompt: str
    origins: list[Origin]


def summed_up(abouts: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """What is said of many replies as one: each setting's different values in the order of their names."""
    values: dict[str, dict[str, None]] = {}
    for about in abouts:
        for name, value in about.items():
            values.setdefault(name, {})[value] = None
    return {name: _listed(sorted(found)) for name, found in values.items()}


def _listed(found: Sequence[str]) -> str:
    if len(found) <= SHOWN:
        return ", ".join(found)
    return f"{found[0]} … {found[-1]} ({len(found)} different)"


def origin_rows(origin: Origin) -> dict[str, str]:
    """An origin as names and values, for people."""
    thinking = {"with thinking": str(origin.thinking)} if origin.thinking else {}
    return {"file": origin.file, "sha256": origin.sha256, "replies": str(origin.replies), **thinking, **origin.about}


def origins_table(tasks: Iterable[Block]) -> Table | None:
    """One row a block and file; None where nothing was imported with an origin."""
    found = [(task, origin) for task in tasks for origin in task.origins]
    if not found:
        return None
    names = list(dict.fromkeys(name for _, origin in found for name in origin.about))
    columns: dict[str, Kind] = {
        "model": "text",
        "prompt": "text",
        "file": "text",
        "sha256": "text",
        "replies": "count",
        "with thinking": "count",
        **dict.fromkeys(names, "text"),
    }
    rows: list[list[Value]] = [
        [task.model, task.prompt, o.file, o.sha256[:12], o.replies, o.thinking, *(o.about.get(n, "") for n in names)]
        for task, o in found
    ]
    return Table(name="origins", title="where the replies are from", columns=columns, rows=rows)
