"""``igaku ecg inspect``."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from igaku.cli.ecg.options import Rate
from igaku.cli.options import Json
from igaku.cli.output import show, tell_errors


def inspect(
    files: Annotated[list[Path], Argument(help="Files or folders of any format.", metavar="FILE...")],
    picture: Annotated[Path | None, Option(help="Folder for a 12-lead picture of each on ECG paper.")] = None,
    identified: Annotated[bool, Option("--identified", help="Show the patient's name, number and birth too.")] = False,
    rate: Rate = None,
    json: Json = False,
) -> None:
    """What a file is: format, leads, rate, length, age, sex, quality.

    Example: igaku ecg inspect record.xml --picture pictures/
    """
    from igaku.cardiology.ecg.inspection import inspect_files

    found, errors = inspect_files(files, rate, picture, identified)
    if json or found.records:
        show(found, "json" if json else "table")
    tell_errors(errors, bool(found.records))
