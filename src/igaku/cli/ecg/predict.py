"""``igaku ecg predict``."""

from pathlib import Path
from typing import Annotated

from typer import Argument

from igaku.cli.ecg.options import Model, Rate, Unit
from igaku.cli.options import Json
from igaku.cli.output import show, tell_errors


def predict(
    files: Annotated[
        list[Path], Argument(help="ECGs of any format; FILE#ID where a file holds many.", metavar="FILE...")
    ],
    model: Model,
    rate: Rate = None,
    unit: Unit = "",
    json: Json = False,
) -> None:
    """A model's predictions for records. Research only: not for diagnosis or treatment.

    Example: igaku ecg predict record.xml --model runs/ecg/age
    """
    from igaku.cardiology.ecg.formats import files_of
    from igaku.cardiology.ecg.predict import predict_many

    found = predict_many([f for p in files for f in files_of(p)], model, rate, unit)
    if json or found.predictions:
        show(found, "json" if json else "table")
    tell_errors(found.errors, len(found.errors) < len(found.predictions))
