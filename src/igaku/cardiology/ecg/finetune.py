"""Fit a label: a head on the encoder (pre-trained or not, all of it or the head alone), a ResNet, or a boosted tree on intervals."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from igaku.cardiology.ecg.config import Config, Finetune
from igaku.cardiology.ecg.features import NAMES
from igaku.cardiology.ecg.model import KINDS, Fitted, batch_of, feature_rows, forward, fresh
from igaku.cardiology.ecg.store import Prepared
from igaku.cardiology.ecg.targets import Target
from igaku.cardiology.networks import device, half
from igaku.errors import IgakuError, UnknownNameError, optional


class Part(NamedTuple):
    """Some records and what is known of them."""

    places: list[int]
    truth: Any
    """[n, labels], NaN where one is not known."""


def finetune(
    records: Prepared,
    train: Part,
    valid: Part,
    made: Target,
    config: Config,
    kind: str = "vit",
    encoder: Path | None = None,
    on_epoch: Callable[[int, float], None] | None = None,
) -> Fitted:
    """A model fitted to the training part and stopped by the validation part.

    Args:
        kind: ``vit``, ``resnet`` or ``tree``.
        encoder: a pre-trained encoder's folder, for ``vit``.
    """
    if kind not in KINDS:
        raise UnknownNameError("kind of model", kind, KINDS)
    if encoder and kind != "vit":
        raise IgakuError(f"an encoder was given, but the model is a {kind}; leave one of the two out")
    if made.binary:
        centre = [(0.0, 1.0)] * len(made.parts)
    else:
        centre = [(float(np.nanmean(t)), float(np.nanstd(t)) or 1.0) for t in train.truth.T]
    if kind == "tree":
        network = _boosted(records, train, valid, made, config)
    else:
        network = _learnt(records.signals, train, valid, made, config, kind, encoder, centre, on_epoch)
    return Fitted(config=config, label=made.name, binary=made.binary, kind=kind, centre=centre, network=network)


def _boosted(records: Prepared, train: Part, valid: Part, made: Target, config: Config) -> Any:
    """One booster a label, of small trees since records may be few; stopped by the validation part."""
    lightgbm = optional("lightgbm", "ecg")
    given, checked = (feature_rows(records, part.places) for part in (train, valid))
    settings = {
        "objective": "binary" if made.binary else "l1",
        "learning_rate": 0.05,
        "num_leaves": 8,
        "min_data_in_leaf": max(2, min(20, len(given) // 20)),
        "feature_fraction": 0.5,
        "bagging_fraction": 0.8,
        "bagging_freq": 1,
        "seed": config.seed,
        "num_threads": 2,
        "deterministic": True,
        "verbose": -1,
    }
    boosters = []
    for wanted, known in zip(train.truth.T, valid.truth.T):
        a, b = ~np.isnan(wanted), ~np.isnan(known)
        rows = lightgbm.Dataset(given[a], wanted[a], feature_name=[n.replace(" ", "_") for n in NAMES])
        checks = [rows.create_valid(checked[b], known[b])] if b.any() else []
        stop = [lightgbm.early_stopping(50, verbose=False)] if checks else []
        boosters.append(lightgbm.train(settings, rows, 500, valid_sets=checks, callbacks=stop))
    return boosters


def _learnt(
    signals: Any,
    train: Part,
    valid: Part,
    made: Target,
    config: Config,
    kind: str,
    encoder: Path | None,
    centre: list[tuple[float, float]],
    on_epoch: Callable[[int, float], None] | None,
) -> Any:
    import torch

    from igaku.cardiology.ecg.pretrain import encoder_of

    f = config.finetune
    torch.manual_seed(config.seed)
    model = fresh(kind, config, len(made.parts), None if kind == "resnet" else encoder_of(encoder, config)).to(device())
    optimizer = torch.optim.AdamW(_groups(model, f, kind), weight_decay=f.weight_decay)
    rates = [g["lr"] for g in optimizer.param_groups]
    rng = torch.Generator().manual_seed(config.seed)
    best, kept, waited = math.inf, _copy(model), 0
    for epoch in range(f.epochs):
        share = min(1.0, (epoch + 1) / max(1, f.epochs // 10)) * 0.5 * (1 + math.cos(math.pi * epoch / f.epochs))
        for group, rate in zip(optimizer.param_groups, rates):
            group["lr"] = rate * share
        model.train()
        for some in torch.randperm(len(train.places), generator=rng).split(f.batch):
            if len(some) < 2:
                continue
            batch = batch_of(signals, [train.places[i] for i in some.tolist()])
            with half(batch.device.type):
                loss = _loss(model(_augmented(batch, rng)), train.truth[some.numpy()], made.binary, centre)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        told = torch.from_numpy(forward(model, signals, valid.places))
        reached = float(_loss(told, valid.truth, made.binary, centre))
        if not math.isfinite(reached):
            raise IgakuError(f"the validation loss is no number in epoch {epoch + 1}; lower finetune.lr ({f.lr:g})")
        if on_epoch:
            on_epoch(epoch + 1, reached)
        if reached < best:
            best, kept, waited = reached, _copy(model), 0
        elif (waited := waited + 1) >= f.patience:
            break
    model.load_state_dict(kept)
    return model.eval()


def _loss(out: Any, truth: Any, binary: bool, centre: list[tuple[float, float]]) -> Any:
    """Of labels that are known: cross-entropy, or Huber's loss of numbers in deviations."""
    import torch

    wanted = torch.as_tensor(np.asarray(truth, np.float32)).to(out.device)
    known = ~torch.isnan(wanted)
    if binary:
        return torch.nn.functional.binary_cross_entropy_with_logits(out[known], wanted[known])
    middle, deviation = torch.tensor(centre, device=out.device).T
    return torch.nn.functional.huber_loss(out[known], ((wanted - middle) / deviation)[known])


def _augmented(batch: Any, rng: Any) -> Any:
    """Moved in time by up to half a second, and scaled by up to a tenth: neither changes what is asked."""
    import torch

    shift = int(torch.randint(-batch.shape[-1] // 20, batch.shape[-1] // 20 + 1, (1,), generator=rng))
    scale = 1 + 0.1 * (2 * torch.rand(len(batch), 1, 1, generator=rng) - 1)
    return torch.roll(batch, shift, -1) * scale.to(batch.device)


def _groups(model: Any, f: Finetune, kind: str) -> list[dict[str, Any]]:
    """Parameters with their rates: lower layers slower, frozen ones not at all."""
    if kind == "resnet":
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
    lowest = [*model.encoder.embed.parameters(), *model.encoder.places.parameters()]
    return [*groups, {"params": lowest, "lr": f.lr * f.layer_decay ** (depth + 1)}]


def _copy(model: Any) -> dict[str, Any]:
    return {k: v.clone() for k, v in model.state_dict().items()}
