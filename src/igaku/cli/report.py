"""``igaku report``, ``igaku view`` and ``igaku publish-card``."""

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from typer import Argument, Option

from igaku.cli.output import emit, say, show_rows
from igaku.errors import IgakuError, UnknownNameError, optional

if TYPE_CHECKING:
    from igaku.studies.leaderboard import Standing

FORMATS = ("table", "md", "csv", "json", "parquet")
COLUMNS = (
    "benchmark",
    "language",
    "best_rank",
    "worst_rank",
    "respondent",
    "replies",
    "questions",
    "ways",
    "accuracy",
    "low",
    "high",
)
BEGIN, END = "<!-- igaku:leaderboard -->", "<!-- /igaku:leaderboard -->"


def report(
    runs: Annotated[list[Path], Argument(help="Runs, imported ones too.", metavar="RUN...")],
    method: Annotated[str | None, Option(help="One grading method for all; each run's own if left out.")] = None,
    format: Annotated[str, Option(help="table, md, csv, json or parquet.")] = "table",
    by: Annotated[str, Option(help="A row each `way` of asking, or each `model` over all its ways.")] = "way",
    out: Annotated[
        Path | None, Option(help="Write a static site to this folder (or with --format parquet: this file).")
    ] = None,
    into: Annotated[
        Path | None, Option(help=f"Put the Markdown table into this file, between {BEGIN} and {END}.")
    ] = None,
    title: Annotated[str, Option(help="The site's heading.")] = "",
) -> None:
    """A leaderboard: accuracy with its interval, and ranks that are ranges where a paired test cannot tell two apart.

    With --out a site that opens without a server: leaderboard, benchmarks, models, and every question with every reply.
    """
    if format not in FORMATS:
        raise UnknownNameError("--format", format, FORMATS)
    if by not in ("way", "model"):
        raise UnknownNameError("--by", by, ("way", "model"))
    if out and format != "parquet":
        from igaku.report.site import build_site

        built = build_site(runs, out, method, title)
        say(
            f"{built.pages} pages, {built.questions:,} questions, {built.replies:,} replies: open {built.path / 'index.html'}"
        )
        return
    from igaku.studies.leaderboard import leaderboard

    standings = leaderboard(runs, method, "model" if by == "model" else "way")
    if into:
        _insert(into, _markdown(standings))
    elif format == "parquet":
        _parquet(standings, out)
    else:
        _print(standings, format)


def _print(standings: list["Standing"], format: str) -> None:
    import msgspec

    if format == "json":
        emit({"standings": msgspec.to_builtins(standings)})
    elif format == "md":
        print(_markdown(standings))
    elif format == "csv":
        print(_csv(list(COLUMNS), [_flat(s) for s in standings]), end="")
    else:
        columns, rows = _rows(standings)
        show_rows(columns, rows, False, "standings")


def _flat(s: "Standing") -> list[Any]:
    return [s.benchmark, s.language, *s.ranks, s.respondent, s.origin, s.n, s.ways, s.accuracy, *s.ci95]


def _rows(standings: list["Standing"]) -> tuple[list[str], list[list[Any]]]:
    from igaku.tables import interval, percent

    columns = ["benchmark", "lang", "rank", "respondent", "replies", "questions", "accuracy", "95 %"]
    rows: list[list[Any]] = [
        [s.benchmark, s.language, s.rank, s.respondent, s.origin, s.n, percent(s.accuracy), interval(s.ci95)]
        for s in standings
    ]
    return columns, rows


def _markdown(standings: list["Standing"]) -> str:
    from igaku.tables import markdown_table, text_table

    return markdown_table(text_table("standings", *_rows(standings)))


def _insert(file: Path, text: str) -> None:
    from igaku.io.files import write_whole

    try:
        old = file.read_text(encoding="utf-8") if file.exists() else ""
    except UnicodeDecodeError:
        raise IgakuError(f"{file}: not UTF-8; convert it first") from None
    if old.count(BEGIN) != 1 or old.count(END) != 1 or old.index(BEGIN) > old.index(END):
        raise IgakuError(f"{file}: needs the line {BEGIN} and, after it, {END}, each once; the table goes between them")
    head, rest = old.split(BEGIN)
    write_whole(file, f"{head}{BEGIN}\n{text}\n{END}{rest.split(END)[1]}")
    say(f"written: {file}")


def _parquet(standings: list["Standing"], out: Path | None) -> None:
    pa, pq = optional("pyarrow", "parquet"), optional("pyarrow.parquet", "parquet")
    if out is None or out.is_dir():
        raise IgakuError("--format parquet writes a file: give --out FILE.parquet")
    columns = zip(*(_flat(s) for s in standings))
    pq.write_table(pa.table(dict(zip(COLUMNS, map(list, columns)))), out)
    say(f"written: {out}")


def _csv(columns: list[str], rows: list[list[Any]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows([columns, *rows])
    return out.getvalue()


def view(
    run: Annotated[Path, Argument(help="A run's folder.", metavar="RUN")],
    method: Annotated[str | None, Option(help="Grading method; the run's first if left out.")] = None,
    out: Annotated[Path | None, Option(help="Folder of the pages; RUN/site if left out.")] = None,
    open: Annotated[bool, Option("--open/--no-open", help="Open the page in a browser.")] = True,
) -> None:
    """Look at one run in the browser: its scores, and every question with what was asked, said and read."""
    import webbrowser

    from igaku.report.site import build_site

    index = build_site([run], out or run / "site", method, title=run.resolve().name).path / "index.html"
    opened = open and webbrowser.open(index.resolve().as_uri())
    say(f"{'opened' if opened else 'open it in a browser'}: {index}")


def publish_card(
    run: Annotated[Path, Argument(help="A run's folder.", metavar="RUN")],
    method: Annotated[
        str | None, Option(help="Methods, comma-separated; those the run was made for if left out.")
    ] = None,
) -> None:
    """Print a run's scores as evaluation results (model-index) for the head of a Hugging Face model card."""
    from igaku.report.card import card
    from igaku.runs.store import open_run

    print(card(open_run(run), method), end="")
