"""``igaku data list|get``."""

from typing import Annotated

import typer
from typer import Argument, Option

from igaku.cli.output import say, show_rows
from igaku.errors import IgakuError

app = typer.Typer(no_args_is_help=True, help="Benchmark files: where they are, and fetching them from upstream.")


GET = "igaku data get "


@app.command("list")
def list_(json: Annotated[bool, Option("--json", help="One JSON object on stdout.")] = False) -> None:
    """Each benchmark's files and whether they are here."""
    from igaku.io.download import status

    show_rows(["benchmark", "files", "here", "bytes", "source"], status(), json, "data")


@app.command()
def get(
    names: Annotated[list[str], Argument(help="Benchmarks, e.g. igakuqa medqa, or names in the catalog.")],
    force: Annotated[bool, Option("--force", help="Fetch again even where the file is here.")] = False,
) -> None:
    """Fetch a benchmark's files from upstream, verified by size and SHA-256; continues a broken download."""
    from igaku.io.download import get as fetch

    for name in names:
        bench = _benchmark(name)
        got, kept = fetch(bench, force=force, on_file=say)
        say(f"{bench}: {got} files fetched, {kept} were here already")


def _benchmark(name: str) -> str:
    """The benchmark of that name, or the one by which an entry of the catalog is fetched; its licence is told."""
    from igaku.benchmarks import TABLE, family
    from igaku.catalog import find_data

    if family(name) in TABLE:
        return name
    entry = find_data(name)
    where, licence = entry.url or entry.paper or "its maker", entry.licence or "not known"
    if entry.fetch.startswith(GET):
        say(f"{entry.names[0]}: licence {licence}")
        return entry.fetch.removeprefix(GET)
    if entry.fetch == "signature":
        raise IgakuError(f"{entry.names[0]} is given out after an agreement is signed: {where}")
    raise IgakuError(f"igaku does not fetch {entry.names[0]}; get it from {where} (licence: {licence})")
