"""``igaku report``."""

from pathlib import Path
from typing import Annotated

from typer import Option

from igaku.cli.options import Methods, Runs, split
from igaku.cli.output import say


def report(
    runs: Runs,
    out: Annotated[Path, Option(help="Folder of the site.", show_default=False)],
    method: Methods = "",
    title: Annotated[str, Option(help="The site's heading; an only exam's name if left out.")] = "",
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
    """Write a static site of runs.

    It opens without a server: leaderboard, benchmarks, models, and every question with every reply.

    The leaderboard alone, in a terminal or as Markdown, CSV, JSON or LaTeX: igaku leaderboard.

    Example: igaku report runs/* --out site --title "Our models"
    """
    from igaku.report.site import build_site

    more = {"pictures": pictures, "letters_only": letters_only, "verified": verified}
    built = build_site(runs, out, split(method), title, prices=prices, **more)
    say(
        f"{built.pages} pages, {built.questions:,} questions, {built.replies:,} replies: open "
        f"{built.path / 'index.html'}"
    )
