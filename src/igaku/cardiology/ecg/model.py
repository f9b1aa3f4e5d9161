"""A fitted model and its folder, where the signal contract is saved beside the weights."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import msgspec
import numpy as np
from msgspec import Struct, field
from msgspec.structs import replace

from igaku.cardiology import RESEARCH
from igaku.cardiology.ecg.config import Config
from igaku.cardiology.ecg.encoders.published import PUBLISHED
from igaku.cardiology.ecg.features import NAMES, features
from igaku.cardiology.ecg.signal import Contract
from igaku.cardiology.ecg.store import Prepared, Signals
from igaku.cardiology.ecg.targets import parts_of
from igaku.cardiology.ecg.trees import read_tree
from igaku.cardiology.networks import device, meta_device, read_weights, write_weights
from igaku.errors import IgakuError, UnknownNameError
from igaku.io.files import write_json
from igaku.io.json_values import decode

if TYPE_CHECKING:
    from lightgbm import Booster
    from torch import Tensor, nn

    from igaku.cardiology.arrays import Floats, Ints
    from igaku.cardiology.ecg.mae import Features

KINDS = ("vit", "resnet", "tree", *PUBLISHED)
VALIDATED = "validation patients"
"""Entry of a card."""
Card = dict[str, Any]
"""``ecg.json``: the fields of ``Fitted``, and what else is known of a model."""


class Validated(Struct):
    """What validation patients say of one label's predictions."""

    groups: list[tuple[float, int, int]] = []
    """(greatest probability, records, positives) of equal groups by probability."""
    recalibration: tuple[float, float] | None = None
    """Slope and intercept of the logistic line that recalibrates probabilities; None where there were too few."""
    margin: float | None = None
    """Of a number: half the width of its 95 % prediction interval (split conformal); None with fewer than 19."""


class Fitted(Struct, kw_only=True):
    """A model with a head for one label or several."""

    config: Config
    label: str
    binary: bool
    kind: str
    """One of ``KINDS``."""
    scaling: list[tuple[float, float]] = field(name="centre")
    """Mean and deviation of each number in training; (0, 1) for yes-or-no labels."""
    network: "nn.Module | list[Booster]"
    """A torch module, or one LightGBM booster a label."""
    card: Card = {}
    """What else is known: measures, thresholds, whether pre-trained, the patients it was fitted to."""

    @property
    def train_means(self) -> list[float]:
        """The mean of each number in training; empty for yes-or-no labels."""
        return [] if self.binary else [m for m, _ in self.scaling]

    @property
    def validated(self) -> list[Validated]:
        """What validation patients say of each label; empty of models of older versions."""
        return msgspec.convert(self.card.get(VALIDATED, []), list[Validated])

    @property
    def parts(self) -> list[str]:
        """Its labels."""
        return parts_of(self.label)

    @property
    def takes_subsets(self) -> bool:
        """Whether it predicts from any leads."""
        return takes_subsets(self.kind, self.config)

    @property
    def contract(self) -> Contract:
        """How a record is prepared for it, with all leads or with those it has."""
        return replace(self.config.contract, lacking=self.takes_subsets)

    @property
    def module(self) -> "nn.Module":
        """The network of a ``vit`` or ``resnet``."""
        return cast("nn.Module", self.network)

    def predict(self, records: Prepared, indices: Sequence[int]) -> "Floats":
        """float32 [n, labels]: probabilities, or numbers in the label's own unit."""
        if isinstance(self.network, list):
            rows = feature_rows(records, indices)
            return np.stack([np.asarray(b.predict(rows), np.float32) for b in self.network], 1)
        return self.in_unit(forward(self.network, records.signals, indices))

    def in_unit(self, out: "Floats") -> "Floats":
        """A network's outputs [n, labels] as probabilities, or as numbers in the label's unit."""
        if self.binary:
            probabilities: Floats = 1 / (1 + np.exp(-out))
            return probabilities
        means, deviations = np.array(self.scaling, np.float32).T
        numbers: Floats = out * deviations + means
        return numbers

    def save(self, out: Path) -> None:
        """Write ``ecg.json`` and the weights: safetensors, or LightGBM's text."""
        out.mkdir(parents=True, exist_ok=True)
        if isinstance(self.network, list):
            for i, booster in enumerate(self.network):
                (out / f"tree-{i}.txt").write_text(booster.model_to_string(), encoding="utf-8")
        else:
            write_weights(self.network, out / "head.safetensors")
        own = {"label": self.label, "binary": self.binary, "kind": self.kind, "centre": self.scaling}
        write_card(out, self.config, own | self.card)


class _Head(Struct, kw_only=True):
    """The fields of ``ecg.json`` that a fitted model needs."""

    config: Config
    label: str
    binary: bool
    kind: str
    scaling: list[tuple[float, float]] = field(name="centre")


def new_network(kind: str, config: Config, outputs: int, encoder: "Features | None" = None) -> "nn.Module":
    """An untrained network of a kind; around ``encoder`` where one is given."""
    from igaku.cardiology.ecg.mae import Encoder, Head, ResNet

    if kind == "resnet":
        return ResNet(outputs, len(config.contract.leads), config.contract.samples, subsets=takes_subsets(kind, config))
    if kind in PUBLISHED:
        return Head(encoder or PUBLISHED[kind].build(), outputs)
    n = config.network
    return Head(encoder or Encoder(n.size, config.shape, n.pos_embed), outputs)


