"""One YAML file says what a model is made of: signal, network, pre-training, fine-tuning, and the data set's table."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from msgspec import Struct, field
from msgspec.structs import replace

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
    """The input in patches."""

    leads: int = 12
    samples: int = 5000
    """Samples of each lead."""
    patch: int = 250
    """Samples of a patch."""

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
    """Mask ratio: the share of patches that the encoder does not see."""
    pos_embed: str = "joint"
    """Positional embedding: ``joint`` as in the paper, or ``split`` into lead and time."""
    decoder: tuple[int, int, int] = (512, 8, 16)
    """Width, blocks, heads."""

    def __post_init__(self) -> None:
        if self.size not in SIZES:
            raise UnknownNameError("size", self.size, SIZES)
        if self.pos_embed not in ("joint", "split"):
            raise UnknownNameError("pos_embed", self.pos_embed, ("joint", "split"))
        width, blocks, heads = self.decoder
        if self.patch < 1 or not 0 < self.ratio < 1 or blocks < 1 or heads < 1 or width < 1 or width % heads:
            raise IgakuError(
                f"network: patch {self.patch}, ratio {self.ratio:g}, decoder {list(self.decoder)}; give a patch of 1 "
                "or more, a ratio between 0 and 1, and a decoder's width that its heads divide"
            )


class Pretrain(Struct, forbid_unknown_fields=True):
    """Pre-training; MAE's own defaults (He et al. 2022), since the paper prints none."""

    epochs: int = 800
    warmup: int = 40
    """Epochs."""
    batch: int = 64
    lr: float = 1.5e-4
    """For 256 records an update; scaled with the batch."""
    weight_decay: float = 0.05
    objective: Literal["mae", "cmsc"] = "mae"
    """``mae``: hidden patches are predicted; ``cmsc``: two halves of a record stand against other patients'."""
    mask_leads: float = 0.0
    """Chance of a lead to be hidden as a whole."""

    def __post_init__(self) -> None:
        if self.epochs < 1 or self.batch < 1 or self.warmup < 0 or not self.lr > 0 or not 0 <= self.mask_leads < 1:
            raise IgakuError(
                "pretrain: epochs and batch are 1 or more, warmup 0 or more, lr above 0, mask_leads from 0 to below 1"
            )


class Finetune(Struct, forbid_unknown_fields=True):
    """How a head is fitted."""

    epochs: int = 50
    batch: int = 32
    lr: float = 1e-3
    weight_decay: float = 0.05
    layer_decay: float = 0.75
    """Factor of the learning rate from each block to the one below it."""
    frozen: bool = False
    """Only the head is trained (linear probe)."""
    repeat: int = 0
    """Another number: other first weights and another order of the same training patients."""
    patience: int = 10
    """Epochs without a better validation loss, after which training stops."""
    mask_leads: float = 0.0
    """Chance of a lead to be taken as missing in training; above 0 the model predicts from any leads, down to one."""

    def __post_init__(self) -> None:
        if self.epochs < 1 or self.batch < 2 or self.patience < 1 or not self.lr > 0 or not 0 <= self.mask_leads < 1:
            raise IgakuError(
                "finetune: epochs and patience are 1 or more, batch 2 or more, lr above 0, mask_leads from 0 to below 1"
            )


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
            raise IgakuError(f"fold {self.fold}; expected 0 to 4")

    @property
    def shape(self) -> Shape:
        """The input in patches.

        Raises:
            IgakuError: a record is not a whole number of patches.
        """
        c = self.contract
        if c.samples % self.network.patch:
            raise IgakuError(f"a record of {c.samples} samples cannot be cut into patches of {self.network.patch}")
        return Shape(len(c.leads), c.samples, self.network.patch)


def config_names() -> list[str]:
    """The built-in configs."""
    return configs.builtin_names(__package__, "configs")


def load_config(name: str, changes: Sequence[str] = ()) -> Config:
    """A built-in config, or a YAML file.

    Args:
        changes: ``finetune.lr=1e-4``, or ``fold=1``.

    Raises:
        IgakuError: not found, or a field or value that does not fit; the line says which.
    """
    return configs.load("ECG config", name, Config, __package__, "configs", changes)


def freeze_encoder(config: Config) -> Config:
    """The same config, where only the head is trained (linear probe), at three times the learning rate."""
    return replace(config, finetune=replace(config.finetune, frozen=True, lr=3 * config.finetune.lr))
