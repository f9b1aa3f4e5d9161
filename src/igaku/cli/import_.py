"""``igaku import`` and ``igaku export``."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from igaku.cli.output import emit, say, show_table


def import_replies(
    format: Annotated[
        str,
        Argument(
            help="igakuqa (published reply files), igakuqa119 (answer JSON), med-harness (JSONL of japanese-lm-med-harness), lm-eval (samples_*.jsonl), inspect (logs), lighteval or swallow (details_*.parquet)."
        ),
    ],
    path: Annotated[Path, Argument(help="A file, or a folder of them.")],
    bench: Annotated[
        str,
        Option(help="The benchmark they answer, e.g. igakuqa or igakuqa-2018; for med-harness also your own .jsonl."),
    ],
    out: Annotated[Path, Option(help="Folder of the run to make or to add to.")],
    lang: Annotated[
        str | None, Option(help="Language of the questions where the files do not say it (med-harness).")
    ] = None,
    model: Annotated[
        str | None, Option(help="Only this model of several; or the name to give where the files hold none.")
    ] = None,
    json: Annotated[bool, Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Bring in replies that others recorded; they are graded by igaku's graders like any others."""
    from igaku.runs.importers import import_run

    run, new, left_out, repeated = import_run(format, path, bench=bench, out=out, lang=lang, model=model)
    say(
        f"{new} replies imported into {out}"
        + (f"; {left_out} answer no question of {bench} and were left out" if left_out else "")
        + (f"; {repeated} are second or later samples, kept and not graded" if repeated else "")
    )
    if json:
        emit(run.as_data())
    else:
        show_table(run.table())


def export(
    format: Annotated[str, Argument(help="lm-eval.")],
    bench: Annotated[str, Option(help="A benchmark or slice, or your own .jsonl.")],
    out: Annotated[Path, Option(help="Folder for the task's YAML and JSONL.")],
    lang: Annotated[str | None, Option(help="One language; the benchmark's first if left out.")] = None,
    prompt: Annotated[str, Option(help="Template (a plain one, no chat).")] = "standard",
    kind: Annotated[str, Option(help="likelihood (of the choices' texts), letters, or text.")] = "likelihood",
) -> None:
    """Write a benchmark as a task that lm-eval runs unchanged, with the prompts igaku would send.

    Its samples come back with `igaku import lm-eval`, to be graded here and to stand in the same table.
    """
    from igaku.errors import UnknownNameError
    from igaku.runs.export import export_lm_eval

    if format != "lm-eval":
        raise UnknownNameError("format", format, ("lm-eval",))
    done = export_lm_eval(bench, out, lang=lang, prompt=prompt, kind=kind)
    left = f"; {done.left_out} with several answers or none are left out" if done.left_out else ""
    say(f"wrote {done.path} ({done.questions} questions{left})")
    say(f"run it: lm_eval --include_path {out} --tasks {done.task} --log_samples --output_path OUT ...")
    say(f"bring it back: igaku import lm-eval OUT --bench {bench} --out runs/lm-eval")
