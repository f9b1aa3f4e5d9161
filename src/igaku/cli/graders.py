"""``igaku graders``."""

from typing import TYPE_CHECKING, Annotated

from typer import Option

from igaku.cli.options import Runs, report_options, split

if TYPE_CHECKING:
    from igaku.tables import Report


@report_options
def graders(
    runs: Runs,
    method: Annotated[str, Option(help="Methods, comma-separated.")] = "letter,gestalt,exact,likelihood,letter-logprob",
) -> "Report":
    """Does the grader change the ranking?

    The same replies by several methods, over questions that all could grade.

    Example: igaku graders runs/a runs/b --method letter,gestalt
    """
    from igaku.studies.graders import graders as study

    return study(runs, method=split(method))
