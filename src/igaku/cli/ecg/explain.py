"""``igaku ecg explain``."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from igaku.cli.ecg.options import Model, Rate, Unit
from igaku.cli.output import say


def explain(
    file: Annotated[Path, Argument(help="An ECG.")],
    model: Model,
    out: Annotated[Path, Option(help="Picture (.svg).")],
    label: Annotated[str, Option(help="Which of a model's labels; its first if left out.")] = "",
    rate: Rate = None,
    unit: Unit = "",
) -> None:
    """Shade what a prediction depends on: the patches that change it most when they are replaced.

    Example: igaku ecg explain record.xml --model runs/ecg/age --out explained.svg
    """
    from igaku.cardiology.ecg.explain import explain as run
    from igaku.cardiology.ecg.model import load

    say(str(run(file, load(model), out, rate, label, unit)))
