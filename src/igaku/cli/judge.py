"""``igaku judge``."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from igaku.cli.output import emit, say, show_table


def judge(
    run: Annotated[Path, Argument(help="A run's folder, with answers to open questions in it.", metavar="RUN")],
    model: Annotated[str, Option("--judge", help="The judge: embedded name, .gguf file, folder, or hub id.")],
    votes: Annotated[int, Option(min=1, help="Votes a reply; every second one sees the points in reverse order.")] = 2,
    prompt: Annotated[str, Option(help="Template for a judge; judge stands for judge_ja or judge_en.")] = "judge",
    temperature: Annotated[float, Option(min=0.0, help="0 is greedy; more than two votes need more than 0 to differ.")] = 0.0,
    engine: Annotated[str, Option(help="auto, llamacpp, transformers.")] = "auto",
    json: Annotated[bool, Option("--json", help="One JSON object on stdout instead of the table.")] = False,
) -> None:  # fmt: skip
    """Let a model judge a run's open answers by their rubrics. Its votes are kept in the run; asked again, it goes on.

    Example: igaku judge runs/open --judge gemma-3-270m --votes 2
    """
    from igaku.runs.results import results_table
    from igaku.studies.judge import judge_run

    if votes > 2 and temperature == 0:
        say("note: at temperature 0 the third vote repeats the first; give --temperature, or --votes 2")
    judged = judge_run(run, model, votes=votes, prompt=prompt, temperature=temperature, engine=engine)
    if json:
        emit(judged.as_data())
        return
    show_table(results_table(judged, judged.cells))
    say("a judge is a model: compare it with physicians before trusting it (igaku rate export)")
