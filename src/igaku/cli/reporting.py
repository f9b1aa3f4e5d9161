"""``igaku report`` and ``igaku publish-card``."""

import csv
import io
from pathlib import Path
from typing import Annotated, Any

from typer import Argument, Option

from igaku.cli.output import emit, show_rows
from igaku.errors import UnknownNameError

FORMATS = ("table", "md", "csv", "json")


def report(
    runs: Annotated[list[Path], Argument(help="Runs, imported ones too.", metavar="RUN...")],
    method: Annotated[str | None, Option(help="One grading method for all; each run's own if left out.")] = None,
    format: Annotated[str, Option(help="table, md, csv or json.")] = "table",
) -> None:
    """A leaderboard: accuracy with its interval, and ranks that are ranges where a paired test cannot tell two apart."""
    import msgspec

    from igaku.report.leaderboard import leaderboard
    from igaku.report.table import interval, percent, to_markdown

    if format not in FORMATS:
        raise UnknownNameError("--format", format, FORMATS)
    standings = leaderboard(runs, method)
    if format == "json":
        emit({"standings": msgspec.to_builtins(standings)})
        return
    columns = ["benchmark", "lang", "rank", "respondent", "replies", "questions", "accuracy", "95 %"]
    rows: list[list[Any]] = [
        [s.benchmark, s.language, str(s.ranks[0]) if s.ranks[0] == s.ranks[1] else f"{s.ranks[0]}–{s.ranks[1]}", s.respondent, s.origin, s.n,
         percent(s.accuracy), interval(s.ci95)]
        for s in standings
    ]  # fmt: skip
    if format == "md":
        print(to_markdown(columns, rows))
    elif format == "csv":
        print(_csv(["benchmark", "language", "best_rank", "worst_rank", "respondent", "replies", "questions", "accuracy", "low", "high"], [
            [s.benchmark, s.language, *s.ranks, s.respondent, s.origin, s.n, s.accuracy, *s.ci95] for s in standings
        ]), end="")  # fmt: skip
    else:
        show_rows(columns, rows, False, "standings")


def _csv(columns: list[str], rows: list[list[Any]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows([columns, *rows])
    return out.getvalue()


def publish_card(
    run: Annotated[Path, Argument(help="A run's folder.", metavar="RUN")],
    method: Annotated[
        str | None, Option(help="Methods, comma-separated; those the run was made for if left out.")
    ] = None,
) -> None:
    """Print a run's scores as evaluation results (model-index) for the head of a Hugging Face model card."""
    from igaku.report.card import card
    from igaku.run import open_run

    print(card(open_run(run), method), end="")
