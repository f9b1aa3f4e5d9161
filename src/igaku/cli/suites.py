"""``igaku suites list|show``."""

from typing import TYPE_CHECKING, Annotated

import typer
from typer import Argument

from igaku.cli.options import Json, report_options
from igaku.cli.output import show_rows

if TYPE_CHECKING:
    from igaku.tables import Report

app = typer.Typer(no_args_is_help=True, help="Suites: benchmarks and ways of asking under one name and hash.")


@app.command("list")
def list_(json: Json = False) -> None:
    """All suites, their sizes and hashes, and whether they can be asked here.

    Example: igaku suites list
    """
    from igaku.runs.suite_report import suite_report
    from igaku.runs.suites import read_suite, suite_names

    rows: list[list[object]] = []
    for name in suite_names():
        benchmarks = dict.fromkeys(bench for task in read_suite(name).tasks for bench in task.bench)
        r = suite_report(name)
        shown, here = r.hash if json else r.hash[:12], "no" if r.missing else "yes"
        rows.append([r.name, r.version, r.title, ", ".join(benchmarks), r.requests or None, shown, here])
    show_rows(["name", "version", "what", "benchmarks", "questions", "hash", "here"], rows, json, "suites")


@app.command()
@report_options
def show(
    name: Annotated[str, Argument(help="A suite, or a YAML file of your own.", metavar="NAME", show_default=False)],
) -> "Report":
    """What is in a suite: sizes, licences, its hash, and which data are missing here.

    Example: igaku suites show ja-physician-2026
    """
    from igaku.runs.suite_report import suite_report

    return suite_report(name)
