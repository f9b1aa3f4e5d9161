"""``igaku data list|get|official``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer import Argument, Option

from igaku.cli.options import Json, report_options
from igaku.cli.output import emit, say, show_rows
from igaku.errors import IgakuError

if TYPE_CHECKING:
    from igaku.tables import Report

app = typer.Typer(no_args_is_help=True, help="Benchmark files: where they are, and download.")
GET = "igaku data get "


@app.command("list")
def list_(json: Json = False) -> None:
    """Each benchmark's files, and how many of them are on this machine.

    Example: igaku data list
    """
    from igaku.benchmarks.upstream import status

    show_rows(["benchmark", "files", "here", "bytes", "source"], status(), json, "data")


@app.command()
def get(
    names: Annotated[list[str], Argument(help="Benchmarks, e.g. igakuqa medqa, or names in the catalog.")],
    force: Annotated[bool, Option("--force", help="Download again even where the file already exists.")] = False,
    json: Json = False,
) -> None:
    """Download a benchmark's files from upstream, verified by size and SHA-256; a broken download continues.

    Example: igaku data get igakuqa medqa
    """
    from igaku.benchmarks.upstream import get as download

    done = []
    for name in names:
        bench = _benchmark(name)
        downloaded, present = download(bench, force=force, on_file=say)
        say(f"{bench}: {downloaded} files downloaded, {present} already existed")
        done.append({"benchmark": bench, "downloaded": downloaded, "present": present})
    if json:
        emit({"data": done})


@app.command()
@report_options
def official(
    folder: Annotated[Path, Argument(help="Holds one exam's PDFs: papers, picture books, key sheet.")],
    out: Annotated[Path, Option(help="A new folder for questions.jsonl and images.", show_default=False)],
    exam: Annotated[str, Option(help="The exam's number, put before the questions' names: 120 gives 120A1.")] = "",
    year: Annotated[str, Option(help="The exam's year, e.g. 2026.")] = "",
) -> "Report":
    """Read your own PDFs of an official exam into own questions with pictures, with a list of what a person must check.

    Example: igaku data official papers/120 --exam 120 --year 2026 --out exams/120
    """
    from igaku.benchmarks.official import read_official

    return read_official(folder, out, exam=exam, year=year)


def _benchmark(name: str) -> str:
    """The benchmark of that name, or the one by which an entry of the catalog is downloaded, whose licence is shown."""
    from igaku.benchmarks import TABLE, family
    from igaku.catalog import find_data

    if family(name) in TABLE:
        return name
    entry = find_data(name)
    source, licence = entry.url or entry.paper or "its maker", entry.licence or "not known"
    if entry.fetch.startswith(GET):
        say(f"{entry.names[0]}: licence {licence}")
        return entry.fetch.removeprefix(GET)
    if entry.fetch == "signature":
        raise IgakuError(f"{entry.names[0]} is given out after an agreement is signed: {source}")
    raise IgakuError(f"igaku does not download {entry.names[0]}; get it from {source} (licence: {licence})")
