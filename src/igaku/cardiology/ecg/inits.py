"""How a model is initialised, and whom an encoder may see."""

from collections.abc import Sequence
from typing import NamedTuple

from igaku.cardiology.ecg.config import Config
from igaku.cardiology.ecg.store import Prepared
from igaku.cardiology.ecg.tables import RecordRow, recurring
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
    "random probe": Init("vit", frozen=True),
    "from scratch": Init("vit"),
    "ResNet": Init("resnet"),
    "boosted tree": Init("tree"),
}


class Untested(NamedTuple):
    """What an encoder may see."""

    indices: list[int]
    """Of its records."""
    seen: dict[str, list[str]]
    """For its card: pseudonyms of its patients, and the hashes of its records."""


def untested(store: Prepared, divided: Sequence[Prepared], config: Config) -> Untested:
    """What an encoder may see: all of a store but the test patients of the sets that will be divided.

    A test record is known by its signal too: another table has other names.
    """
    tested = [s.rows[i] for s in divided for i in split(s.rows, config.seed, config.fold)[2]]
    gone = recurring(store.rows, {r.patient for r in tested}, [r.signal_hash for r in tested])
    rows = [(i, r) for i, r in enumerate(store.rows) if i not in gone]
    return Untested([i for i, _ in rows], seen_in([r for _, r in rows]))


SEEN, SEEN_RECORDS = "seen in pre-training", "records seen in pre-training"


def seen_in(rows: Sequence[RecordRow]) -> dict[str, list[str]]:
    """Two entries of an encoder's card."""
    return {SEEN: sorted({r.patient for r in rows}), SEEN_RECORDS: sorted({r.signal_hash for r in rows})}
