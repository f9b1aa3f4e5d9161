"""``igaku data list|get``."""

from typing import Annotated

import typer
from typer import Argument, Option

from igaku.cli.output import say, show_rows

app = typer.Typer(no_args_is_help=True, help="Benchmark files: where they are, and fetching them from upstream.")


@app.command("list")
def list_(json: Annotated[bool, Option("--json", help="One JSON object on stdout.")] = False) -> None:
    """Each benchmark's files and whether they are here."""
    from igaku.fetch import status

    show_rows(["benchmark", "files", "here", "bytes", "source"], status(), json, "data")


@app.command()
def get(
    names: Annotated[list[str], Argument(help="Benchmarks, e.g. igakuqa medqa.")],
    force: Annotated[bool, Option("--force", help="Fetch again even where the file is here.")] = False,
) -> None:
    """Fetch a benchmark's files from upstream, verified by size and SHA-256; continues a broken download."""
    from igaku.fetch import get as fetch

    for name in names:
        got, kept = fetch(name, force=force, on_file=say)
        say(f"{name}: {got} files fetched, {kept} were here already")
