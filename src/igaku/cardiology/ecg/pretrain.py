"""Pre-train the masked autoencoder; labels are not looked at."""

import hashlib
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import torch

from igaku.cardiology.ecg.config import Config, Pretrain
from igaku.cardiology.ecg.mae import RENAMED, Encoder, MaskedAutoencoder
from igaku.cardiology.ecg.model import batch_of, config_of, read_card, write_card
from igaku.cardiology.ecg.store import Signals
from igaku.cardiology.fit import cosine
from igaku.cardiology.networks import bf16_autocast, device, read_weights, write_weights
from igaku.cardiology.ranks import Share, joined
from igaku.errors import IgakuError
from igaku.io.ahead import ahead
from igaku.io.checkpoints import load, remove, save
from igaku.io.locks import writes

if TYPE_CHECKING:
    from torch import Tensor

    from igaku.cardiology.arrays import Ints

WEIGHTS = "autoencoder.safetensors"


class _Progress:
    """What a checkpoint holds: weights, optimizer, the generator's state, and the losses so far."""

    def __init__(self, out: Path, model: MaskedAutoencoder, optimizer: torch.optim.Optimizer, config: Config) -> None:
        self.out, self.optimizer = out, optimizer
        self.rng = torch.Generator().manual_seed(config.seed)
        self.state = self.rng.get_state()
        self.losses = torch.zeros(config.pretrain.epochs)
        self.names = [name for name, _ in model.named_parameters()]
        self.tensors = {**dict(model.named_parameters()), "rng": self.state, "losses": self.losses}

    def resume(self, fingerprint: str) -> int:
        """Epochs that are done."""
        epochs = load(self.out, self.tensors, self.optimizer, self.names, fingerprint)
        if epochs:
            self.rng.set_state(self.state)
        return epochs

    def save(self, epochs: int, fingerprint: str) -> None:
        """Write a checkpoint after N epochs."""
        self.state.copy_(self.rng.get_state())
        save(self.out, epochs, self.tensors, self.optimizer, self.names, fingerprint)


@writes("out")
def pretrain(
    signals: Signals,
    config: Config,
    out: Path,
    on_epoch: Callable[[int, float, float], None] | None = None,
    indices: Sequence[int] | None = None,
    card: Mapping[str, object] | None = None,
    save_every: float = 300.0,
) -> list[float]:
    """The mean loss of each epoch; ``out`` holds the weights, the config and the contract.

    A run that was killed goes on from its last checkpoint with the same result. Under ``torchrun`` each process takes a
    share of every batch (``cardiology.ranks``); records, masks and, but for rounding, losses are those of one.

    Args:
        signals: [n, leads, samples], an array or a memory map.
        on_epoch: called with the epoch, its loss, and the seconds since the start.
        indices: the records that are read; all if None.
        card: what else ``ecg.json`` says, as the pseudonyms of the patients that are read.
        save_every: seconds between checkpoints.

    Raises:
        IgakuError: the loss is NaN or inf, or ``out`` holds a run of another config or other records.
    """
    with joined() as share:
        return _pretrained(signals, config, out, on_epoch, indices, card, save_every, share)


def _pretrained(
    signals: Signals,
    config: Config,
    out: Path,
    on_epoch: Callable[[int, float, float], None] | None,
    indices: Sequence[int] | None,
    card: Mapping[str, object] | None,
    save_every: float,
    share: Share,
) -> list[float]:
    torch.manual_seed(config.seed)
    n, p = config.network, config.pretrain
    model = MaskedAutoencoder(n.size, config.shape, n.pos_embed, n.ratio, n.decoder).train().to(device())
    rate = p.lr * p.batch / 256
    optimizer = torch.optim.AdamW(
        model.parameters(),
        lr=rate,
        betas=(0.9, 0.95),
        weight_decay=p.weight_decay,
        fused=True if device() == "cuda" else None,
    )
    loss_of = _compiled(model)
    read = np.arange(len(signals)) if indices is None else np.array(sorted(indices))
    fingerprint = _fingerprint(config, signals, read)
    progress = _Progress(out, model, optimizer, config)
    started = saved = time.perf_counter()
    done = progress.resume(fingerprint)
    share.total(0.0)  # nobody writes before all have read
    for epoch in range(done, p.epochs):
        for group in optimizer.param_groups:
            group["lr"] = rate * _factor(epoch, p)
        progress.losses[epoch] = _epoch(model, loss_of, optimizer, signals, read, p, progress.rng, epoch, share)
        if on_epoch and share.is_first:
            on_epoch(epoch + 1, float(progress.losses[epoch]), time.perf_counter() - started)
        if share.is_first and time.perf_counter() - saved >= save_every and epoch + 1 < p.epochs:
            progress.save(epoch + 1, fingerprint)
            saved = time.perf_counter()
    losses: list[float] = progress.losses.tolist()
    if share.is_first:
        write_weights(model, out / WEIGHTS)
        write_card(out, config, {"losses": losses, "records": len(read), **(card or {})})
        remove(out)
    return losses


