"""``igaku import``."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from igaku.cli.options import Json
from igaku.cli.output import emit, say, show_table

FORMAT = (
    "jsonl or csv (id, model, reply; also a JSON list), igakuqa (published reply files), "
    "igakuqa119 (answer JSON or grading CSV), "
    "jmle2026 (results of JMLE2026-Bench), igakuqa-evaluation (local models, 2022), "
    "j-clinicalbench (task by task: --bench j_clinicalbench-tnm), "
    "med-harness (JSONL of japanese-lm-med-harness), lm-eval (samples_*.jsonl), inspect (.json and .eval logs), "
    "lighteval or swallow (details_*.parquet), healthbench (replies with a judge's grades, as JBC has them)."
)
BENCH = "The benchmark they answer, e.g. igakuqa or igakuqa-2018, or a .jsonl, .csv or .xlsx of your own questions."
LANG = "Language of the questions where the files do not say it."
MODEL = "Only this model of several; or the name to give where the files hold none."
REPEATS = (
    "Which reply counts where a model has several to one question (two logs, epochs, repeats): refuse, first, last, "
    "separate (rows of their own), or samples (all count, each question once)."
)
COLUMNS = "For jsonl and csv: the file's own names of igaku's columns, e.g. reply=answer_text,id=question_id."
MODELS = "A models.toml with vendor, size, licence, year, url of each model; the one beside the replies if left out."
KEYS = "A file of keys (id, answer) that win over the benchmark's own, such as an official key that came later."
NEW_KEYS = "Let the benchmark's present keys replace others that the run was graded by."


def import_replies(
    format: Annotated[str, Argument(help=FORMAT, show_default=False)],
    path: Annotated[Path, Argument(help="A file, or a folder of them.", show_default=False)],
    bench: Annotated[str, Option(help=BENCH, show_default=False)],
    out: Annotated[Path, Option(help="Folder of the run; replies are added to one that exists.", show_default=False)],
    lang: Annotated[str | None, Option(help=LANG)] = None,
    model: Annotated[str | None, Option(help=MODEL)] = None,
    repeats: Annotated[str, Option(help=REPEATS)] = "refuse",
    keys: Annotated[Path | None, Option(help=KEYS, show_default=False)] = None,
    new_keys: Annotated[bool, Option("--new-keys", help=NEW_KEYS)] = False,
    columns: Annotated[str, Option(help=COLUMNS, show_default=False)] = "",
    models: Annotated[Path | None, Option(help=MODELS, show_default=False)] = None,
    json: Json = False,
) -> None:
    """Import replies that others recorded.

    They are graded by igaku's graders like any others.

    Example: igaku import igakuqa IgakuQA/baseline_results --bench igakuqa --lang ja --out runs/published
    """
    from igaku.runs.importers import import_run

    imported = import_run(
        format,
        path,
        bench=bench,
        out=out,
        lang=lang,
        model=model,
        repeats=repeats,
        new_keys=new_keys,
        columns=columns,
        models=models,
        keys=keys,
    )
    line = f"{imported.new} replies imported into {out}"
    if imported.left_out:
        line += f"; {imported.left_out} answer no question of {bench} and were left out"
    if imported.repeated:
        line += f"; {imported.repeated} do not count, since another reply to their question does"
    for one in (line, *imported.notes):
        say(one)
    run = imported.run
    if json:
        emit(run.as_data())
    else:
        show_table(run.table())
