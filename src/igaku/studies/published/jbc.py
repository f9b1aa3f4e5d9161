"""JBC's published scores of four models, from the grades in the same files."""

from functools import cache

from igaku.errors import IgakuError
from igaku.grading import Graded
from igaku.io.paths import find_data
from igaku.io.scratch import lasting_folder
from igaku.runs.importers import import_run
from igaku.statistics.aggregate import AGGREGATORS
from igaku.studies.published.figures import Figure


@cache
def _graded() -> dict[str, list[Graded]]:
    """Model -> verdicts."""
    found = find_data("jbc/results")
    if found is None:
        raise IgakuError("the published replies (jbc/results) are not here; put them under IGAKU_DATA")
    verdicts = import_run("healthbench", found, bench="jbc", out=lasting_folder()).run.grade("rubric")
    return {name: [g for key, g in verdicts if key.model == name] for name in {key.model for key, _ in verdicts}}


def jbc_score(figure: Figure) -> str:
    """Points met over the positive points (all five questions have as many), not below 0: ``overall_score``."""
    return f"{AGGREGATORS['healthbench'](_graded()[figure.model])['healthbench']:.1f}"


def jbc_mean(figure: Figure) -> str:
    """The mean over questions, each not below 0: ``normalized_score``."""
    return f"{AGGREGATORS['healthbench'](_graded()[figure.model])['rubric']:.1f}"
