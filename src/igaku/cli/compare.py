"""``igaku compare``."""

from typing import TYPE_CHECKING, Annotated

from typer import Option

from igaku.cli.options import Methods, Runs, report_options, split

if TYPE_CHECKING:
    from igaku.tables import Report


@report_options
def compare(
    runs: Runs,
    method: Methods = "",
    by: Annotated[str, Option(help="One row a benchmark, section, category or year.")] = "benchmark",
    adjust: Annotated[str, Option(help="For many comparisons: holm (strict) or bh (false discovery rate).")] = "holm",
    margin: Annotated[
        float | None,
        Option(help="Points: also, is one not worse than the other by more than this? Are they equivalent?"),
    ] = None,
    looks: Annotated[
        bool, Option("--looks", help="The runs are still going on: interval and p hold however often you look.")
    ] = False,
    power: Annotated[float, Option(help="Power for the questions needed.")] = 0.8,
    efforts: Annotated[
        bool, Option("--efforts", help="Only the efforts of one model against each other, and efforts over models.")
    ] = False,
) -> "Report":
    """Is the difference between runs real?

    Paired tests on the questions that both were asked.

    Give two or more runs, or one with several models or prompts in it.

    Example: igaku compare runs/base runs/tuned --by section
    Example: igaku compare runs/base runs/tuned --margin 2
    Example: igaku compare runs/efforts --efforts
    """
    from igaku.studies.compare import compare as study

    return study(
        runs, method=split(method), by=by, adjust=adjust, margin=margin, looks=looks, power=power, efforts=efforts
    )
