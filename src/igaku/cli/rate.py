"""``igaku rate export|import``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer import Argument, Option

from igaku.cli.options import Runs, report_options
from igaku.cli.output import say

if TYPE_CHECKING:
    from igaku.tables import Report

app = typer.Typer(no_args_is_help=True, help="Blinded rating sheets for physicians.")


@app.command()
def export(
    runs: Runs,
    out: Annotated[Path, Option(help="Folder for the sheets and the key.", show_default=False)],
    raters: Annotated[int, Option(min=1, help="How many physicians; each gets a sheet in an order of its own.")] = 2,
    seed: Annotated[int, Option(help="Seed of the order.")] = 0,
) -> None:
    """Write one CSV sheet a rater (models shuffled and unnamed) and key.json, which raters need not see.

    Example: igaku rate export runs/open --out sheets --raters 2
    """
    from igaku.studies.rate import export_sheets

    for path in export_sheets(runs, out, raters=raters, seed=seed):
        say(f"wrote {path}")
    say(f"wrote {out / 'key.json'}: keep it from the raters; filled sheets come back with: igaku rate import {out}")


@app.command("import")
@report_options
def import_(
    folder: Annotated[
        Path, Argument(help="The folder that `igaku rate export` wrote, sheets filled in.", show_default=False)
    ],
) -> "Report":
    """Read filled sheets: each model's score by each rater, Krippendorff's alpha, and the judge's against theirs.

    Example: igaku rate import sheets
    """
    from igaku.studies.rate import read_sheets

    return read_sheets(folder)
