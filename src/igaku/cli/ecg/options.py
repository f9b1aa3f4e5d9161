"""Options that several ``igaku ecg`` commands share."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

Config = Annotated[
    str,
    Argument(
        help="A built-in config (tiny, sawano-2024, echonext, mimic-iv-echo, ptb-xl, code-15; of published encoders "
        "ecgfounder, ecg-fm, hubert-ecg, st-mem), or a .yaml file."
    ),
]
Set = Annotated[list[str] | None, Option("--set", metavar="NAME=VALUE", help="Change a setting; repeat for several.")]
Redo = Annotated[bool, Option("--redo", help="Do steps again whose inputs have changed, instead of refusing.")]
Records = Annotated[Path, Option(help="Prepared records (igaku ecg convert).")]
Rate = Annotated[float | None, Option(help="Samples per second, for files that do not say.")]
Unit = Annotated[str, Option(help="Unit of samples, for files that do not say: mV, uV, V, 1e-4V.")]
Without = Annotated[
    str,
    Option(
        help="Leave out records with these faults, comma-separated: unit, limb leads, reversed arms, same leads, "
        "standstill, noise, rail, gap, pacing ..."
    ),
]
Model = Annotated[Path, Option(help="A fitted model's folder.")]
LABEL = "age, sex, has:DIAGNOSIS, lvef<40, or any column; comma-separated yes-or-no labels make one model."
