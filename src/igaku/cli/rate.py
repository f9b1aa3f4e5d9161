"""``igaku rate export|import``."""

from pathlib import Path
from typing import Annotated

import typer
from typer import Argument, Option

from igaku.cli.output import emit, say, show_rows

app = typer.Typer(no_args_is_help=True, help="Blinded sheets for physicians: out, back, and how far they agree.")


@app.command()
def export(
    runs: Annotated[list[Path], Argument(help="Run folders with answers to open questions.", metavar="RUN...")],
    out: Annotated[Path, Option(help="Folder for the sheets and the key.")],
    raters: Annotated[int, Option(min=1, help="How many physicians; each gets a sheet in an order of its own.")] = 2,
    seed: Annotated[int, Option(help="Seed of the order.")] = 0,
) -> None:
    """Write one CSV sheet a rater (models shuffled and unnamed) and key.json, which raters need not see."""
    from igaku.studies.rate import export as write

    for path in write(runs, out, raters=raters, seed=seed):
        say(f"wrote {path}")
    say(f"wrote {out / 'key.json'}: keep it from the raters; filled sheets come back with: igaku rate import {out}")


@app.command("import")
def import_(
    folder: Annotated[Path, Argument(help="The folder that `igaku rate export` wrote, sheets filled in.")],
    json: Annotated[bool, Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Read filled sheets: each model's score by each rater, Krippendorff's alpha, and the judge's against theirs."""
    from igaku.studies.rate import read

    ratings = read(folder)
    if json:
        emit(ratings._asdict())
        return
    rows = [
        [r["model"], r["benchmark"], r["by"], r["answers"], r["rated"], f"{r['score']:.3f}"] for r in ratings.scores
    ]
    show_rows(["model", "benchmark", "by", "answers", "rated", "score"], rows, False, "scores")
    shown = [[r["who"], r["marks"], _number(r["same"]), _number(r["alpha"])] for r in ratings.agreement]
    show_rows(["agreement of", "marks", "all the same", "alpha"], shown, False, "agreement")
    if ratings.missing:
        say(f"{ratings.missing} marks are blank; answers not marked in full are left out of that rater's score")


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
