"""Pre-train an encoder by what a config says (autoencoder or contrast); labels are not looked at."""

import hashlib
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import torch

from igaku.cardiology.ecg.augment import augmented
from igaku.cardiology.ecg.cmsc import Contrastive
from igaku.cardiology.ecg.config import Config, Pretrain
from igaku.cardiology.ecg.mae import RENAMED, Encoder, MaskedAutoencoder
from igaku.cardiology.ecg.model import batch_of, config_of, read_card, write_card
from igaku.cardiology.ecg.store import Signals
from igaku.cardiology.fit import decay_groups, warmed
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
"""The file of an encoder and what it was trained with, of either objective."""
Model = MaskedAutoencoder | Contrastive


class _Progress:
    """What a checkpoint holds: weights, optimizer, the generator's state, and the losses so far."""

    def __init__(self, out: Path, model: Model, optimizer: torch.optim.Optimizer, config: Config) -> None:
        self.out, self.optimizer = out, optimizer
        self.rng = torch.Generator().manual_seed(config.seed)
        self.state = self.rng.get_state()
        self.losses = torch.zeros(config.pretrain.epochs)
        names = {id(p): name for name, p in model.named_parameters()}
        self.names = [names[id(p)] for group in optimizer.param_groups for p in group["params"]]
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
    patients: Sequence[str] | None = None,
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
        patients: of each record of ``signals``, for the contrast; each record is a patient's only one if None.

    Raises:
        IgakuError: the loss is NaN or inf, ``out`` holds a run of another config or other records, records may lack
            leads, or the contrast is wanted on several GPUs, each of which would see its own share of the opposites.
    """
    if config.contract.lacking:
        raise IgakuError("pre-training reads whole records: prepare them, and begin, with contract.lacking false")
    with joined() as share:
        if share.size > 1 and config.pretrain.objective == "cmsc":
            raise IgakuError("pretrain.objective cmsc compares all records of a batch; start it on one GPU")
        numbers = {p: i for i, p in enumerate(dict.fromkeys(patients or ()))}
        codes = np.array([numbers[p] for p in patients]) if patients else np.arange(len(signals))
        return _pretrained(signals, config, out, on_epoch, indices, card, save_every, share, codes)


def _pretrained(
    signals: Signals,
    config: Config,
    out: Path,
    on_epoch: Callable[[int, float, float], None] | None,
    indices: Sequence[int] | None,
    card: Mapping[str, object] | None,
    save_every: float,
    share: Share,
    patients: "Ints",
) -> list[float]:
    torch.manual_seed(config.seed)
    p = config.pretrain
    model = _model(config).train().to(device())
    optimizer = torch.optim.AdamW(
        decay_groups(model, [{"params": list(model.parameters())}], p.weight_decay),
        lr=p.lr * p.batch / 256,
        betas=(0.9, 0.95),
        fused=True if device() == "cuda" else None,
    )
    loss_of = _compiled(model)
    read = np.arange(len(signals)) if indices is None else np.array(sorted(indices))
    fingerprint = _fingerprint(config, signals, read, patients)
    progress = _Progress(out, model, optimizer, config)
    started = saved = time.perf_counter()
    done = progress.resume(fingerprint)
    share.total(0.0)  # nobody writes before all have read
    for epoch in range(done, p.epochs):
        progress.losses[epoch] = _epoch(
            model, loss_of, optimizer, signals, read, p, progress.rng, epoch, share, patients
        )
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


def _model(config: Config) -> Model:
    n = config.network
    if config.pretrain.objective == "cmsc":
        if config.shape.steps < 2:
            raise IgakuError("pretrain.objective cmsc compares halves; a record needs two patches a lead or more")
        return Contrastive(n.size, config.shape, n.pos_embed)
    return MaskedAutoencoder(n.size, config.shape, n.pos_embed, n.ratio, n.decoder)


def _epoch(
    model: Model,
    loss_of: "Callable[..., Tensor]",
    optimizer: torch.optim.Optimizer,
    signals: Signals,
    read: "Ints",
    p: Pretrain,
    rng: torch.Generator,
    epoch: int,
    share: Share,
    patients: "Ints",
) -> float:
    """The mean loss over all records; the next batch is read, masked and sent while one is computed."""
    parts = torch.split(torch.randperm(len(read), generator=rng), p.batch)
    late, rate = 1 if device() == "cuda" else 0, p.lr * p.batch / 256
    losses: deque[tuple[Tensor, float]] = deque()
    total = 0.0

    def prepared(some: "Tensor") -> "tuple[list[Tensor], float]":
        mine, weight = share.of(len(some))
        chosen = read[np.sort(some.numpy())][mine]
        batch = batch_of(signals, chosen)
        drawn = model.draw(len(some), rng, batch.device, p.mask_leads)  # of all: the same on any number of GPUs
        given = [batch, *(tokens[mine] for tokens in drawn)]
        if isinstance(model, Contrastive):
            given[0] = augmented(batch, rng)
            given.append(torch.from_numpy(patients[chosen]).to(batch.device))
        return given, weight

    for step, ((given, weight), some) in enumerate(zip(ahead(parts, prepared), parts), epoch * len(parts)):
        for group in optimizer.param_groups:
            group["lr"] = rate * warmed(step, p.warmup * len(parts), p.epochs * len(parts))
        with bf16_autocast(given[0].device.type):
            loss = loss_of(*given)
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


def _compiled(model: Model) -> "Callable[..., Tensor]":
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
    forms = [(c.contract.whole, n.size, n.patch, n.pos_embed) for c in (before, config) if (n := c.network)]
    if forms[0] != forms[1]:
        raise IgakuError(f"{folder}: pre-trained with another signal contract or size; use its config")
    return read_weights(encoder, folder / WEIGHTS, "encoder.", RENAMED)


def _fingerprint(config: Config, signals: Signals, read: "Ints", patients: "Ints") -> str:
    """Over the config, the indices and the first record: other records under the same indices are another run.

    Where patients are compared, over them too.
    """
    first = np.ascontiguousarray(signals[read[:1]]).tobytes() if len(read) else b""
    given = [config, read.tolist(), *([patients.tolist()] if config.pretrain.objective == "cmsc" else [])]
    return hashlib.sha256(msgspec.json.encode(given) + first).hexdigest()
