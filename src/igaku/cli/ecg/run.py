"""``igaku ecg run``."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from igaku.cli.ecg.options import Redo, Set
from igaku.cli.output import say


def run(
    plan: Annotated[Path, Argument(help="A plan (.yaml), as examples/ecg.yaml.")],
    out: Annotated[Path, Option(help="Folder for everything; what is done there from the same inputs stays.")],
    redo: Redo = False,
    changes: Set = None,
) -> None:
    """From records to a report: prepare, pre-train, fine-tune, test on own and external patients, compare, explain.

    Example: igaku ecg run examples/ecg.yaml --out runs/ecg-report
    """
    from igaku.cardiology.ecg.plan import run as work

    say(str(work(plan, out, say, redo=redo, changes=changes or ())))
