"""``igaku rank-benchmarks``."""

from typing import TYPE_CHECKING

from igaku.cli.options import Methods, Runs, report_options, split

if TYPE_CHECKING:
    from igaku.tables import Report


@report_options
def rank_benchmarks(runs: Runs, method: Methods = "") -> "Report":
    """Do benchmarks rank models alike?

    Kendall's tau between benchmarks (and formats of the same questions) over the models run.

    Example: igaku rank-benchmarks runs/*
    """
    from igaku.studies.rank_benchmarks import rank_benchmarks as study

    return study(runs, method=split(method))
