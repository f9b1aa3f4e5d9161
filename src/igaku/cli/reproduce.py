"""``igaku reproduce``."""

from collections import Counter
from typing import Annotated

from typer import Option

from igaku.cli.output import emit, say, show_rows


def reproduce(json: Annotated[bool, Option("--json", help="One JSON object on stdout.")] = False) -> None:
    """Published figures: reproduced from raw replies at hand, or not, and why."""
    import msgspec

    from igaku.studies.reproduce import reproduce as check

    rows = check()
    if json:
        emit({"figures": msgspec.to_builtins(rows)})
        return
    show_rows(
        ["benchmark", "model", "figure", "published", "ours", "status", "why", "source"],
        [[f.benchmark, f.model, f.what, f.value, f.ours, f.status, f.why, f.source] for f in rows],
        False,
        "figures",
    )
    say(", ".join(f"{n} {status}" for status, n in Counter(f.status for f in rows).items()))
