"""``igaku reproduce``."""

from typing import TYPE_CHECKING, Annotated

from typer import Option

from igaku.cli.options import report_options, split

if TYPE_CHECKING:
    from igaku.tables import Report


@report_options
def reproduce(
    bench: Annotated[str, Option(help="Only figures of these benchmarks, comma-separated.")] = "",
) -> "Report":
    """Recompute published figures.

    From raw replies at hand; or why not.

    Example: igaku reproduce --format md
    """
    from igaku.studies.reproduce import reproduce as study

    return study(split(bench))
