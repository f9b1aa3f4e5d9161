"""``igaku ecg inspect``."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from igaku.cli.ecg.options import Rate, Unit
from igaku.cli.options import Json
from igaku.cli.output import show, tell_errors


def inspect(
    files: Annotated[list[Path], Argument(help="Files or folders of any format.", metavar="FILE...")],
    picture: Annotated[Path | None, Option(help="Folder for a 12-lead picture of each on ECG paper.")] = None,
    layout: Annotated[str, Option(help="Of a picture: 3x4+1, 6x2, or 12x1.")] = "3x4+1",
    cabrera: Annotated[
        bool, Option("--cabrera", help="Limb leads in a picture as aVL, I, -aVR, II, aVF, III.")
    ] = False,
    pdf: Annotated[bool, Option("--pdf", help="Pictures as PDF instead of SVG.")] = False,
    identified: Annotated[bool, Option("--identified", help="Show the patient's name, number and birth too.")] = False,
    rate: Rate = None,
    unit: Unit = "",
    json: Json = False,
) -> None:
    """What a file is: format, leads, rate, length, age, sex, quality.

    Example: igaku ecg inspect record.xml --picture pictures/
    """
    from igaku.cardiology.ecg.inspection import Look, inspect_files
    from igaku.cardiology.ecg.sheet import sheet

    sheet(layout, cabrera)
    look = Look(layout, cabrera, ".pdf" if pdf else ".svg")
    found, errors = inspect_files(files, rate, picture, identified, look, unit)
    if json or found.records:
        show(found, "json" if json else "table")
    tell_errors(errors, bool(found.records))
