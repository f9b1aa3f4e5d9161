"""``igaku grade``."""

from typing import Annotated

from typer import Option

from igaku.cli.options import Json, Methods, OneRun, split
from igaku.cli.output import emit, say, show_table

PUBLISHED = ["letter", "exact", "gestalt"]


def grade(
    run: OneRun,
    method: Methods = "",
    as_published: Annotated[
        bool,
        Option(
            "--as-published",
            help="The published algorithm to the letter (letter: IgakuQA; exact, gestalt: med-harness). "
            "It need not pass its own gold.",
        ),
    ] = False,
    json: Json = False,
) -> None:
    """Grade a run's stored replies again.

    By other methods if you like; the verdicts are kept. No model is called.

    Example: igaku grade runs/try --method letter,gestalt
    """
    from igaku.runs.store import open_run
    from igaku.statistics import cells

    opened = open_run(run)
    methods = split(method) or (PUBLISHED if as_published else None)
    graded, waiting = opened.graded(methods, as_published=as_published)
    rows = cells(graded, waiting)
    say(f"verdicts kept in {opened.write_verdicts(graded)}")
    if json:
        emit(opened.as_data(rows))
    else:
        show_table(opened.table(rows))
