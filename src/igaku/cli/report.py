"""``igaku report``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Option

from igaku.cli.options import Methods, Runs, split
from igaku.cli.output import checked_format, say, show
from igaku.errors import IgakuError

if TYPE_CHECKING:
    from collections.abc import Mapping


def report(
    runs: Runs,
    out: Annotated[
        Path | None, Option(help="Folder of the pages; with --format the file of the table.", show_default=False)
    ] = None,
    format: Annotated[
        str,
        Option(help="The table alone instead of pages: table, md, csv, json, html, latex, xlsx.", show_default=False),
    ] = "",
    method: Methods = "",
    title: Annotated[
        str, Option(help="The pages' heading, or the table's caption; an only exam's name if left out.")
    ] = "",
    pictures: Annotated[
        bool, Option("--pictures/--no-pictures", help="Copy the questions' pictures that a model was sent.")
    ] = True,
    letters_only: Annotated[
        bool, Option("--letters-only", help="No text of questions or replies: answers as letters, and verdicts.")
    ] = False,
    prices: Annotated[
        Path | None, Option(help='TOML table of your prices: ["MODEL"] with input and output, per million tokens.')
    ] = None,
    verified: Annotated[
        bool, Option("--verified", help="Take only runs whose claims hold (igaku verify), and show which.")
    ] = False,
) -> None:
    """Write a static site of runs; or with --format their table for a paper or a spreadsheet.

    The site opens without a server: leaderboard, benchmarks, models, and every question with every reply.

    The table is that of igaku leaderboard: accuracy with its interval, ranks as ranges, bold only for what a test
    shows to be the best.

    Example: igaku report runs/* --out site --title "Our models"

    Example: igaku report runs/* --format latex --out table.tex
    """
    if format or (out is not None and out.suffix.lower() in _endings()):
        _table(
            runs,
            out,
            format,
            method,
            title,
            {"--letters-only": letters_only, "--prices": prices, "--verified": verified},
        )
        return
    if out is None:
        raise IgakuError("give --out FOLDER for the pages, or --format latex (html, xlsx, md, csv) for their table")
    from igaku.report.site import build_site

    more = {"pictures": pictures, "letters_only": letters_only, "verified": verified}
    built = build_site(runs, out, split(method), title, prices=prices, **more)
    say(
        f"{built.pages} pages, {built.questions:,} questions, {built.replies:,} replies: open "
        f"{built.path / 'index.html'}"
    )


def _endings() -> "Mapping[str, str]":
    from igaku.tables import ENDINGS

    return ENDINGS


def _table(
    runs: list[Path], out: Path | None, format: str, method: str, title: str, of_pages: "Mapping[str, object]"
) -> None:
    """The runs' leaderboard as a table.

    Raises:
        IgakuError: an option that only the pages have.
    """
    if given := [name for name, value in of_pages.items() if value]:
        raise IgakuError(f"{given[0]} is for the pages; leave it out with --format")
    wanted = checked_format(format, file=out)
    from msgspec import UNSET

    from igaku.studies.leaderboard import leaderboard

    board = leaderboard(runs, method=split(method))
    board.title = title or UNSET
    show(board, wanted, out)
