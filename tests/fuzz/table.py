"""The table of a fuzz run, and findings by what they have in common."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from .child import Outcome

COLUMNS = ("reader", "inputs", "refused", "read", "tracebacks", "hangs", "escapes", "slowest s", "peak MB")
BAD = ("traceback", "crash", "hang", "escape")


def rows(outcomes: Iterable[Outcome]) -> list[list[object]]:
    """One row a reader, and all of them; crashes of a process count as tracebacks."""
    every = list(outcomes)
    names = list(dict.fromkeys(o.reader for o in every))
    found = [_row(name, [o for o in every if o.reader == name]) for name in names]
    return [*found, _row("all", every)]


def _row(name: str, outcomes: Sequence[Outcome]) -> list[object]:
    n = Counter(o.what for o in outcomes)
    slowest, most = max((o.seconds for o in outcomes), default=0), max((o.peak for o in outcomes), default=0)
    bad = [n["traceback"] + n["crash"], n["hang"], n["escape"]]
    return [name, len(outcomes), n["refused"], n["read"], *bad, round(slowest, 1), most // 2**20]


def text(table: Sequence[Sequence[object]]) -> str:
    """The table for a terminal."""
    lines = [[*COLUMNS], *([str(v) for v in row] for row in table)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(COLUMNS))]
    return "\n".join(
        "  ".join(v.ljust(w) if not i else v.rjust(w) for i, (v, w) in enumerate(zip(line, widths))) for line in lines
    )


def kinds(outcomes: Iterable[Outcome]) -> dict[str, list[Outcome]]:
    """Findings by reader's command, what they are, and where, without their numbers and names."""
    found: dict[str, list[Outcome]] = {}
    for o in outcomes:
        if o.what in BAD:
            key = f"{o.command.split()[0]}: {o.what}: {re.sub(r'0x[0-9a-f]+|[0-9]+(?![0-9]*$)', 'N', o.detail)[-120:]}"
            found.setdefault(key, []).append(o)
    return found
