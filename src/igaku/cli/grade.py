"""``igaku grade``."""

from pathlib import Path
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
    new_keys: Annotated[
        bool, Option("--new-keys", help="Take the benchmark's present keys into the run first.")
    ] = False,
    keys: Annotated[Path | None, Option(help="Take the keys of this file (id, answer) into the run first.")] = None,
    json: Json = False,
) -> None:
    """Grade a run's stored replies again.

    By other methods if you like, or by other keys (an official key that came later); the verdicts are kept. No model is
    called.

    Example: igaku grade runs/try --method letter,gestalt
    Example: igaku grade runs/try --keys official.csv
    """
    from igaku.runs.store import open_run
    from igaku.statistics import cells

    if new_keys or keys:
        from igaku.runs.rekey import rekey

        for note in rekey(run, keys):
            say(note)
    opened = open_run(run)
    methods = split(method) or (PUBLISHED if as_published else None)
    graded, waiting = opened.graded(methods, as_published=as_published)
    rows = cells(graded, waiting)
    say(f"verdicts kept in {opened.write_verdicts(graded)}")
    if json:
        emit(opened.as_data(rows))
    else:
        show_table(opened.table(rows))
