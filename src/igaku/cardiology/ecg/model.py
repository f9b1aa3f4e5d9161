"""A fitted model: what tells a label from a prepared signal, and its folder, where the signal contract lies beside the weights."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from msgspec import Struct

from igaku.cardiology import RESEARCH
from igaku.cardiology.ecg.config import Config
from igaku.cardiology.ecg.features import NAMES, features
from igaku.cardiology.ecg.store import Prepared
from igaku.cardiology.ecg.targets import parts_of
from igaku.cardiology.ecg.trees import read_tree
from igaku.cardiology.networks import device, empty, read_weights, write_weights
from igaku.errors import IgakuError, UnknownNameError
from igaku.io.files import write_json

KINDS = ("vit", "resnet", "tree")


class Fitted(Struct, kw_only=True):
    """One of ``KINDS`` with a head for one label or several."""

    config: Config
    label: str
    binary: bool
    kind: str
    centre: list[tuple[float, float]]
    """Of each number: mean and deviation in training; (0, 1) for yes-or-no labels."""
    network: Any
    """A torch module, or one LightGBM booster a label."""
    card: dict[str, Any] = {}
    """What else is known: measures, thresholds, how it began, whom it was fitted to."""

    @property
    def usual(self) -> list[float]:
        """Of each number its mean in training."""
        return [] if self.binary else [m for m, _ in self.centre]

    @property
    def parts(self) -> list[str]:
        """Its labels."""
        return parts_of(self.label)

    def told(self, records: Prepared, places: Sequence[int]) -> Any:
        """float32 [n, labels]: chances, or numbers in the label's own unit."""
        if self.kind == "tree":
            rows = feature_rows(records, places)
            return np.stack([np.asarray(b.predict(rows), np.float32) for b in self.network], 1)
        out = forward(self.network, records.signals, places)
        if self.binary:
            return 1 / (1 + np.exp(-out))
        return out * np.array([d for _, d in self.centre], np.float32) + np.array(
            [m for m, _ in self.centre], np.float32
        )

    def save(self, out: Path) -> None:
        """``ecg.json`` and the weights: safetensors, or LightGBM's text."""
        out.mkdir(parents=True, exist_ok=True)
        if self.kind == "tree":
            for i, booster in enumerate(self.network):
                (out / f"tree-{i}.txt").write_text(booster.model_to_string(), encoding="utf-8")
        else:
            write_weights(self.network, out / "head.safetensors")
        keep(
            out,
            self.config,
            {"label": self.label, "binary": self.binary, "kind": self.kind, "centre": self.centre, **self.card},
        )


def fresh(kind: str, config: Config, outputs: int, encoder: Any = None) -> Any:
    """An untrained network of a kind; around ``encoder`` where one is given."""
    from igaku.cardiology.ecg.mae import Encoder, Head, ResNet

    if kind == "resnet":
        return ResNet(outputs, len(config.contract.leads), config.contract.samples)
    n = config.network
    return Head(encoder or Encoder(n.size, config.shape, n.places), outputs)


def load(folder: Path) -> Fitted:
    """The model in a folder.

    Raises:
        IgakuError: none there, an encoder without a head, or weights that do not fit.
    """
    card = read_card(folder)
    if "label" not in card:
        raise IgakuError(
            f"{folder}: holds a pre-trained encoder without a head; fine-tune it first: igaku ecg finetune"
        )
    try:
        made = msgspec.convert(
            {k: card.get(k) for k in Fitted.__struct_fields__ if k in card} | {"network": None}, Fitted
        )
    except msgspec.ValidationError as error:
        raise IgakuError(f"{folder}: ecg.json cannot be read ({error})") from None
    if made.kind not in KINDS:
        raise UnknownNameError("kind of model", made.kind, KINDS)
    n = len(made.parts)
    if len(made.centre) != n:
        raise IgakuError(f"{folder}: ecg.json has {len(made.centre)} centres for {n} labels")
    own = (*Fitted.__struct_fields__, "research")
    made.card = {k: v for k, v in card.items() if k not in own}
    if made.kind == "tree":
        made.network = [read_tree(folder / f"tree-{i}.txt") for i in range(n)]
    else:
        with empty():
            network = fresh(made.kind, made.config, n)
        made.network = read_weights(network, folder / "head.safetensors").to(device()).eval()
    return made


def keep(out: Path, config: Config, more: dict[str, Any]) -> None:
    """``ecg.json``: config with the signal contract, and what the folder holds."""
    write_json(out / "ecg.json", {"research": RESEARCH, "config": msgspec.to_builtins(config), **more})


def read_card(folder: Path) -> dict[str, Any]:
    """``ecg.json``.

    Raises:
        IgakuError: no model there.
    """
    try:
        return msgspec.json.decode((folder / "ecg.json").read_bytes(), type=dict[str, Any])
    except (OSError, msgspec.DecodeError, msgspec.ValidationError) as error:
        raise IgakuError(f"{folder}: no ECG model there ({error})") from None


def config_of(card: dict[str, Any], folder: Path) -> Config:
    """The config that a folder's weights were made with."""
    try:
        return msgspec.convert(card["config"], Config)
    except (KeyError, msgspec.ValidationError) as error:
        raise IgakuError(f"{folder}: its config cannot be read ({error}); made by another version") from None


def forward(network: Any, signals: Any, places: Sequence[int], batch: int = 64) -> Any:
    """float32 [n, outputs] of places, without gradients."""
    import torch

    network.eval()
    with torch.no_grad():  # in float32 on every device, so that a model tells the same everywhere
        out = [network(batch_of(signals, places[i : i + batch])).float().cpu() for i in range(0, len(places), batch)]
    return torch.cat(out).numpy()


def feature_rows(records: Prepared, places: Sequence[int]) -> Any:
    """[n, features] of places, measured in millivolts: what normalising took away is put back.

    Raises:
        IgakuError: the records were prepared before scales were kept.
    """
    c, out = records.contract, []
    for i in places:
        scale = np.array(records.rows[i].scale, np.float32)
        if len(scale) != len(c.leads):
            raise IgakuError(
                f"{records.rows[i].path}: prepared without the scale of its leads; convert the records again"
            )
        out.append(features(records.signals[[i]][0] * scale[:, None], c.rate, c.leads))
    return np.stack(out) if out else np.zeros((0, len(NAMES)))


def batch_of(signals: Any, places: Any) -> Any:
    """Those records as a tensor where the network is."""
    import torch

    return torch.from_numpy(np.ascontiguousarray(signals[list(places)])).to(device())
