"""Pre-train the masked autoencoder, fine-tune a head, and keep both with the signal contract that they were made for."""

import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import torch
import yaml
from msgspec import Struct, field

from igaku.cardiology import RESEARCH
from igaku.cardiology.ecg.mae import SIZES, Encoder, Head, MaskedAutoencoder, ResNet, Shape
from igaku.cardiology.ecg.signal import Contract
from igaku.errors import IgakuError, UnknownNameError
from igaku.run import write_json
from igaku.shipped import shipped, shipped_text


class Network(Struct, forbid_unknown_fields=True):
    """The autoencoder."""

    size: str = "small"
    patch: int = 250
    """Samples; the paper's half second at 500 Hz."""
    ratio: float = 0.75
    places: str = "joint"
    """``joint`` as the paper, or ``split`` into lead and time."""
    decoder: tuple[int, int, int] = (512, 8, 16)


class Pretrain(Struct, forbid_unknown_fields=True):
    """MAE's own defaults (He et al. 2022), since the paper prints none."""

    epochs: int = 800
    warmup: int = 40
    batch: int = 64
    lr: float = 1.5e-4
    """For 256 records an update; scaled with the batch."""
    weight_decay: float = 0.05


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


class Config(Struct, forbid_unknown_fields=True):
    """One YAML file."""

    about: str = ""
    contract: Contract = field(default_factory=Contract)
    network: Network = field(default_factory=Network)
    pretrain: Pretrain = field(default_factory=Pretrain)
    finetune: Finetune = field(default_factory=Finetune)
    label: str = ""
    columns: dict[str, str] = {}
    """What the source calls things: our name -> its column."""
    seed: int = 0

    @property
    def shape(self) -> Shape:
        """The input in patches."""
        c = self.contract
        if c.samples % self.network.patch:
            raise IgakuError(f"a record of {c.samples} samples cannot be cut into patches of {self.network.patch}")
        return Shape(len(c.leads), c.samples, self.network.patch)


def config_names() -> list[str]:
    """The shipped configs."""
    return shipped(__package__, "configs")


def load_config(name: str) -> Config:
    """A shipped config, or a YAML file."""
    text = shipped_text("ECG config", name, __package__, "configs")
    try:
        made = msgspec.convert(yaml.safe_load(text), Config)
    except (yaml.YAMLError, msgspec.ValidationError) as error:
        raise IgakuError(f"{name}: cannot be read as an ECG config ({' '.join(str(error).split())[:200]})") from None
    if made.network.size not in SIZES:
        raise UnknownNameError("size", made.network.size, SIZES)
    return made


def pretrain(
    signals: Any,
    config: Config,
    out: Path,
    on_epoch: Callable[[int, float, float], None] | None = None,
    places: Sequence[int] | None = None,
) -> list[float]:
    """The mean loss of each epoch; ``out`` holds encoder.safetensors, config and contract.

    Args:
        signals: [n, leads, samples], an array or a memory map; labels are not looked at.
        places: those that are read; all if left out.
    """
    from safetensors.torch import save_file

    torch.manual_seed(config.seed)
    n, p = config.network, config.pretrain
    model = MaskedAutoencoder(n.size, config.shape, n.places, n.ratio, n.decoder).train().to(_device())
    rate = p.lr * p.batch / 256
    optimizer = torch.optim.AdamW(model.parameters(), lr=rate, betas=(0.9, 0.95), weight_decay=p.weight_decay)
    dice = torch.Generator().manual_seed(config.seed)
    read = np.arange(len(signals)) if places is None else np.array(sorted(places))
    losses = []
    started = time.perf_counter()
    for epoch in range(p.epochs):
        share = (
            (epoch + 1) / max(1, p.warmup)
            if epoch < p.warmup
            else 0.5 * (1 + math.cos(math.pi * (epoch - p.warmup) / max(1, p.epochs - p.warmup)))
        )
        for group in optimizer.param_groups:
            group["lr"] = rate * share
        total = 0.0
        for some in torch.randperm(len(read), generator=dice).split(p.batch):
            batch = _batch(signals, read[np.sort(some.numpy())])
            kept, hidden = model.draw(len(batch), dice, batch.device)
            loss = model.loss(batch, kept, hidden)
            if not bool(torch.isfinite(loss)):
                raise IgakuError(f"the loss is no number in epoch {epoch + 1}; lower pretrain.lr ({p.lr:g})")
            loss.backward()
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            total += float(loss.detach()) * len(batch)
        losses.append(total / len(read))
        if on_epoch:
            on_epoch(epoch + 1, losses[-1], time.perf_counter() - started)
    out.mkdir(parents=True, exist_ok=True)
    save_file({k: v.contiguous() for k, v in model.state_dict().items()}, out / "autoencoder.safetensors")
    keep(out, config, {"losses": losses, "records": len(read)})
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
    from safetensors.torch import load_file

    before = read_config(folder)
    if (before.contract, before.network.size, before.network.patch, before.network.places) != (
        config.contract,
        config.network.size,
        config.network.patch,
        config.network.places,
    ):
        raise IgakuError(f"{folder}: pre-trained with another signal contract or size; use its config")
    weights = load_file(folder / "autoencoder.safetensors")
    made.load_state_dict({k.removeprefix("encoder."): v for k, v in weights.items() if k.startswith("encoder.")})
    return made


