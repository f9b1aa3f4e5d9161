"""The training loop that ECG and angiography share: AdamW, cosine schedule, early stop, the best epoch's weights."""

import math
import re
from collections.abc import Callable, Iterable, Mapping
from itertools import count
from typing import TYPE_CHECKING, cast

import torch

from igaku.cardiology.networks import Module
from igaku.errors import IgakuError

if TYPE_CHECKING:
    from torch import Tensor, nn
    from torch.optim import Optimizer

OnEpoch = Callable[[int, float], None]
"""Called with the number of the epoch that has ended, from 1, and its validation error."""


def cosine(step: int, steps: int) -> float:
    """Half a cosine from 1 down to 0: the factor of the learning rate."""
    return 0.5 * (1 + math.cos(math.pi * step / steps))


def warmed(step: int, warmup: int, steps: int) -> float:
    """Factor of the learning rate at an update: a line up over ``warmup`` updates, then half a cosine down."""
    return (step + 1) / warmup if step < warmup else cosine(step - warmup, max(1, steps - warmup))


def decay_groups(
    model: "nn.Module", groups: "Iterable[Mapping[str, object]]", weight_decay: float
) -> "list[dict[str, object]]":
    """Parameter groups, each divided into matrices, which decay, and biases, norms and embeddings, which do not.

    As MAE and BERT do: shrinking an offset, a norm's scale or a position only moves what the next layer expects.
    """
    positions = {id(p) for name, p in model.named_parameters() if re.search(r"pos_embed|positions|mask_token", name)}
    out: list[dict[str, object]] = []
    for group in groups:
        given = cast("Iterable[Tensor]", group["params"])
        parts: tuple[list[Tensor], list[Tensor]] = ([], [])
        for p in given:
            parts[p.ndim < 2 or id(p) in positions].append(p)
        out += [{**group, "params": ps, "weight_decay": d} for ps, d in zip(parts, (weight_decay, 0.0)) if ps]
    return out


def fit(
    model: Module,
    optimizer: "Optimizer",
    losses: "Callable[[], Iterable[Tensor]]",
    validate: Callable[[], float],
    *,
    epochs: int,
    factor: Callable[[int], float],
    patience: int | None = None,
    clip: float | None = None,
    on_epoch: OnEpoch | None = None,
) -> Module:
    """The model with the weights of its best epoch, in evaluation mode.

    Args:
        losses: of one epoch, a loss a batch.
        validate: the error on the validation patients; lower is better.
        factor: update, from 0 -> factor of each group's own learning rate.
        patience: stop after N epochs without a better error; None goes through all.
        clip: greatest norm of the gradients.

    Raises:
        IgakuError: the validation error is NaN or inf.
    """
    rates = [group["lr"] for group in optimizer.param_groups]
    steps = count()

    def next_rate() -> None:
        step = next(steps)
        for group, rate in zip(optimizer.param_groups, rates):
            group["lr"] = rate * factor(step)

    best, best_state, waited = math.inf, _copy(model), 0
    for epoch in range(epochs):
        _train_epoch(model, optimizer, losses(), clip, next_rate)
        error = validate()
        if not math.isfinite(error):
            raise IgakuError(f"the validation error is NaN or inf in epoch {epoch + 1}; lower the learning rate")
        if on_epoch:
            on_epoch(epoch + 1, error)
        if error < best:
            best, best_state, waited = error, _copy(model), 0
        elif (waited := waited + 1) == patience:
            break
    model.load_state_dict(best_state)
    return model.eval()


def _train_epoch(
    model: Module, optimizer: "Optimizer", losses: "Iterable[Tensor]", clip: float | None, next_rate: Callable[[], None]
) -> None:
    model.train()
    for loss in losses:
        next_rate()
        torch.autograd.backward(loss)
        if clip is not None:
            torch.nn.utils.clip_grad_norm_(model.parameters(), clip)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)


def _copy(model: Module) -> "dict[str, Tensor]":
    return {k: v.clone() for k, v in model.state_dict().items()}
