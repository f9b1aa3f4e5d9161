"""One YAML file says what a model is made of and from: signal, network, pre-training, fine-tuning, and how the data set's table is read."""

from typing import NamedTuple

import msgspec
import yaml
from msgspec import Struct, field

from igaku import configs
from igaku.cardiology.ecg.signal import Contract
from igaku.cardiology.ecg.tables import Source
from igaku.errors import IgakuError, UnknownNameError

SIZES = {
    "tiny": (96, 4, 4),
    "small": (384, 12, 6),
    "base": (768, 12, 12),
    "large": (1024, 24, 16),
    "huge": (1280, 32, 16),
}
"""Width, blocks, heads. ``tiny`` is ours, for processors."""


class Shape(NamedTuple):
    """Of the input, in patches."""

    leads: int = 12
    samples: int = 5000
    patch: int = 250

    @property
    def steps(self) -> int:
        """Patches a lead."""
        return self.samples // self.patch

    @property
    def tokens(self) -> int:
        """Patches of a record."""
        return self.leads * self.steps


class Network(Struct, forbid_unknown_fields=True):
    """The autoencoder."""

    size: str = "small"
    patch: int = 250
    """Samples; the paper's half second at 500 Hz."""
    ratio: float = 0.75
    places: str = "joint"
    """``joint`` as the paper, or ``split`` into lead and time."""
    decoder: tuple[int, int, int] = (512, 8, 16)

    def __post_init__(self) -> None:
        for what, given, known in (("size", self.size, SIZES), ("places", self.places, ("joint", "split"))):
            if given not in known:
                raise UnknownNameError(what, given, known)
        width, blocks, heads = self.decoder
        if self.patch < 1 or not 0 < self.ratio < 1 or blocks < 1 or heads < 1 or width < 1 or width % heads:
            raise IgakuError(
                f"network: patch {self.patch}, ratio {self.ratio:g}, decoder {list(self.decoder)}; give a patch of 1 or more, a ratio between 0 and 1, and a decoder's width that its heads divide"
            )


class Pretrain(Struct, forbid_unknown_fields=True):
    """MAE's own defaults (He et al. 2022), since the paper prints none."""

    epochs: int = 800
    warmup: int = 40
    batch: int = 64
    lr: float = 1.5e-4
    """For 256 records an update; scaled with the batch."""
    weight_decay: float = 0.05

    def __post_init__(self) -> None:
        if self.epochs < 1 or self.batch < 1 or self.warmup < 0 or not self.lr > 0:
            raise IgakuError("pretrain: epochs and batch are 1 or more, warmup 0 or more, lr above 0")


class Finetune(Struct, forbid_unknown_fields=True):
    """How a head is fitted."""

    epochs: int = 50
    batch: int = 32
    lr: float = 1e-3
    weight_decay: float = 0.05
    layer_decay: float = 0.75
    """Each block learns so much slower than the one above."""
    frozen: bool = False
    """Only the head learns (linear probe)."""
    patience: int = 10
    """Epochs without a better validation loss."""

    def __post_init__(self) -> None:
        if self.epochs < 1 or self.batch < 2 or self.patience < 1 or not self.lr > 0:
            raise IgakuError("finetune: epochs and patience are 1 or more, batch 2 or more, lr above 0")


class Config(Struct, forbid_unknown_fields=True):
    """One YAML file."""

    about: str = ""
    contract: Contract = field(default_factory=Contract)
    network: Network = field(default_factory=Network)
    pretrain: Pretrain = field(default_factory=Pretrain)
    finetune: Finetune = field(default_factory=Finetune)
    label: str = ""
    source: Source = field(default_factory=Source)
    """How the data set's table is read."""
    seed: int = 0
    fold: int = 0
    """0 to 4: which fifth of the patients is the test part, so that five models test every patient once."""

    def __post_init__(self) -> None:
        if not 0 <= self.fold <= 4:
            raise IgakuError(f"fold {self.fold}; write 0 to 4")

    @property
    def shape(self) -> Shape:
        """The input in patches."""
        c = self.contract
        if c.samples % self.network.patch:
            raise IgakuError(f"a record of {c.samples} samples cannot be cut into patches of {self.network.patch}")
        return Shape(len(c.leads), c.samples, self.network.patch)


def config_names() -> list[str]:
    """The shipped configs."""
    return configs.builtin_names(__package__, "configs")


def load_config(name: str) -> Config:
    """A shipped config, or a YAML file."""
    text = configs.config_text("ECG config", name, __package__, "configs")
    try:
        made = msgspec.convert(yaml.safe_load(text), Config)
    except (yaml.YAMLError, msgspec.ValidationError) as error:
        raise IgakuError(f"{name}: cannot be read as an ECG config ({' '.join(str(error).split())[:200]})") from None
    return made
