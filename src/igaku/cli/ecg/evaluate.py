"""``igaku ecg evaluate``."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from igaku.cli.ecg.options import Records, Without
from igaku.cli.options import Json, split
from igaku.cli.output import show


def evaluate(
    models: Annotated[
        list[Path], Argument(help="Fitted models' folders; the first is compared with each other.", metavar="MODEL...")
    ],
    records: Records,
    out: Annotated[
        Path | None, Option(help="Folder for measures, predictions, and pictures (ROC, calibration).")
    ] = None,
    without: Without = "",
    stress: Annotated[
        bool, Option("--stress", help="The first model with leads missing, noise, reversed arms, 2.5 seconds.")
    ] = False,
    json: Json = False,
) -> None:
    """Measures with 95 % intervals over patients, by sex and age; of several models also their differences.

    Patients that a model or its encoder has seen are left out.

    Example: igaku ecg evaluate runs/ecg/age runs/ecg/age-tree --records runs/ecg/external --out runs/ecg/outside
    """
    from igaku.cardiology.ecg.evaluate import compare, evaluate_all, write
    from igaku.cardiology.ecg.model import load
    from igaku.cardiology.ecg.store import Store

    if stress:
        from igaku.cardiology.ecg.stress import stress as run

        show(run(load(models[0]), Store(records), split(without)), "json" if json else "table")
        return
    found, names = evaluate_all([load(m) for m in models], Store(records), split(without)), [str(m) for m in models]
    if out:
        write(found, names, out)
    show(compare(found, names), "json" if json else "table")
