"""``igaku exam``."""

from typing import TYPE_CHECKING, Annotated

from typer import Option

from igaku.cli.options import Methods, OneRun, report_options, split

if TYPE_CHECKING:
    from igaku.tables import Report


@report_options
def exam(
    run: OneRun,
    year: Annotated[str, Option(help="One exam by its year, e.g. 2018; all if left out.")] = "",
    method: Methods = "",
    difficulty: Annotated[
        bool, Option("--difficulty", help="Also accuracy on questions that people find hard to easy.")
    ] = False,
    marks: Annotated[
        str, Option(help="An exam.toml with the pass marks of your own questions; the run's own if left out.")
    ] = "",
) -> "Report":
    """Would it have passed the national exam?

    Points with intervals against the real pass marks (physicians 2018-2022, 2025, 2026; pharmacists 2012-2023; a third
    party's for ten licences 2020-2024), each condition met, not met or not known, and the probability that a like exam
    is passed.

    The verdict is an estimate, and is given only for a whole exam: 必修, 一般・臨床, 禁忌肢; 必須, total, subjects.

    Example: igaku exam runs/igakuqa --year 2018
    """
    from igaku.studies.exam import exam as study

    return study(run, year=year, method=split(method), difficulty=difficulty, marks=marks or None)
