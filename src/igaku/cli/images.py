"""``igaku images``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Argument

from igaku.cli.options import Methods, report_options, split

if TYPE_CHECKING:
    from igaku.tables import Report


@report_options
def images(
    run_on: Annotated[Path, Argument(help="A run with pictures (--vision).", metavar="RUN_ON", show_default=False)],
    run_off: Annotated[
        Path, Argument(help="The same model's run without them.", metavar="RUN_OFF", show_default=False)
    ],
    method: Methods = "",
) -> "Report":
    """Do pictures help a model that sees?

    The same model, asked the same questions with their pictures and without: what was right only with them, only
    without them, both times, never; questions of text beside them as a control.

    Example: igaku images runs/on runs/off
    """
    from igaku.studies.images import images as study

    return study(run_on, run_off, method=split(method))