def _epoch(
    model: MaskedAutoencoder,
    loss_of: "Callable[..., Tensor]",
    optimizer: torch.optim.Optimizer,
    signals: Signals,
    read: "Ints",
    p: Pretrain,
    rng: torch.Generator,
    epoch: int,
    share: Share,
) -> float:
    """The mean loss over all records; the next batch is read, masked and sent while one is computed."""
    parts = torch.split(torch.randperm(len(read), generator=rng), p.batch)
    late = 1 if device() == "cuda" else 0
    losses: deque[tuple[Tensor, float]] = deque()
    total = 0.0

    def prepared(some: "Tensor") -> "tuple[Tensor, Tensor, Tensor, float]":
        mine, weight = share.of(len(some))
        batch = batch_of(signals, read[np.sort(some.numpy())][mine])
        visible, hidden = model.draw(len(some), rng, batch.device)  # of all: the same masks on any number of GPUs
        return batch, visible[mine], hidden[mine], weight

    for (batch, visible, hidden, weight), some in zip(ahead(parts, prepared), parts):
        with bf16_autocast(batch.device.type):
            loss = loss_of(batch, visible, hidden)
        losses.append((loss.detach(), weight * len(some)))
        while len(losses) > late:  # a card is not stopped to look at the loss it works on
            total += _finite(*losses.popleft(), epoch, p)
        torch.autograd.backward(loss)
        if share.size > 1:
            share.add_gradients(model.parameters(), weight)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
    return share.total(total + sum(_finite(*one, epoch, p) for one in losses)) / len(read)


def _finite(loss: "Tensor", n: float, epoch: int, p: Pretrain) -> float:
    """The sum over a batch of ``n`` records.

    Raises:
        IgakuError: it is none.
    """
    if not bool(torch.isfinite(loss)):
        raise IgakuError(f"the loss is NaN or inf in epoch {epoch + 1}; lower pretrain.lr ({p.lr:g})")
    return float(loss) * n


def _compiled(model: MaskedAutoencoder) -> "Callable[..., Tensor]":
    """The model's loss, compiled on a GPU; where that fails it is computed as it is from then on."""
    if device() != "cuda":
        return model.loss
    return or_plain(torch.compile(model.loss, dynamic=False), model.loss)


def or_plain(fast: "Callable[..., Tensor]", plain: "Callable[..., Tensor]") -> "Callable[..., Tensor]":
    """``fast``, and from its first failure on ``plain``, whose failures are everyone's."""
    chosen = [fast]

    def run(*args: "Tensor") -> "Tensor":
        try:
            return chosen[0](*args)
        except Exception:  # a compiler raises what it likes
            if chosen[0] is plain:
                raise
            chosen[0] = plain
            return plain(*args)

    return run


def encoder_of(folder: Path | None, config: Config) -> Encoder:
    """A new encoder, or a pre-trained one.

    Raises:
        IgakuError: it was made for another signal or size.
    """
    torch.manual_seed(config.seed)
    encoder = Encoder(config.network.size, config.shape, config.network.pos_embed)
    if folder is None:
        return encoder
    before = config_of(read_card(folder), folder)
    forms = [(c.contract, n.size, n.patch, n.pos_embed) for c in (before, config) if (n := c.network)]
    if forms[0] != forms[1]:
        raise IgakuError(f"{folder}: pre-trained with another signal contract or size; use its config")
    return read_weights(encoder, folder / WEIGHTS, "encoder.", RENAMED)


def _fingerprint(config: Config, signals: Signals, read: "Ints") -> str:
    """Over the config, the indices and the first record: other records under the same indices are another run."""
    first = np.ascontiguousarray(signals[read[:1]]).tobytes() if len(read) else b""
    return hashlib.sha256(msgspec.json.encode([config, read.tolist()]) + first).hexdigest()


def _factor(epoch: int, p: Pretrain) -> float:
    """Factor of the learning rate: a line up, then half a cosine down."""
    if epoch < p.warmup:
        return (epoch + 1) / p.warmup
    return cosine(epoch - p.warmup, max(1, p.epochs - p.warmup))
