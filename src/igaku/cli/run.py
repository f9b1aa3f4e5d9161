"""``igaku run``."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from igaku.cli.output import say


def run(
    plan: Annotated[str, Argument(help="A .yaml file, or a built-in training chain (tiny).", metavar="PLAN")],
    out: Annotated[Path, Option(help="Folder for every step. The same command again goes on.")],
    changes: Annotated[
        list[str] | None, Option("--set", help="Change a field of the plan, e.g. --set mix.tokens=20000.")
    ] = None,
    redo: Annotated[
        bool, Option("--redo", help="Do the steps whose inputs have changed, and what follows from them, again.")
    ] = False,
    workers: Annotated[str, Option(help="Processes of a corpus's steps, or ray for a Ray cluster.")] = "1",
    contaminated: Annotated[
        bool,
        Option("--contaminated", help="Train on data that did not go through decontamination; stamped on every score."),
    ] = False,
) -> None:
    """Carry out a plan, each step once.

    An evaluation suite, a corpus, a training chain or an ECG experiment; its fields say which.

    Each step is kept in its own folder and done once. Plans to begin with: examples/*.yaml.

    Example: igaku run examples/evaluation.yaml --out runs/suite
    """
    from igaku.plans import run_plan

    page = run_plan(plan, out, say=say, redo=redo, changes=changes or (), workers=workers, contaminated=contaminated)
    say(f"read {page}")
