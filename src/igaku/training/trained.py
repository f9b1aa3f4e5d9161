"""What a finished training run leaves beside the weights: ``train.json``."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from igaku._version import __version__
from igaku.errors import IgakuError
from igaku.io.json_values import decode
from igaku.provenance import Origin
from igaku.training.config import Config


class Trained(Struct, kw_only=True):
    """``train.json``: everything needed to check, or repeat, a run."""

    igaku: str = __version__
    name: str
    config: Config
    origin: Origin
    sequences: int
    filled: float
    """Share of the sequences' tokens that is text."""
    notes: list[str] = []
    """What was noticed: rows left out or cut, documents not packed, what a chat template does."""
    parameters: int
    trained: int
    """Parameters that were trained."""
    updates: int
    tokens: int
    first_loss: float
    """Mean over the first tenth of the updates, in nats a token."""
    last_loss: float
    """Mean over the last tenth."""
    first_reward: float | None = None
    """Of runs by rewards: mean over the first tenth of the updates."""
    last_reward: float | None = None
    seconds: float
    per_second: float
    """Tokens."""
    mfu: float | None = None
    """Share of the GPU's peak that was used; None where the peak is not known."""
    versions: dict[str, str]
    machine: str
    commit: str = ""


def first_and_last(rows: Sequence[Mapping[str, float]], name: str) -> tuple[float, float]:
    """Means of the first and of the last tenth of a log's updates."""
    values = [float(r[name]) for r in rows]
    tenth = max(1, len(values) // 10)
    return sum(values[:tenth]) / tenth, sum(values[-tenth:]) / tenth


def read_trained(folder: str | Path) -> Trained:
    """The ``train.json`` of a folder.

    Raises:
        IgakuError: it is not found, or cannot be read.
    """
    file = Path(folder) / "train.json"
    if not file.exists():
        raise IgakuError(f"{folder}: no finished training run found (no train.json in it)")
    return decode(file, Trained, "a finished training run")
