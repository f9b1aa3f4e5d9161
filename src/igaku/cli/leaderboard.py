"""``igaku leaderboard``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Option

from igaku.cli.options import Methods, Runs, report_options, split
from igaku.cli.output import say
from igaku.errors import IgakuError, UnknownNameError, optional

if TYPE_CHECKING:
    from igaku.tables import Report

BEGIN, END = "<!-- igaku:leaderboard -->", "<!-- /igaku:leaderboard -->"


@report_options
def leaderboard(
    runs: Runs,
    method: Methods = "",
    by: Annotated[
        str, Option(help="A row for each `model` over all its ways of being asked, or each `way`.")
    ] = "model",
    images: Annotated[
        bool, Option("--images", help="All questions, and only the models that were shown the pictures.")
    ] = False,
    into: Annotated[
        Path | None, Option(help=f"Put the Markdown table into this file, between {BEGIN} and {END}.")
    ] = None,
    parquet: Annotated[Path | None, Option(help="Write the table to this Parquet file.")] = None,
) -> "Report | None":
    """Rank models, with intervals and ranges of ranks.

    All numbers are over the same questions, graded by one method a model. A rank is a range where a paired test
    does not show a difference.

    Example: igaku leaderboard runs/* --format md
    """
    from igaku.studies.leaderboard import leaderboard as study

    if by not in ("model", "way"):
        raise UnknownNameError("--by", by, ("model", "way"))
    report = study(runs, method=split(method), by="way" if by == "way" else "model", images=images)
    if into:
        _insert(into, report)
    if parquet:
        _write_parquet(parquet, report)
    return None if into or parquet else report


def _insert(file: Path, report: "Report") -> None:
    from igaku.io.files import write_whole
    from igaku.io.read import read_text
    from igaku.tables import markdown_table

    old = read_text(file) if file.exists() else ""
    if old.count(BEGIN) != 1 or old.count(END) != 1 or old.index(BEGIN) > old.index(END):
        raise IgakuError(f"{file}: needs the line {BEGIN} and, after it, {END}, each once; the table goes between them")
    head, rest = old.split(BEGIN)
    text = "\n\n".join([*map(markdown_table, report.tables()), *report.notes()])
    write_whole(file, f"{head}{BEGIN}\n{text}\n{END}{rest.split(END)[1]}")
    say(f"written: {file}")


def _write_parquet(file: Path, report: "Report") -> None:
    from igaku.tables import flat

    pa, pq = optional("pyarrow", "parquet"), optional("pyarrow.parquet", "parquet")
    columns, rows = flat(report.tables()[0])
    pq.write_table(pa.table(dict(zip(columns, map(list, zip(*rows))))), file)
    say(f"written: {file}")
