"""``igaku demo``: a small real model on igaku's own questions, to a table of scores in a few minutes."""

from pathlib import Path
from typing import Annotated

from typer import Option

from igaku.cli.options import Limit
from igaku.cli.output import say, show_table

MODEL, BENCH, METHODS, MOST = "gemma-3-270m", "mini", ("letter-logprob", "letter"), 8


def demo(
    out: Annotated[Path, Option(help="Folder for what is answered.")] = Path("runs/demo"), limit: Limit = None
) -> None:
    """Ask a small model that comes as a package the questions that come with igaku; no GPU, no key, no download.

    The model is far too small for these questions: it shows what a table says, not what a model can do.

    Example: igaku demo
    """
    from igaku.cli.glossary import explained
    from igaku.cli.progress import Asking
    from igaku.runs.evaluate import evaluate_task
    from igaku.runs.specs import task_spec

    task = task_spec(method=METHODS, max_tokens=MOST, limit=limit)
    with Asking() as asking:
        run = evaluate_task(MODEL, [BENCH], task, out=out, on_plan=asking.plan, on_reply=asking.reply)
    table = run.table()
    show_table(table)
    for line in explained([table]):
        say(line)
    say(f"kept in {out}; next: igaku view {out} (questions and replies in the browser), igaku doctor, igaku eval -h")
