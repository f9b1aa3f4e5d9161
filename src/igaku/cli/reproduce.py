"""``igaku reproduce``."""

from typing import TYPE_CHECKING

from igaku.cli.options import report_options

if TYPE_CHECKING:
    from igaku.tables import Report


@report_options
def reproduce() -> "Report":
    """Recompute published figures.

    From raw replies at hand; or why not.

    Example: igaku reproduce --format md
    """
    from igaku.studies.reproduce import reproduce as study

    return study()
