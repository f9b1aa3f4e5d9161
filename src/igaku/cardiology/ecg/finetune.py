"""Fit a label: a head on the encoder (pre-trained or not), a ResNet, or boosted trees on intervals."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from igaku.cardiology.ecg.augment import augmented
from igaku.cardiology.ecg.config import Config, Finetune
from igaku.cardiology.ecg.encoders.published import PUBLISHED
from igaku.cardiology.ecg.features import NAMES
from igaku.cardiology.ecg.model import KINDS, Fitted, batch_of, feature_rows, forward, new_network
from igaku.cardiology.ecg.store import Prepared, Signals
from igaku.cardiology.ecg.targets import Subset, Target
from igaku.cardiology.networks import bf16_autocast, device
from igaku.errors import IgakuError, UnknownNameError, optional

if TYPE_CHECKING:
    from lightgbm import Booster
    from torch import Tensor, nn

    from igaku.cardiology.arrays import Floats
    from igaku.cardiology.ecg.mae import Features, Head
    from igaku.cardiology.fit import OnEpoch

Scaling = list[tuple[float, float]]
"""Mean and deviation of each label in training; (0, 1) for yes-or-no labels."""


def finetune(
    records: Prepared,
    train: Subset,
    valid: Subset,
    target: Target,
    config: Config,
    kind: str = "vit",
    encoder: Path | None = None,
    on_epoch: "OnEpoch | None" = None,
) -> Fitted:
    """A model fitted to the training part and stopped by the validation part.

    Args:
        kind: ``vit``, ``resnet``, ``tree``, or a published encoder.
        encoder: a pre-trained encoder's folder, for ``vit``; a published encoder's file.

    Raises:
        IgakuError: an unknown kind, an encoder for another kind than ``vit``, or a loss of NaN or inf.
    """
    if kind not in KINDS:
        raise UnknownNameError("kind of model", kind, KINDS)
    if encoder and kind != "vit" and kind not in PUBLISHED:
        raise IgakuError(f"an encoder was given, but the model is a {kind}; leave one of the two out")
    scaling = _scaling(train, target)
    network: nn.Module | list[Booster]
    if kind == "tree":
        network = _boosted(records, train, valid, target, config)
    else:
        network = _trained(records.signals, train, valid, config, kind, encoder, target.binary, scaling, on_epoch)
    return Fitted(config=config, label=target.name, binary=target.binary, kind=kind, scaling=scaling, network=network)


def _scaling(train: Subset, target: Target) -> Scaling:
    if target.binary:
        return [(0.0, 1.0)] * len(target.parts)
    return [(float(np.nanmean(t)), float(np.nanstd(t)) or 1.0) for t in train.truth.T]


def _seed(config: Config) -> int:
    return config.seed + 1000 * config.finetune.repeat


def _boosted(records: Prepared, train: Subset, valid: Subset, target: Target, config: Config) -> "list[Booster]":
    """One booster a label, of small trees since records may be few; stopped by the validation part."""
    lightgbm = optional("lightgbm", "ecg")
    inputs, checks = (feature_rows(records, part.indices) for part in (train, valid))
    settings = {
        "objective": "binary" if target.binary else "l1",
        "learning_rate": 0.05,
        "num_leaves": 8,
        "min_data_in_leaf": max(2, min(20, len(inputs) // 20)),
        "feature_fraction": 0.5,
        "bagging_fraction": 0.8,
        "bagging_freq": 1,
        "seed": _seed(config),
        "num_threads": 2,
        "deterministic": True,
        "verbose": -1,
    }
    boosters = []
    for wanted, known in zip(train.truth.T, valid.truth.T):
        a, b = ~np.isnan(wanted), ~np.isnan(known)
        rows = lightgbm.Dataset(inputs[a], wanted[a], feature_name=[n.replace(" ", "_") for n in NAMES])
        valid_sets = [rows.create_valid(checks[b], known[b])] if b.any() else []
        stop = [lightgbm.early_stopping(50, verbose=False)] if valid_sets else []
        boosters.append(lightgbm.train(settings, rows, 500, valid_sets=valid_sets, callbacks=stop))
    return boosters


def _trained(
    signals: Signals,
    train: Subset,
    valid: Subset,
    config: Config,
    kind: str,
    encoder: Path | None,
    binary: bool,
    scaling: Scaling,
    on_epoch: "OnEpoch | None",
) -> "nn.Module":
    import torch

    from igaku.cardiology.fit import decay_groups, fit, warmed

    f = config.finetune
    torch.manual_seed(_seed(config))
    model = new_network(kind, config, len(scaling), _encoder(kind, encoder, config)).to(device())
    optimizer = torch.optim.AdamW(decay_groups(model, _groups(model, f, kind), f.weight_decay))
    updates = len(range(1, len(train.indices), f.batch))
    rng = torch.Generator().manual_seed(_seed(config))
    error = partial(_loss, binary=binary, scaling=scaling)

    def losses() -> "Iterator[Tensor]":
        for some in torch.split(torch.randperm(len(train.indices), generator=rng), f.batch):
            if len(some) > 1:
                batch = batch_of(signals, [train.indices[i] for i in some.tolist()])
                with bf16_autocast(batch.device.type):
                    loss = error(model(augmented(batch, rng, f.mask_leads)), train.truth[some.numpy()])
                yield loss

    def validate() -> float:
        return float(error(torch.from_numpy(forward(model, signals, valid.indices)), valid.truth))

    return fit(
        model,
        optimizer,
        losses,
        validate,
        epochs=f.epochs,
        factor=lambda step: warmed(step, updates * max(1, f.epochs // 10), updates * f.epochs),
        patience=f.patience,
        clip=1.0,
        on_epoch=on_epoch,
    )


def _loss(out: "Tensor", truth: "Floats", binary: bool, scaling: Scaling) -> "Tensor":
    """The loss over known labels: cross-entropy, or Huber's loss of numbers in deviations."""
    import torch

    wanted = torch.as_tensor(np.asarray(truth, np.float32)).to(out.device)
    known = ~torch.isnan(wanted)
    if binary:
        return torch.nn.functional.binary_cross_entropy_with_logits(out[known], wanted[known])
    mean, deviation = torch.tensor(scaling, device=out.device).T
    return torch.nn.functional.huber_loss(out[known], ((wanted - mean) / deviation)[known])


def _encoder(kind: str, encoder: Path | None, config: Config) -> "Features | None":
    """What the head is put on; a ResNet has its own."""
    if kind in PUBLISHED:
        return PUBLISHED[kind].load(encoder) if encoder else None
    from igaku.cardiology.ecg.pretrain import encoder_of

    return None if kind == "resnet" else encoder_of(encoder, config)


def _groups(model: "nn.Module", f: Finetune, kind: str) -> "list[dict[str, object]]":
    """Parameters with their learning rates: lower layers slower, frozen ones not at all."""
    if kind == "resnet":
        return [{"params": list(model.parameters()), "lr": f.lr}]
    return _layer_groups(cast("Head", model), f)


def _layer_groups(model: "Head", f: Finetune) -> "list[dict[str, object]]":
    head = [p for n, p in model.named_parameters() if not n.startswith("encoder.")]
    if f.frozen:
        cast("nn.Module", model.encoder).requires_grad_(False)
        return [{"params": head, "lr": f.lr}]
    depths = model.encoder.depths()
    below = [{"params": ps, "lr": f.lr * f.layer_decay ** (len(depths) - 1 - i)} for i, ps in enumerate(depths)]
    return [{"params": head, "lr": f.lr}, *below]
