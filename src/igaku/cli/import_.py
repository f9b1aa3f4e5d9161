"""``igaku import``."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from igaku.cli.options import Json
from igaku.cli.output import emit, say, show_table

FORMAT = (
    "igakuqa (published reply files), igakuqa119 (answer JSON), med-harness (JSONL of japanese-lm-med-harness), "
    "lm-eval (samples_*.jsonl), inspect (logs), lighteval or swallow (details_*.parquet)."
)
BENCH = "The benchmark they answer, e.g. igakuqa or igakuqa-2018; for med-harness also your own .jsonl."
LANG = "Language of the questions where the files do not say it (med-harness)."
MODEL = "Only this model of several; or the name to give where the files hold none."


def import_replies(
    format: Annotated[str, Argument(help=FORMAT, show_default=False)],
    path: Annotated[Path, Argument(help="A file, or a folder of them.", show_default=False)],
    bench: Annotated[str, Option(help=BENCH, show_default=False)],
    out: Annotated[Path, Option(help="Folder of the run; replies are added to one that exists.", show_default=False)],
    lang: Annotated[str | None, Option(help=LANG)] = None,
    model: Annotated[str | None, Option(help=MODEL)] = None,
    json: Json = False,
) -> None:
    """Import replies that others recorded.

    They are graded by igaku's graders like any others.

    Example: igaku import igakuqa IgakuQA/baseline_results --bench igakuqa --lang ja --out runs/published
    """
    from igaku.runs.importers import import_run

    imported = import_run(format, path, bench=bench, out=out, lang=lang, model=model)
    line = f"{imported.new} replies imported into {out}"
    if imported.left_out:
        line += f"; {imported.left_out} answer no question of {bench} and were left out"
    if imported.repeated:
        line += f"; {imported.repeated} are second or later samples, kept and not graded"
    say(line)
    run = imported.run
    if json:
        emit(run.as_data())
    else:
        show_table(run.table())
