"""AUROC that others report on these suites, with their sources; igaku has not run their models.

``published.csv`` holds them as printed: Strodthoff et al. give a point and the larger distance to an end of its
interval, Al-Masud et al. both ends. The splits of all but PTB-XL and EchoNext are the authors' own, so that their
numbers are for orientation there.
"""

import csv
from functools import cache
from importlib.resources import files
from typing import NamedTuple


class Reported(NamedTuple):
    """One published number."""

    suite: str
    task: str
    model: str
    auroc: str
    low: str
    high: str
    source: str

    @property
    def text(self) -> str:
        """The value with its interval, as ``Measure`` writes it."""
        return self.auroc + (f" ({self.low} to {self.high})" if self.low else "")


def reported(suite: str, task: str) -> list[Reported]:
    """What others report on one task, the best first."""
    return sorted((r for r in _all() if (r.suite, r.task) == (suite, task)), key=lambda r: r.auroc, reverse=True)


@cache
def _all() -> list[Reported]:
    text = files(__package__).joinpath("published.csv").read_text(encoding="utf-8")
    return [Reported(*row) for row in list(csv.reader(text.splitlines()))[1:]]
