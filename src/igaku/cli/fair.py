"""``igaku fair``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Option

from igaku.cli.eval import MODEL
from igaku.cli.options import EngineSettings, engine_options, report_options, split
from igaku.errors import IgakuError

if TYPE_CHECKING:
    from igaku.tables import Report


@report_options
@engine_options
def fair(
    settings: EngineSettings,
    runs: Annotated[
        list[Path] | None, Argument(help="Runs with several renderings, summarised together.", metavar="[RUN...]")
    ] = None,
    model: Annotated[str, Option(help=f"Ask this model first. {MODEL}")] = "",
    bench: Annotated[str, Option(help="One benchmark or slice.")] = "",
    out: Annotated[Path | None, Option(help="Folder of the run. The same command again continues it.")] = None,
    budget: Annotated[
        str, Option(help='"200 questions", "2M tokens" (prompts of all renderings), or "all".')
    ] = "200 questions",
    lang: Annotated[str, Option(help="Languages, comma-separated; all that the benchmark has if left out.")] = "",
    prompt: Annotated[str, Option(help="Templates, comma-separated; four that suit the method if left out.")] = "",
    order: Annotated[str, Option(help="Orders of the choices, comma-separated.")] = "rotations",
    method: Annotated[
        str, Option(help="letter-logprob when asking, each run's own when only reading, if left out.")
    ] = "",
    seed: Annotated[int, Option(help="Seed of the sample of questions.")] = 0,
) -> "Report":
    """One score over prompts, orders and languages.

    With its interval, and how much each of these changes the score.

    Example: igaku fair --model gemma-3-270m --bench igakuqa --out runs/fair
    """
    from igaku.cli.progress import Asking
    from igaku.studies.fair import fair as ask
    from igaku.studies.fair import summarise

    if not model:
        if not runs:
            raise IgakuError("give runs to summarise, or --model, --bench and --out to ask a model")
        return summarise(runs, method=split(method))
    if not bench or out is None:
        raise IgakuError("--model also needs --bench and --out")
    with Asking() as asking:
        report = ask(
            model,
            bench,
            out=out,
            budget=budget,
            lang=split(lang),
            prompt=split(prompt),
            order=split(order),
            method=method or "letter-logprob",
            seed=seed,
            on_plan=asking.plan,
            on_reply=asking.reply,
            **settings,
        )
    return summarise([out, *runs], method=split(method)) if runs else report
