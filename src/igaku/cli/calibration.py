"""``igaku calibration``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Option

from igaku.cli.options import Methods, Runs, report_options, split

if TYPE_CHECKING:
    from igaku.tables import Report

PICTURE = "Also draw it: NAME.svg gives NAME.en.svg and NAME.ja.svg (igaku[site])."


@report_options
def calibration(
    runs: Runs,
    bins: Annotated[int, Option(help="Bins of the calibration error and of the table.")] = 10,
    method: Methods = "",
    picture: Annotated[Path | None, Option(help=PICTURE)] = None,
) -> "Report":
    """Is a model as often right as it says?

    From the probabilities of letters (--method letter-logprob), the confidence that a reply states (--prompt
    confidence, or imported), or the agreement of samples (--samples 8): calibration error with its bias, Brier's
    score, and whether confidence is higher where the answer is right.

    Example: igaku calibration runs/sure --bins 10
    """
    from igaku.studies.calibration import calibration as study

    report = study(*runs, method=split(method), bins=bins)
    if picture:
        from igaku.report.calibration import draw

        draw(report, picture)
    return report