def finetune(
    signals: Any, train: Sequence[int], truth: Any, valid: Sequence[int], valid_truth: Any, config: Config, binary: bool, *, pretrained: Path | None = None,
    baseline: bool = False, on_epoch: Callable[[int, float], None] | None = None,
) -> tuple[Any, tuple[float, float]]:  # fmt: skip
    """(network, (mean, deviation) of the numbers it tells) fitted to training places, stopped by validation places.

    Args:
        baseline: a ResNet of convolutions instead of the encoder.
    """
    f = config.finetune
    torch.manual_seed(config.seed)
    model: Any = ResNet(1, len(config.contract.leads)) if baseline else Head(encoder_of(pretrained, config), 1)
    model = model.to(_device())
    centre = (0.0, 1.0) if binary else (float(np.mean(truth)), float(np.std(truth)) or 1.0)
    optimizer = torch.optim.AdamW(_groups(model, f, baseline), weight_decay=f.weight_decay)
    rates = [g["lr"] for g in optimizer.param_groups]
    dice = torch.Generator().manual_seed(config.seed)
    best, kept, waited = math.inf, {k: v.clone() for k, v in model.state_dict().items()}, 0
    for epoch in range(f.epochs):
        share = min(1.0, (epoch + 1) / max(1, f.epochs // 10)) * 0.5 * (1 + math.cos(math.pi * epoch / f.epochs))
        for group, rate in zip(optimizer.param_groups, rates):
            group["lr"] = rate * share
        model.train()
        for places in torch.randperm(len(train), generator=dice).split(f.batch):
            if len(places) < 2:
                continue
            batch = _batch(signals, [train[i] for i in places.tolist()])
            _loss(model(_augmented(batch, dice)), truth[places.numpy()], binary, centre).backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        with torch.no_grad():
            reached = float(_loss(forward(model, signals, valid), valid_truth, binary, centre))
        if not math.isfinite(reached):
            raise IgakuError(f"the validation loss is no number in epoch {epoch + 1}; lower finetune.lr ({f.lr:g})")
        if on_epoch:
            on_epoch(epoch + 1, reached)
        if reached < best:
            best, kept, waited = reached, {k: v.clone() for k, v in model.state_dict().items()}, 0
        elif (waited := waited + 1) >= f.patience:
            break
    model.load_state_dict(kept)
    return model.eval(), centre


def forward(model: Any, signals: Any, places: Sequence[int], batch: int = 64) -> Any:
    """[n, outputs] of places, without gradients."""
    model.eval()
    with torch.no_grad():
        return torch.cat([model(_batch(signals, places[i : i + batch])).cpu() for i in range(0, len(places), batch)])


def told(model: Any, signals: Any, places: Sequence[int], binary: bool, centre: tuple[float, float]) -> Any:
    """[n] chances, or numbers in the label's own unit."""
    out = forward(model, signals, places)[:, 0]
    return torch.sigmoid(out).numpy() if binary else (out * centre[1] + centre[0]).numpy()


def keep(out: Path, config: Config, more: dict[str, Any]) -> None:
    """``ecg.json``: config with the signal contract, and what the folder holds."""
    made = {"research": RESEARCH, "config": msgspec.to_builtins(config), **more}
    write_json(out / "ecg.json", made)


def read_config(folder: Path) -> Config:
    """The config that a folder's weights were made with."""
    return msgspec.convert(read_card(folder)["config"], Config)


def read_card(folder: Path) -> dict[str, Any]:
    """``ecg.json``.

    Raises:
        IgakuError: no model there.
    """
    try:
        return msgspec.json.decode((folder / "ecg.json").read_bytes())
    except (OSError, msgspec.DecodeError) as error:
        raise IgakuError(f"{folder}: no ECG model there ({error})") from None


def save_head(
    out: Path, model: Any, config: Config, label: str, binary: bool, centre: tuple[float, float], more: dict[str, Any]
) -> None:
    """A fitted head: ``head.safetensors`` and ``ecg.json``."""
    from safetensors.torch import save_file

    out.mkdir(parents=True, exist_ok=True)
    save_file({k: v.contiguous() for k, v in model.state_dict().items()}, out / "head.safetensors")
    keep(
        out,
        config,
        {"label": label, "binary": binary, "centre": list(centre), "baseline": isinstance(model, ResNet), **more},
    )


def load_head(folder: Path) -> tuple[Any, dict[str, Any], Config]:
    """(network, card, config) of a fitted head."""
    from safetensors.torch import load_file

    card = read_card(folder)
    if "label" not in card:
        raise IgakuError(
            f"{folder}: holds a pre-trained encoder without a head; fine-tune it first: igaku ecg finetune"
        )
    config = msgspec.convert(card["config"], Config)
    model: Any = (
        ResNet(1, len(config.contract.leads))
        if card["baseline"]
        else Head(Encoder(config.network.size, config.shape, config.network.places), 1)
    )
    model.load_state_dict(load_file(folder / "head.safetensors"))
    return model.to(_device()).eval(), card, config


def occlusion(model: Any, signal: Any, config: Config) -> Any:
    """[leads, samples] between 0 and 1: how much the output changes when a patch is replaced by its lead's mean."""
    shape = config.shape
    with torch.no_grad():
        base = model(torch.from_numpy(signal)[None].to(_device()))[0, 0]
        changed = []
        for first in range(0, shape.tokens, 60):
            rows = np.repeat(signal[None], min(60, shape.tokens - first), 0)
            for k in range(len(rows)):
                lead, step = divmod(first + k, shape.steps)
                rows[k, lead, step * shape.patch : (step + 1) * shape.patch] = signal[lead].mean()
            changed.append((model(torch.from_numpy(rows).to(_device()))[:, 0] - base).abs().cpu())
    weight = torch.cat(changed).numpy().reshape(shape.leads, shape.steps)
    return np.repeat(weight / (weight.max() or 1.0), shape.patch, axis=1)


def _batch(signals: Any, places: Any) -> Any:
    return torch.from_numpy(np.ascontiguousarray(signals[list(places)])).to(_device())


def _augmented(batch: Any, dice: Any) -> Any:
    """Moved in time by up to half a second, and scaled by up to a tenth: neither changes what is asked."""
    shift = int(torch.randint(-batch.shape[-1] // 20, batch.shape[-1] // 20 + 1, (1,), generator=dice))
    scale = 1 + 0.1 * (2 * torch.rand(len(batch), 1, 1, generator=dice) - 1)
    return torch.roll(batch, shift, -1) * scale.to(batch.device)


def _loss(out: Any, truth: Any, binary: bool, centre: tuple[float, float]) -> Any:
    wanted = torch.as_tensor(np.asarray(truth, np.float32)).to(out.device)
    if binary:
        return torch.nn.functional.binary_cross_entropy_with_logits(out[:, 0], wanted)
    return torch.nn.functional.huber_loss(out[:, 0], (wanted - centre[0]) / centre[1])


def _groups(model: Any, f: Finetune, baseline: bool) -> list[dict[str, Any]]:
    """Parameters with their rates: lower layers slower, frozen ones not at all."""
    if baseline:
        return [{"params": list(model.parameters()), "lr": f.lr}]
    head = [p for n, p in model.named_parameters() if not n.startswith("encoder.")]
    if f.frozen:
        model.encoder.requires_grad_(False)
        return [{"params": head, "lr": f.lr}]
    depth = len(model.encoder.blocks)
    groups = [{"params": [*head, *model.encoder.norm.parameters()], "lr": f.lr}]
    groups += [
        {"params": list(block.parameters()), "lr": f.lr * f.layer_decay ** (depth - i)}
        for i, block in enumerate(model.encoder.blocks)
    ]
    return [
        *groups,
        {
            "params": [*model.encoder.embed.parameters(), *model.encoder.places.parameters()],
            "lr": f.lr * f.layer_decay ** (depth + 1),
        },
    ]


def _device() -> str:
    return "cuda" if torch.cuda.is_available() else "cpu"
