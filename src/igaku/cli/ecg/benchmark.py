"""``igaku ecg benchmark``."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from igaku.cli.ecg.options import Redo, Set
from igaku.cli.options import Json, split
from igaku.cli.output import say, show


def benchmark(
    suite: Annotated[
        str, Argument(help="ptb-xl, echonext, code-15, cpsc-2018, georgia, or chapman-shaoxing.", metavar="SUITE")
    ],
    folder: Annotated[Path, Argument(help="The data set's folder, as it is downloaded.", metavar="FOLDER")],
    out: Annotated[Path, Option(help="Folder for records, models and the table; what is done stays.")],
    tasks: Annotated[
        str, Option(help="Of PTB-XL: all, diagnostic, subdiagnostic, superdiagnostic, form, rhythm; comma-separated.")
    ] = "",
    inits: Annotated[str, Option(help="Initialisations, comma-separated: ResNet, boosted tree, pre-trained ...")] = "",
    config: Annotated[str, Option(help="Another config than the suite's: its signal and network.")] = "",
    encoder: Annotated[Path | None, Option(help="A pre-trained encoder.")] = None,
    redo: Redo = False,
    changes: Set = None,
    json: Json = False,
) -> None:
    """A benchmark of the field: macro AUROC with its interval over patients, beside those that others report.

    An encoder that has seen one of the test records, under any name, is refused.

    Example: igaku ecg benchmark ptb-xl ptb-xl/1.0.3 --tasks superdiagnostic --inits ResNet --out runs/ptb-xl
    """
    from igaku.cardiology.ecg.suites.benchmark import benchmark as run

    found = run(
        suite,
        folder,
        out,
        say,
        tasks=split(tasks),
        inits=split(inits),
        config=config,
        changes=changes or (),
        encoder=encoder,
        redo=redo,
    )
    show(found, "json" if json else "table")
