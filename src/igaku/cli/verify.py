"""``igaku verify``."""

from pathlib import Path
from typing import Annotated

from typer import Exit, Option

from igaku.cli.options import Format, Json, OneRun, Save, split
from igaku.cli.output import checked_format, show


def verify(
    run: OneRun,
    bench: Annotated[str, Option(help="Files of own questions that it was asked, comma-separated.")] = "",
    suite: Annotated[str, Option(help="The YAML file of the suite that it names, where it is not igaku's own.")] = "",
    scores: Annotated[
        list[Path] | None,
        Option(help="A card, or the output of igaku show --json, to check too; several: give it again."),
    ] = None,
    keys: Annotated[
        Path | None, Option(help="The file of keys that it says it is graded by, where they are no benchmark's own.")
    ] = None,
    format: Format = "",
    json: Json = False,
    save: Save = None,
) -> None:
    """Which claims of a run's folder hold.

    Questions, keys, prompts, identity, verdicts, scores and the suite are computed again; no model is called. Exit code
    0: all that can be checked holds; 1: something does not; 2: no run, or a file that was
    given cannot be read.

    Example: igaku verify runs/try
    """
    from igaku.studies.verify import verify as study

    wanted = checked_format(format, json, save)
    report = study(run, bench=split(bench), suite=suite, scores=scores or [], keys=keys)
    show(report, wanted, save)
    if not report.holds:
        raise Exit(1)
