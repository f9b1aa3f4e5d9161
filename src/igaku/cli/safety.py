"""``igaku safety``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Argument

from igaku.cli.options import report_options

if TYPE_CHECKING:
    from igaku.tables import Report


@report_options
def safety(
    runs: Annotated[list[Path], Argument(help="Runs; those of one model are read together.", metavar="RUN...")],
) -> "Report":
    """Safe on harmful requests, and of use on harmless ones?

    Refusals in both directions with intervals, safety by turn of a conversation, each judge by its name and how far
    they agree. Replies that no judge has read are read by their words of refusal (a lower bound).

    Example: igaku safety runs/medsafety runs/harmless
    """
    from igaku.studies.safety import safety as study

    return study(runs)
