"""``igaku show``."""

from typing import TYPE_CHECKING, Annotated

from typer import Option

from igaku.cli.glossary import explained
from igaku.cli.options import Json, Methods, OneRun, split
from igaku.cli.output import emit, say, show_table
from igaku.errors import IgakuError, UnknownNameError

if TYPE_CHECKING:
    from igaku.runs.store import Run
    from igaku.tables import Table

BY = ("year", "section", "kind")


def show(
    run: OneRun,
    method: Methods = "",
    by: Annotated[
        str, Option(help="Split each row: year, section (with its own score), or kind (of discrepancy).")
    ] = "",
    question: Annotated[
        str, Option(help="Show one question: stem, key, prompt, replies, a judge's votes, and what was read from them.")
    ] = "",
    json: Json = False,
) -> None:
    """Print a run's scores.

    With intervals, failures and baselines. Replies are graded afresh; no model is called.

    Example: igaku show runs/try --by section
    """
    from msgspec import to_builtins

    from igaku.runs.cut import cut_notes
    from igaku.runs.origins import origins_table
    from igaku.runs.results import kinds_table, parts_table
    from igaku.runs.sample_results import sample_results, sample_tables
    from igaku.runs.store import open_run

    if by and by not in BY:
        raise UnknownNameError("--by", by, BY)
    opened = open_run(run)
    if question:
        _question(opened, question, split(method), json)
        return
    rows = opened.results(split(method) or None)
    if json:
        samples = sample_results(opened, split(method) or None)
        emit({**opened.as_data(rows), **({"samples": to_builtins(samples)} if samples else {})})
    elif by:
        show_table(kinds_table(rows) if by == "kind" else _parts(parts_table(rows, by), by, opened))
    else:
        tables = [opened.table(rows), *sample_tables(sample_results(opened, split(method) or None))]
        tables += [origins] if (origins := origins_table(opened.manifest.tasks)) else []
        for table in tables:
            show_table(table)
        for line in [*(f"note: {note}" for note in cut_notes(opened)), *explained(tables)]:
            say(line)


def _parts(table: "Table", by: str, run: "Run") -> "Table":
    """The table, if there are such parts.

    Raises:
        IgakuError: no question of the run has one.
    """
    if not table.rows:
        raise IgakuError(f"--by {by}: no question of {run.path} has a {by}; leave it out, or take another --by")
    return table


def _question(run: "Run", id: str, methods: list[str], as_json: bool) -> None:
    from igaku.runs.one_question import find_question, question_data, question_table, question_text

    found = find_question(run, id, methods)
    if as_json:
        data = [question_data(items) for items in found]
        emit(data[0] if len(data) == 1 else {"questions": data})
        return
    for items in found:
        print(question_text(run, items))
        show_table(question_table(items))
