"""``igaku ecg cohort``."""

from pathlib import Path
from typing import Annotated

from typer import Option

from igaku.cli.ecg.options import Without
from igaku.cli.options import Json, split
from igaku.cli.output import show


def cohort(
    ecg: Annotated[Path, Option(help="CSV of ECGs: patient, date, path, note.")],
    echo: Annotated[Path, Option(help="CSV of echocardiograms: patient, date, lvef, method.")],
    out: Annotated[Path, Option(help="Table for `igaku ecg convert`.")],
    window: Annotated[int, Option(min=0, help="Most days between the two.")] = 30,
    index: Annotated[str, Option(help="first, last or all paired ECGs of a patient.")] = "first",
    ef_unit: Annotated[
        str, Option(help="Unit of lvef: auto, percent, fraction, or mixed (values up to 1 are fractions).")
    ] = "auto",
    config: Annotated[
        str, Option(help="The config that says what the tables call things (as mimic-iv-echo).")
    ] = "tiny",
    without: Without = "",
    picture: Annotated[Path | None, Option(help="Picture of the flow (.svg).")] = None,
    json: Json = False,
) -> None:
    """Pair ECGs with echocardiograms, and show who was left out where.

    Example: igaku ecg cohort --ecg ecg.csv --echo echo.csv --window 30 --out table.csv
    """
    from igaku.cardiology.ecg.cohort import pair_exams, read_exams, sound, write_table
    from igaku.cardiology.ecg.config import load_config
    from igaku.cardiology.ecg.flow import draw_flow, write_flow

    columns = load_config(config).source.columns
    exams = read_exams(ecg, "path", columns), read_exams(echo, "lvef", columns)
    pairs, flow = pair_exams(*exams, window, index, ef_unit=ef_unit)
    if without:
        pairs, flow = sound(pairs, flow, split(without))
    write_table(pairs, out)
    write_flow(flow, out)
    if picture:
        draw_flow(flow, f"{out.stem}: ECGs paired with echocardiograms", picture)
    show(flow, "json" if json else "table")
