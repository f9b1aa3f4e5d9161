"""How a model is initialised, and whom an encoder may see."""

from collections.abc import Sequence
from typing import NamedTuple

from igaku.cardiology.ecg.config import Config
from igaku.cardiology.ecg.store import Prepared
from igaku.cardiology.ecg.targets import split

FRACTIONS = (0.01, 0.05, 0.1, 0.5, 1.0)
"""Shares of the training labels in a study of label efficiency."""


class Init(NamedTuple):
    """One way to begin."""

    kind: str
    """``vit``, ``resnet`` or ``tree``."""
    pretrained: bool = False
    """Begins with the pre-trained encoder."""
    frozen: bool = False
    """The encoder stays as it is, and only the head is trained."""


INITS = {
    "pre-trained": Init("vit", pretrained=True),
    "linear probe": Init("vit", pretrained=True, frozen=True),
    "from scratch": Init("vit"),
    "ResNet": Init("resnet"),
    "boosted tree": Init("tree"),
}


def untested(store: Prepared, divided: Sequence[Prepared], config: Config) -> tuple[list[int], list[str]]:
    """What an encoder may see: all of a store but the test patients of the sets that will be divided.

    Returns:
        Indices of the records, and the pseudonyms of their patients.
    """
    tested = {s.rows[i].patient for s in divided for i in split(s.rows, config.seed, config.fold)[2]}
    indices = [i for i, r in enumerate(store.rows) if r.patient not in tested]
    return indices, sorted({store.rows[i].patient for i in indices})
