"""Age from angiograms: a network on each frame, features averaged over a video's frames, told ages averaged over a patient's videos.

The paper's backbone, resolution and way of averaging were not found; these are ours. The network is a small residual one that starts fresh, or any vision model of transformers, as
``microsoft/resnet-18`` trained on photographs.
"""

import math
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import torch
from msgspec import Struct
from torch import nn

from igaku.cardiology import RESEARCH
from igaku.cardiology.angiography.cine import FRAMES, Cine, filled, sized
from igaku.cardiology.ecg.tables import masked
from igaku.cardiology.metrics import Measure, regressed
from igaku.cardiology.networks import device, half, read_weights, write_weights
from igaku.errors import IgakuError, optional
from igaku.io.files import write_json


class Video(Struct):
    """A prepared video: [frames, side, side], its patient and the patient's age (None where it is not known)."""

    frames: Any
    patient: str
    """A mark that tells patients apart and does not say who they are."""
    age: float | None
    sex: str = ""
    source: str = ""


def prepared(cine: Cine, side: int = 96, frames: int = FRAMES) -> Video:
    """Ten frames with the vessels filled, of one size."""
    return Video(
        sized(filled(cine, frames), side),
        masked("angiogram", cine.patient or cine.study or cine.source),
        cine.age,
        cine.sex,
        cine.source,
    )


class Card(Struct, kw_only=True, rename={"fitted_to": "fitted to"}):
    """``angio.json``."""

    research: str = RESEARCH
    mean: float
    deviation: float
    """Of the training ages, years."""
    side: int
    frames: int
    videos: dict[str, int]
    measures: list[str]
    backbone: str = ""
    vision: dict[str, Any] | None = None
    """The settings of a vision model of transformers."""
    fitted_to: list[str]
    """Marks of training and validation patients."""

    def __post_init__(self) -> None:
        if not 8 <= self.side <= 2048 or not 1 <= self.frames <= 1000:
            raise ValueError(f"{self.frames} frames of {self.side} pixels")


class Network(nn.Module):
    """[b, frames, side, side] → [b] in deviations from the mean age."""

    def __init__(self, width: int = 16, backbone: nn.Module | None = None) -> None:
        """``backbone``: a vision model of transformers instead of the small one."""
        super().__init__()
        if backbone is not None:
            self.body: nn.Module = _Pooled(backbone)
            self.out = nn.Linear(self.body.width, 1)
            return
        layers: list[nn.Module] = [nn.Conv2d(1, width, 5, 2, 2, bias=False), nn.BatchNorm2d(width), nn.ReLU()]
        for a, b in ((width, width * 2), (width * 2, width * 3), (width * 3, width * 4)):
            layers.append(_Block(a, b))
        self.body, self.out = nn.Sequential(*layers), nn.Linear(width * 4, 1)

    def forward(self, frames: Any) -> Any:
        """Features of each frame, averaged over place and over frames."""
        b, n, h, w = frames.shape
        features = self.body(frames.reshape(b * n, 1, h, w)).flatten(2).mean(2).reshape(b, n, -1)
        return self.out(features.mean(1))[:, 0]


