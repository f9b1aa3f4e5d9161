"""``igaku export``."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from igaku.cli.options import Json
from igaku.cli.output import emit, say


def export(
    format: Annotated[str, Argument(help="lm-eval.", show_default=False)],
    bench: Annotated[str, Option(help="A benchmark or slice, or your own .jsonl.", show_default=False)],
    out: Annotated[Path, Option(help="Folder for the task's YAML and JSONL.", show_default=False)],
    lang: Annotated[str | None, Option(help="One language; the benchmark's first if left out.")] = None,
    prompt: Annotated[str, Option(help="Template (a plain one, not a chat).")] = "standard",
    kind: Annotated[str, Option(help="likelihood (of the choices' texts), letters, or text.")] = "likelihood",
    json: Json = False,
) -> None:
    """Write a benchmark as a task of lm-eval.

    It runs there unchanged, with the prompts that igaku would send.

    Its samples come back with `igaku import lm-eval`, to be graded here and to stand in the same table.

    Example: igaku export lm-eval --bench igakuqa-2018 --lang ja --out tasks
    """
    from igaku.errors import UnknownNameError
    from igaku.runs.export import export_lm_eval

    if format != "lm-eval":
        raise UnknownNameError("format", format, ("lm-eval",))
    done = export_lm_eval(bench, out, lang=lang, prompt=prompt, kind=kind)
    if json:
        emit(done._asdict() | {"path": str(done.path)})
        return
    left = f"; {done.left_out} with several answers or none are left out" if done.left_out else ""
    say(f"wrote {done.path} ({done.questions} questions{left})")
    say(f"run it: lm_eval --include_path {out} --tasks {done.task} --log_samples --output_path OUT ...")
    say(f"import the replies: igaku import lm-eval OUT --bench {bench} --out runs/lm-eval")
