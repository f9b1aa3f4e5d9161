"""``igaku years``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Option

from igaku.cli.options import Methods, Runs, report_options, split

if TYPE_CHECKING:
    from igaku.tables import Report

DATES = 'TOML table of dates: ["MODEL"] with cutoff or released as "YYYY-MM"; before models.toml and the catalog.'
PICTURE = "Also draw it: NAME.svg gives NAME.en.svg and NAME.ja.svg (igaku[site])."


@report_options
def years(
    runs: Runs,
    dates: Annotated[Path | None, Option(help=DATES)] = None,
    without: Annotated[str, Option(help="Models to leave out, comma-separated, e.g. student-majority.")] = "",
    method: Methods = "",
    picture: Annotated[Path | None, Option(help=PICTURE)] = None,
) -> "Report":
    """Is a model better on exams that are older than it? Held to people and to other models.

    A picture and no test: accuracy by exam year, before and after the model's date.

    Example: igaku years runs/* --dates dates.toml --picture years.svg
    """
    from igaku.studies.years import years as study

    report = study(*runs, dates=dates, without=split(without), method=split(method))
    if picture:
        from igaku.report.years import draw

        draw(report, picture)
    return report
