"""``igaku judge``."""

from typing import Annotated

from typer import Option

from igaku.cli.options import EngineSettings, Json, OneRun, engine_options
from igaku.cli.output import emit, say, show_table


@engine_options
def judge(
    run: OneRun,
    model: Annotated[str, Option("--judge", help="The judge: as --model of `igaku eval`.", show_default=False)],
    settings: EngineSettings,
    votes: Annotated[int, Option(min=1, help="Votes a reply; every second one sees the points in reverse order.")] = 2,
    prompt: Annotated[str, Option(help="Template for a judge; judge stands for judge_ja or judge_en.")] = "judge",
    temperature: Annotated[
        float, Option(min=0.0, help="0 is greedy; more than two votes need more than 0 to differ.")
    ] = 0.0,
    max_tokens: Annotated[
        int | None, Option(min=1, help="Longest vote in tokens; the template's own if left out.")
    ] = None,
    json: Json = False,
) -> None:
    """Let a model judge a run's open answers.

    It reads them by their rubrics. Its votes are kept in the run; asked again, it goes on.

    Example: igaku judge runs/open --judge gemma-3-270m --votes 2
    """
    from msgspec import to_builtins

    from igaku.cli.progress import Asking
    from igaku.studies.judge import judge as study
    from igaku.studies.raters.two_judges import judge_sensitivity

    if votes > 2 and temperature == 0:
        say("note: at temperature 0 the third vote repeats the first; give --temperature, or --votes 2")
    with Asking() as asking:
        judged = study(
            run,
            model,
            votes=votes,
            prompt=prompt,
            temperature=temperature,
            max_tokens=max_tokens,
            on_plan=asking.plan,
            on_reply=asking.reply,
            **settings,
        )
    compared = judge_sensitivity(judged)
    if json:
        emit(judged.as_data() | ({"judges": to_builtins(compared)} if compared else {}))
        return
    show_table(judged.table())
    for table in compared.tables() if compared else ():
        show_table(table)
    for note in compared.notes() if compared else ():
        say(f"note: {note}")
    say("a judge is a model: compare it with physicians before trusting it (igaku rate export)")
