"""What ``igaku reproduce`` needs of one project whose published results are recomputed from its files."""

from collections.abc import Callable
from typing import NamedTuple

from igaku.studies.published.figures import Difference, Figure


class Project(NamedTuple):
    """One project; each function raises IgakuError where a file that it needs is not found."""

    check: str
    """The name that its figures' ``check`` has."""
    figures: Callable[[], list[Figure]]
    """What it published; one figure that says so where its files are not found."""
    ours: Callable[[Figure], str]
    """A figure's value from the published replies."""
    differences: Callable[[], list[Difference]] = list
    """Single questions that its authors and igaku grade differently."""
