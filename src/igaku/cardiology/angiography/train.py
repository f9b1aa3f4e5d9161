"""Fit age to angiograms."""

import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn

from igaku.cardiology.angiography.data import Video, split
from igaku.cardiology.angiography.model import Card, Network, PooledVision, pretrained_vision
from igaku.cardiology.angiography.predict import evaluate, predict_patients
from igaku.cardiology.fit import OnEpoch, decay_groups, fit, warmed
from igaku.cardiology.metrics import Measure
from igaku.cardiology.networks import bf16_autocast, device, write_weights
from igaku.errors import IgakuError
from igaku.io.files import write_json
from igaku.io.locks import writes

if TYPE_CHECKING:
    from torch import Tensor

    from igaku.cardiology.arrays import Floats

LEAST = 20
"""Patients with a known age."""


@writes("out", goes_on=False)
def train(
    videos: Sequence[Video],
    out: Path,
    epochs: int = 60,
    lr: float | None = None,
    batch: int = 16,
    seed: int = 0,
    backbone: str = "",
    on_epoch: OnEpoch | None = None,
) -> list[Measure]:
    """Fit, use the weights of the best epoch on validation patients, write them, and measure on the test patients.

    Args:
        out: the model's folder.
        lr: 2e-3 if None, or 2e-4 where a backbone is given.
        backbone: a folder or hub name of a vision model of transformers (ResNet, ConvNeXT, ViT ...); the small
            network if empty.
        on_epoch: called with the epoch and its mean absolute error on validation patients, years.

    Raises:
        IgakuError: fewer than twenty patients whose age is known.
    """
    known = [v for v in videos if v.age is not None]
    if (n := len({v.patient for v in known})) < LEAST:
        raise IgakuError(f"{n} patients with a known age; at least {LEAST} are needed")
    parts = split(known, seed)
    training, valid, test = parts
    torch.manual_seed(seed)
    model = Network(backbone=pretrained_vision(backbone) if backbone else None).to(device())
    ages = [v.age for v in training if v.age is not None]
    mean, deviation = float(np.mean(ages)), float(np.std(ages)) or 1.0
    groups = decay_groups(model, [{"params": list(model.parameters())}], 0.02)
    optimizer = torch.optim.AdamW(groups, lr=lr or (2e-4 if backbone else 2e-3))
    updates = max(1, len(range(0, len(training) - 1, batch)))
    rng = random.Random(seed)

    def validate() -> float:
        return float(np.mean([abs(x.predicted - x.age) for x in predict_patients(model, valid, mean, deviation)]))

    fit(
        model,
        optimizer,
        lambda: _losses(model, training, batch, mean, deviation, rng),
        validate,
        epochs=epochs,
        factor=lambda step: warmed(step, 0, updates * epochs),
        on_epoch=on_epoch,
    )
    write_weights(model, out / "model.safetensors")
    measures = evaluate(model, test, mean, deviation)
    write_json(out / "angio.json", _card(model, parts, mean, deviation, measures, backbone))
    return measures


def _losses(
    model: Network, videos: Sequence[Video], batch: int, mean: float, deviation: float, rng: random.Random
) -> "Iterator[Tensor]":
    """Huber's loss of each batch; three frames of each video, drawn with replacement."""
    order = rng.sample(range(len(videos)), len(videos))
    for at in range(0, len(order) - 1, batch):
        some = [videos[i] for i in order[at : at + batch]]
        if len(some) > 1:
            frames = [_augmented(v.frames[[rng.randrange(len(v.frames)) for _ in range(3)]], rng) for v in some]
            yield _loss(model, np.stack(frames), some, mean, deviation)


def _loss(model: Network, frames: "Floats", videos: Sequence[Video], mean: float, deviation: float) -> "Tensor":
    wanted = torch.tensor([(v.age - mean) / deviation for v in videos if v.age is not None])
    with bf16_autocast(device()):
        predicted = model(torch.from_numpy(frames).to(device())).float()
        return nn.functional.huber_loss(predicted, wanted.to(device()))


def _augmented(frames: "Floats", rng: random.Random) -> "Floats":
    """Mirrored, rotated by quarters and shifted: none of it changes age."""
    if rng.random() < 0.5:
        frames = frames[:, :, ::-1]
    frames = np.rot90(frames, rng.randrange(4), (1, 2))
    return np.ascontiguousarray(np.roll(frames, (rng.randint(-6, 6), rng.randint(-6, 6)), (1, 2)))


def _card(
    model: Network,
    parts: tuple[list[Video], list[Video], list[Video]],
    mean: float,
    deviation: float,
    measures: Sequence[Measure],
    backbone: str,
) -> Card:
    training, valid, test = parts
    n, side, _ = training[0].frames.shape
    return Card(
        mean=mean,
        deviation=deviation,
        side=int(side),
        frames=int(n),
        videos={"training": len(training), "validation": len(valid), "test": len(test)},
        measures=[f"{m.name} {m}" for m in measures],
        backbone=backbone,
        vision=model.body.model.config.to_dict() if isinstance(model.body, PooledVision) else None,
        fitted_to=sorted({v.patient for v in (*training, *valid)}),
    )
