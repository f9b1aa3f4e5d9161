"""What a run's sessions took as a whole, from its ``sessions.jsonl``."""

import json
import math
from pathlib import Path

from msgspec import Struct


class Sitting(Struct, frozen=True, kw_only=True):
    """All sessions of one run together."""

    run: str
    sessions: int
    replies: int
    """Replies that came,"""
    seconds: float
    """in this time, loading apart."""
    requests: int | None = None
    """Requests sent to a server, those asked again too; None where the engine is no server."""
    cost: float | None = None
    """Spent, as the run itself counted it (``--prices``)."""


def sitting(folder: Path) -> Sitting | None:
    """The sessions of a run's folder; None where it has none (imported replies). Lines that are no session are passed
    over."""
    try:
        lines = (folder / "sessions.jsonl").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    rows = [row for line in lines if (row := _row(line))]
    if not rows:
        return None
    requests, costs = ([r[name] for r in rows if name in r] for name in ("requests", "cost"))
    return Sitting(
        run=folder.name,
        sessions=len(rows),
        replies=int(sum(r.get("asked", 0) for r in rows)),
        seconds=sum(r.get("seconds", 0.0) for r in rows),
        requests=int(sum(requests)) if requests else None,
        cost=sum(costs) if costs else None,
    )


def _row(line: str) -> dict[str, float]:
    """The numbers of one line."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(row, dict):
        return {}
    return {name: float(v) for name, v in row.items() if isinstance(v, int | float) and math.isfinite(v)}
