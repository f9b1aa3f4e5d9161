"""``igaku formats``."""

from typing import TYPE_CHECKING

from igaku.cli.options import Methods, OneRun, report_options, split

if TYPE_CHECKING:
    from igaku.tables import Report


@report_options
def formats(run: OneRun, method: Methods = "") -> "Report":
    """Compare formats of the same questions.

    With choices, open, and as statements, side by side.

    Ask them first: igaku eval ... --question-format open (and statements) into one run.

    Example: igaku formats runs/three-formats
    """
    from igaku.studies.formats import formats as study

    return study(run, method=split(method))
