"""What a plan has found, as its report shows it."""

from msgspec import Struct

from igaku.cardiology.ecg.efficiency import Efficiency
from igaku.cardiology.ecg.evaluate import Comparison


class SetResult(Struct):
    """The models of one label on one set of records."""

    comparison: Comparison | None = None
    """None where the set could not be evaluated."""
    drawn: list[str] = []
    """Labels of which there is a picture."""
    error: str = ""
    """Why the set could not be evaluated."""


class LabelResult(Struct):
    """The models of one label."""

    label: str
    sets: dict[str, SetResult]
    pictures: list[str]
    """Of what predictions depend on; paths relative to the report."""
    repeats: dict[str, dict[str, list[float]]] = {}
    """Set -> initialisation -> the first measure of each repeat."""


class Results(Struct):
    """Everything that a plan's report shows, beside the records."""

    losses: list[float]
    """Mean loss of each epoch of pre-training; empty without."""
    labels: list[LabelResult]
    efficiency: dict[str, Efficiency]
    """Label -> its label efficiency."""
    flows: dict[str, str] = {}
    """Set of records -> picture of its cohort's flow, relative to the report."""