def takes_subsets(kind: str, config: Config) -> bool:
    """Whether a model was fitted with leads masked, so that a missing lead has a meaning for it."""
    able = PUBLISHED[kind].subsets if kind in PUBLISHED else kind != "tree"
    return able and config.finetune.mask_leads > 0


def refuse_other_form(store: Prepared, config: Config, kind: str = "tree") -> None:
    """Pass where the records were prepared as the model's contract says.

    Raises:
        IgakuError: they were not, or they may lack leads and the model was not fitted for that.
    """
    if store.contract.whole != config.contract.whole:
        raise IgakuError(
            "the records were prepared in another form than the model's contract; "
            "prepare them with its config (igaku ecg convert --config)"
        )
    if store.contract.lacking and not takes_subsets(kind, config):
        raise IgakuError(
            "these records may lack leads, which only a model fitted with finetune.mask_leads reads; "
            "prepare them without contract.lacking"
        )


def load(folder: Path) -> Fitted:
    """The model in a folder.

    Raises:
        IgakuError: no model, an encoder without a head, or weights that do not fit.
    """
    card = read_card(folder)
    if "label" not in card:
        raise IgakuError(
            f"{folder}: holds a pre-trained encoder without a head; fine-tune it first: igaku ecg finetune"
        )
    head = _head(card, folder)
    network: nn.Module | list[Booster]
    if head.kind == "tree":
        network = [read_tree(folder / f"tree-{i}.txt") for i in range(len(parts_of(head.label)))]
    else:
        network = _network(head, folder)
    own = (*(f.encode_name for f in msgspec.structs.fields(_Head)), "research")
    rest = {k: v for k, v in card.items() if k not in own}
    fields = {name: getattr(head, name) for name in _Head.__struct_fields__}
    return Fitted(**fields, network=network, card=rest)


def _head(card: Card, folder: Path) -> _Head:
    try:
        head = msgspec.convert(card, _Head)
    except msgspec.ValidationError as error:
        raise IgakuError(f"{folder}: ecg.json cannot be read ({error})") from None
    if head.kind not in KINDS:
        raise UnknownNameError("kind of model", head.kind, KINDS)
    n = len(parts_of(head.label))
    if len(head.scaling) != n:
        raise IgakuError(f"{folder}: ecg.json has {len(head.scaling)} centres for {n} labels")
    return head


def _network(head: _Head, folder: Path) -> "nn.Module":
    from igaku.cardiology.ecg.mae import RENAMED

    with meta_device():
        network = new_network(head.kind, head.config, len(parts_of(head.label)))
    return read_weights(network, folder / "head.safetensors", renamed=RENAMED).to(device()).eval()


def write_card(out: Path, config: Config, more: Mapping[str, object]) -> None:
    """Write ``ecg.json``: the config with the signal contract, and what the folder holds."""
    write_json(out / "ecg.json", {"research": RESEARCH, "config": msgspec.to_builtins(config), **more})


def read_card(folder: Path) -> Card:
    """``ecg.json``; ``network.places`` of older files is read as ``pos_embed``.

    Raises:
        IgakuError: no model there.
    """
    if not (folder / "ecg.json").is_file():
        raise IgakuError(f"{folder}: no ECG model (no ecg.json in it); give a folder that igaku ecg finetune wrote")
    card = decode(folder / "ecg.json", Card, "an ECG model's card")
    network = card["config"].get("network") if isinstance(card.get("config"), dict) else None
    if isinstance(network, dict) and "places" in network:
        network["pos_embed"] = network.pop("places")
    return card


def config_of(card: Card, folder: Path) -> Config:
    """The config that a folder's weights were made with.

    Raises:
        IgakuError: it cannot be read.
    """
    try:
        return msgspec.convert(card["config"], Config)
    except (KeyError, msgspec.ValidationError) as error:
        raise IgakuError(f"{folder}: its config cannot be read ({error}); made by another version") from None


def forward(network: "nn.Module", signals: Signals, indices: Sequence[int], batch: int = 64) -> "Floats":
    """float32 [n, outputs] without gradients; in float32 on every device, so that predictions agree everywhere."""
    import torch

    network.eval()
    with torch.no_grad():
        out = [network(batch_of(signals, indices[i : i + batch])).float().cpu() for i in range(0, len(indices), batch)]
    values: Floats = torch.cat(out).numpy()
    return values


def feature_rows(records: Prepared, indices: Sequence[int]) -> "Floats":
    """[n, features] measured in millivolts: the scale that normalising removed is put back.

    Raises:
        IgakuError: the records were prepared before scales were stored.
    """
    c, out = records.contract, []
    for i in indices:
        row = records.rows[i]
        if len(row.scale) != len(c.leads):
            raise IgakuError(f"{row.path}: prepared without the scale of its leads; convert the records again")
        if not all(row.scale):
            raise IgakuError(f"{row.path}: lacks leads, which a boosted tree is not fitted for")
        scale = np.array(row.scale, np.float32)
        out.append(features(records.signals[[i]][0] * scale[:, None], c.rate, c.leads))
    return np.stack(out) if out else np.zeros((0, len(NAMES)))


def batch_of(signals: Signals, indices: "Sequence[int] | Ints") -> "Tensor":
    """Those records as a tensor on the network's device."""
    import torch

    return torch.from_numpy(np.ascontiguousarray(signals[list(indices)])).to(device())