class _Pooled(nn.Module):
    """A vision model of transformers that reads grey frames as three equal colours; its pooled features [n, width, 1]."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model
        sizes = getattr(model.config, "hidden_sizes", None)
        self.width = int(sizes[-1] if sizes else model.config.hidden_size)

    def forward(self, x: Any) -> Any:
        return self.model(pixel_values=x.repeat(1, 3, 1, 1)).pooler_output.flatten(1).unsqueeze(-1)


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

    def forward(self, x: Any) -> Any:
        return torch.relu(self.body(x) + self.skip(x))


def split(videos: Sequence[Video], seed: int = 0) -> tuple[list[Video], list[Video], list[Video]]:
    """60, 20 and 20 % of the patients; all videos of one on one side."""
    names = sorted({v.patient for v in videos})
    random.Random(seed).shuffle(names)
    a, b = round(0.6 * len(names)), round(0.8 * len(names))
    side = {n: 0 if i < a else 1 if i < b else 2 for i, n in enumerate(names)}
    parts: tuple[list[Video], list[Video], list[Video]] = ([], [], [])
    for v in videos:
        parts[side[v.patient]].append(v)
    return parts


def train(
    videos: Sequence[Video],
    out: Path,
    epochs: int = 60,
    lr: float | None = None,
    batch: int = 16,
    seed: int = 0,
    backbone: str = "",
    on_epoch: Callable[[int, float], None] | None = None,
) -> list[Measure]:
    """Fit, stop by the validation patients, keep in ``out``, and measure on the test patients.

    Args:
        lr: 2e-3, or 2e-4 where a backbone is given.
        backbone: a folder or hub name of a vision model of transformers (ResNet, ConvNeXT, ViT ...); the small network if empty.

    Raises:
        IgakuError: fewer than twenty patients whose age is known.
    """
    known = [v for v in videos if v.age is not None]
    if len({v.patient for v in known}) < 20:
        raise IgakuError(f"{len({v.patient for v in known})} patients with a known age; at least 20 are needed")
    fit, valid, test = split(known, seed)
    torch.manual_seed(seed)
    model, rng = Network(backbone=_backbone(backbone) if backbone else None), random.Random(seed)
    model = model.to(device())
    lr = lr or (2e-4 if backbone else 2e-3)
    mean, deviation = float(np.mean([v.age for v in fit])), float(np.std([v.age for v in fit])) or 1.0  # type: ignore[arg-type]
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr, weight_decay=0.02)
    best, kept = math.inf, {k: v.clone() for k, v in model.state_dict().items()}
    for epoch in range(epochs):
        for group in optimizer.param_groups:
            group["lr"] = lr * 0.5 * (1 + math.cos(math.pi * epoch / epochs))
        model.train()
        order = rng.sample(range(len(fit)), len(fit))
        for at in range(0, len(order) - 1, batch):
            some = [fit[i] for i in order[at : at + batch]]
            if len(some) < 2:
                continue
            frames = torch.from_numpy(
                np.stack([_augmented(v.frames[[rng.randrange(len(v.frames)) for _ in range(3)]], rng) for v in some])
            )
            wanted = torch.tensor([(v.age - mean) / deviation for v in some])  # type: ignore[operator]
            with half(device()):
                loss = nn.functional.huber_loss(model(frames.to(device())).float(), wanted.to(device()))
            loss.backward()
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        told = by_patient(model, valid, mean, deviation)
        reached = float(np.mean([abs(t - a) for _, t, a in told]))
        if on_epoch:
            on_epoch(epoch + 1, reached)
        if reached < best:
            best, kept = reached, {k: v.clone() for k, v in model.state_dict().items()}
    model.load_state_dict(kept)
    write_weights(model, out / "model.safetensors")
    measures = evaluate(model, test, mean, deviation)
    made = Card(
        mean=mean,
        deviation=deviation,
        side=int(known[0].frames.shape[-1]),
        frames=int(known[0].frames.shape[0]),
        videos={"training": len(fit), "validation": len(valid), "test": len(test)},
        measures=[f"{m.name} {m}" for m in measures],
        backbone=backbone,
        vision=model.body.model.config.to_dict() if isinstance(model.body, _Pooled) else None,
        fitted_to=sorted({v.patient for part in (fit, valid) for v in part}),
    )
    write_json(out / "angio.json", made)
    return measures


def load(folder: Path) -> tuple[Network, Card]:
    """A trained network and its card."""
    try:
        card = msgspec.json.decode((folder / "angio.json").read_bytes(), type=Card)
    except (OSError, msgspec.DecodeError) as error:
        raise IgakuError(f"{folder}: no angiography model there ({error})") from None
    model = Network(backbone=_of_config(card.vision, folder) if card.vision else None)
    read_weights(model, folder / "model.safetensors")
    return model.to(device()).eval(), card


def _backbone(name: str) -> Any:
    """A pre-trained vision model; code that comes with weights is never run."""
    transformers = optional("transformers", "hf")
    try:
        return transformers.AutoModel.from_pretrained(name, trust_remote_code=False, use_safetensors=True).float()
    except (OSError, ValueError) as error:
        raise IgakuError(f"{name}: no vision model of transformers ({str(error).splitlines()[0][:160]})") from None


def _of_config(vision: dict[str, Any], folder: Path) -> Any:
    """The same model without its weights."""
    transformers = optional("transformers", "hf")
    own = {k: v for k, v in vision.items() if k not in ("model_type", "auto_map")}
    try:
        config = transformers.AutoConfig.for_model(vision["model_type"], **own)
        return transformers.AutoModel.from_config(config, trust_remote_code=False).float()
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise IgakuError(f"{folder}: its vision model cannot be built ({str(error).splitlines()[0][:160]})") from None


def unseen(videos: Sequence[Video], card: Card) -> list[Video]:
    """Videos with a known age of patients that a model was not fitted to.

    Raises:
        IgakuError: none is left.
    """
    fitted = set(card.fitted_to)
    left = [v for v in videos if v.age is not None and v.patient not in fitted]
    if not left:
        raise IgakuError(f"no video of {len(videos)} has a known age and a patient that the model was not fitted to")
    return left


def told_by(model: Network, frames: Any) -> list[float]:
    """What the network says of videos [b, frames, side, side], in deviations from the mean age."""
    model.eval()
    with torch.no_grad():
        return [float(x) for x in model(torch.from_numpy(frames).to(device())).tolist()]


def by_patient(
    model: Network, videos: Sequence[Video], mean: float, deviation: float
) -> list[tuple[str, float, float]]:
    """(patient, told age, age) with told ages averaged over the patient's videos."""
    told: dict[str, list[float]] = {}
    ages: dict[str, list[float]] = {}
    for v in videos:
        ages.setdefault(v.patient, []).append(v.age if v.age is not None else math.nan)
    for at in range(0, len(videos), 16):
        some = videos[at : at + 16]
        for v, out in zip(some, told_by(model, np.stack([x.frames for x in some]))):
            told.setdefault(v.patient, []).append(out * deviation + mean)
    return [(name, float(np.mean(values)), float(np.mean(ages[name]))) for name, values in told.items()]


def evaluate(model: Network, videos: Sequence[Video], mean: float, deviation: float) -> list[Measure]:
    """MAE in years, R², r and the error of always telling the mean, with intervals over patients."""
    told = by_patient(model, videos, mean, deviation)
    return regressed([a for _, _, a in told], [t for _, t, _ in told], [n for n, _, _ in told], usual=mean)


def _augmented(frames: Any, rng: random.Random) -> Any:
    """Mirrored, turned in quarters and moved: none of it changes age."""
    if rng.random() < 0.5:
        frames = frames[:, :, ::-1]
    frames = np.rot90(frames, rng.randrange(4), (1, 2))
    return np.ascontiguousarray(np.roll(frames, (rng.randint(-6, 6), rng.randint(-6, 6)), (1, 2)))
