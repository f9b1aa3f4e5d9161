"""Pre-train the masked autoencoder; labels are not looked at."""

import hashlib
import math
import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import torch

from igaku.cardiology.ecg.config import Config, Pretrain
from igaku.cardiology.ecg.mae import Encoder, MaskedAutoencoder
from igaku.cardiology.ecg.model import batch_of, config_of, keep, read_card
from igaku.cardiology.networks import device, half, read_weights, write_weights
from igaku.errors import IgakuError
from igaku.io.checkpoints import load, save

WEIGHTS = "autoencoder.safetensors"


def pretrain(
    signals: Any,
    config: Config,
    out: Path,
    on_epoch: Callable[[int, float, float], None] | None = None,
    places: Sequence[int] | None = None,
    card: dict[str, Any] | None = None,
    every: float = 300.0,
) -> list[float]:
    """The mean loss of each epoch; ``out`` holds autoencoder.safetensors, config and contract. A run that was killed goes on where its last checkpoint was, as if it had not been.

    Args:
        signals: [n, leads, samples], an array or a memory map.
        on_epoch: told the epoch, its loss, and the seconds since the start.
        places: those that are read; all if left out.
        card: what else ``ecg.json`` says, as ``seen``: the marks of the patients that are read.
        every: seconds between checkpoints.

    Raises:
        IgakuError: the loss is no number, or ``out`` holds a run of another config or other records.
    """
    torch.manual_seed(config.seed)
    n, p = config.network, config.pretrain
    model = MaskedAutoencoder(n.size, config.shape, n.places, n.ratio, n.decoder).train().to(device())
    rate = p.lr * p.batch / 256
    optimizer = torch.optim.AdamW(model.parameters(), lr=rate, betas=(0.9, 0.95), weight_decay=p.weight_decay)
    rng = torch.Generator().manual_seed(config.seed)
    read = np.arange(len(signals)) if places is None else np.array(sorted(places))
    kept_state = {
        **dict(model.named_parameters()),
        "dice": (state := rng.get_state()),
        "losses": (told := torch.zeros(p.epochs)),
    }
    names = [name for name, _ in model.named_parameters()]
    mark = hashlib.sha256(msgspec.json.encode([config, read.tolist()]) + _first(signals, read)).hexdigest()
    begun = load(out, kept_state, optimizer, names, mark)
    if begun:
        rng.set_state(state)
    started = saved = time.perf_counter()
    for epoch in range(begun, p.epochs):
        for group in optimizer.param_groups:
            group["lr"] = rate * _share(epoch, p)
        total = 0.0
        for some in torch.randperm(len(read), generator=rng).split(p.batch):
            batch = batch_of(signals, read[np.sort(some.numpy())])
            kept, hidden = model.draw(len(batch), rng, batch.device)
            with half(batch.device.type):
                loss = model.loss(batch, kept, hidden)
            if not bool(torch.isfinite(loss)):
                raise IgakuError(f"the loss is no number in epoch {epoch + 1}; lower pretrain.lr ({p.lr:g})")
            loss.backward()
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            total += float(loss.detach()) * len(batch)
        told[epoch] = total / len(read)
        if on_epoch:
            on_epoch(epoch + 1, float(told[epoch]), time.perf_counter() - started)
        if time.perf_counter() - saved >= every and epoch + 1 < p.epochs:
            state.copy_(rng.get_state())
            save(out, epoch + 1, kept_state, optimizer, names, mark)
            saved = time.perf_counter()
    losses = told.tolist()
    write_weights(model, out / WEIGHTS)
    shutil.rmtree(out / "checkpoint", ignore_errors=True)
    keep(out, config, {"losses": losses, "records": len(read), **(card or {})})
    return losses


def encoder_of(folder: Path | None, config: Config) -> Encoder:
    """A fresh encoder, or a pre-trained one.

    Raises:
        IgakuError: it was made for another signal.
    """
    torch.manual_seed(config.seed)
    made = Encoder(config.network.size, config.shape, config.network.places)
    if folder is None:
        return made
    before = config_of(read_card(folder), folder)
    own = [(c.contract, n.size, n.patch, n.places) for c in (before, config) if (n := c.network)]
    if own[0] != own[1]:
        raise IgakuError(f"{folder}: pre-trained with another signal contract or size; use its config")
    return read_weights(made, folder / WEIGHTS, "encoder.")


def _first(signals: Any, read: Any) -> bytes:
    """The first record that is read: other records under the same numbers are another run."""
    return bytes(np.ascontiguousarray(signals[read[:1]]).tobytes()) if len(read) else b""


def _share(epoch: int, p: Pretrain) -> float:
    """Of the rate: a line up, then half a cosine down."""
    if epoch < p.warmup:
        return (epoch + 1) / p.warmup
    return 0.5 * (1 + math.cos(math.pi * (epoch - p.warmup) / max(1, p.epochs - p.warmup)))
