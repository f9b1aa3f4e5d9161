"""``igaku inflation``."""

from typing import TYPE_CHECKING, Annotated

from typer import Option

from igaku.cli.options import Methods, Runs, report_options, split

if TYPE_CHECKING:
    from igaku.tables import Report


@report_options
def inflation(
    runs: Runs,
    bench: Annotated[str, Option(help="The exam that may have been read, e.g. igakuqa-2022.", show_default=False)],
    like: Annotated[
        str, Option(help="A comparable one: another year, reworded or made-up questions.", show_default=False)
    ],
    suspect: Annotated[
        str, Option(help="Models to test, comma-separated; each in turn against the others if left out.")
    ] = "",
    reworded: Annotated[
        bool, Option("--reworded", help="LIKE has the same questions in other words, under the same ids.")
    ] = False,
    lang: Annotated[str, Option(help="Language of the questions.")] = "ja",
    method: Methods = "",
) -> "Report":
    """Is a score higher than the model's score on a like exam lets expect?

    The models of the other runs are the references: at least five, on both exams.

    Example: igaku inflation --bench jmle2026 --like igakuqa-2022 --suspect my-8b runs/*
    """
    from igaku.studies.inflation import inflation as study

    return study(bench, like, runs, suspects=split(suspect), reworded=reworded, lang=lang, method=split(method))
