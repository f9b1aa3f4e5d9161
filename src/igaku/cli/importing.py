"""``igaku import``."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from igaku.cli.output import emit, say, show_table


def import_replies(
    format: Annotated[str, Argument(help="igakuqa (published reply files), igakuqa119 (answer JSON), med-harness (JSONL of japanese-lm-med-harness).")],
    path: Annotated[Path, Argument(help="A file, or a folder of them.")],
    bench: Annotated[str, Option(help="The benchmark they answer, e.g. igakuqa or igakuqa-2018; for med-harness also your own .jsonl.")],
    out: Annotated[Path, Option(help="Folder of the run to make or to add to.")],
    lang: Annotated[str | None, Option(help="Language of the questions where the files do not say it (med-harness).")] = None,
    model: Annotated[str | None, Option(help="Only this model of several; or the name to give where the files hold none.")] = None,
    json: Annotated[bool, Option("--json", help="One JSON object on stdout.")] = False,
) -> None:  # fmt: skip
    """Bring in replies that others recorded; they are graded by igaku's graders like any others."""
    from igaku.imports import import_run
    from igaku.report.table import results_table

    run, new, left_out = import_run(format, path, bench=bench, out=out, lang=lang, model=model)
    say(
        f"{new} replies imported into {out}"
        + (f"; {left_out} answer no question of {bench} and were left out" if left_out else "")
    )
    if json:
        emit(run.as_data())
    else:
        show_table(results_table(run, run.cells))
