"""Age from angiograms: a network on each frame, features averaged over a video's frames.

The paper's backbone, resolution and way of averaging were not found; these are ours. The network is a small residual
one that starts untrained, or any vision model of transformers, as ``microsoft/resnet-18`` trained on photographs.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import torch
from msgspec import Struct
from torch import nn

from igaku.cardiology import RESEARCH
from igaku.cardiology.networks import device, read_weights
from igaku.errors import IgakuError, optional
from igaku.io.json_values import decode

if TYPE_CHECKING:
    from torch import Tensor


class Card(Struct, kw_only=True, rename={"fitted_to": "fitted to"}):
    """``angio.json``."""

    research: str = RESEARCH
    mean: float
    """Mean of the training ages, years."""
    deviation: float
    """Deviation of the training ages, years."""
    side: int
    frames: int
    videos: dict[str, int]
    """training, validation, test -> number of videos."""
    measures: list[str]
    backbone: str = ""
    vision: dict[str, Any] | None = None
    """The settings of a vision model of transformers."""
    fitted_to: list[str]
    """Pseudonyms of training and validation patients."""

    def __post_init__(self) -> None:
        if not 8 <= self.side <= 2048 or not 1 <= self.frames <= 1000:
            raise ValueError(f"{self.frames} frames of {self.side} pixels")


class Network(nn.Module):
    """[b, frames, side, side] → [b] age in deviations from the training mean."""

    def __init__(self, width: int = 16, backbone: nn.Module | None = None) -> None:
        """``backbone``: a vision model of transformers instead of the small network."""
        super().__init__()
        if backbone is not None:
            pooled = PooledVision(backbone)
            self.body: nn.Module = pooled
            self.out = nn.Linear(pooled.width, 1)
            return
        sizes = ((width, width * 2), (width * 2, width * 3), (width * 3, width * 4))
        stem = [nn.Conv2d(1, width, 5, 2, 2, bias=False), nn.BatchNorm2d(width), nn.ReLU()]
        self.body, self.out = nn.Sequential(*stem, *(_Block(a, b) for a, b in sizes)), nn.Linear(width * 4, 1)

    def forward(self, frames: "Tensor") -> "Tensor":
        """Features of each frame, averaged over pixels and over frames."""
        b, n, h, w = frames.shape
        features = self.body(frames.reshape(b * n, 1, h, w)).flatten(2).mean(2).reshape(b, n, -1)
        out: Tensor = self.out(features.mean(1))[:, 0]
        return out


class PooledVision(nn.Module):
    """A vision model of transformers that reads grey frames as three equal colours; pooled features [n, width, 1]."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model
        sizes = getattr(model.config, "hidden_sizes", None)
        self.width = int(sizes[-1] if sizes else model.config.hidden_size)

    def forward(self, x: "Tensor") -> "Tensor":
        """[n, 1, side, side] → [n, width, 1]."""
        out: Tensor = self.model(pixel_values=x.repeat(1, 3, 1, 1)).pooler_output.flatten(1).unsqueeze(-1)
        return out


class _Block(nn.Module):
    def __init__(self, a: int, b: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(a, b, 3, 2, 1, bias=False),
            nn.BatchNorm2d(b),
            nn.ReLU(),
            nn.Conv2d(b, b, 3, 1, 1, bias=False),
            nn.BatchNorm2d(b),
        )
        self.skip = nn.Conv2d(a, b, 1, 2, bias=False)

    def forward(self, x: "Tensor") -> "Tensor":
        return torch.relu(self.body(x) + self.skip(x))


def load(folder: Path) -> tuple[Network, Card]:
    """A trained network and its card.

    Raises:
        IgakuError: no model there, or its weights do not fit.
    """
    card = decode(folder / "angio.json", Card, "an angiography model's card")
    network = Network(backbone=_of_config(card.vision, folder) if card.vision else None)
    return read_weights(network, folder / "model.safetensors").to(device()).eval(), card


def pretrained_vision(name: str) -> nn.Module:
    """A pre-trained vision model of transformers; code that comes with weights is never run.

    Raises:
        IgakuError: there is none of that name.
    """
    transformers = optional("transformers", "hf")
    try:
        model = transformers.AutoModel.from_pretrained(name, trust_remote_code=False, use_safetensors=True)
    except (OSError, ValueError) as error:
        raise IgakuError(f"{name}: not a vision model of transformers ({_first_line(error)})") from None
    return cast(nn.Module, model.float())


def _of_config(vision: dict[str, Any], folder: Path) -> nn.Module:
    """The same model without its weights."""
    transformers = optional("transformers", "hf")
    own = {k: v for k, v in vision.items() if k not in ("model_type", "auto_map")}
    try:
        config = transformers.AutoConfig.for_model(vision["model_type"], **own)
        return cast(nn.Module, transformers.AutoModel.from_config(config, trust_remote_code=False).float())
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise IgakuError(f"{folder}: its vision model cannot be built ({_first_line(error)})") from None


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [""])[0][:160]
