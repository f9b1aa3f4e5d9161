"""The training loop that ECG and angiography share: AdamW, cosine schedule, early stop, the best epoch's weights."""

import math
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import torch

from igaku.cardiology.networks import Module
from igaku.errors import IgakuError

if TYPE_CHECKING:
    from torch import Tensor
    from torch.optim import Optimizer

OnEpoch = Callable[[int, float], None]
"""Called with the number of the epoch that has ended, from 1, and its validation error."""


def cosine(step: int, steps: int) -> float:
    """Half a cosine from 1 down to 0: the factor of the learning rate."""
    return 0.5 * (1 + math.cos(math.pi * step / steps))


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
        factor: epoch -> factor of each group's own learning rate.
        patience: stop after N epochs without a better error; None goes through all.
        clip: greatest norm of the gradients.

    Raises:
        IgakuError: the validation error is NaN or inf.
    """
    rates = [group["lr"] for group in optimizer.param_groups]
    best, best_state, waited = math.inf, _copy(model), 0
    for epoch in range(epochs):
        for group, rate in zip(optimizer.param_groups, rates):
            group["lr"] = rate * factor(epoch)
        _train_epoch(model, optimizer, losses(), clip)
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


def _train_epoch(model: Module, optimizer: "Optimizer", losses: "Iterable[Tensor]", clip: float | None) -> None:
    model.train()
    for loss in losses:
        torch.autograd.backward(loss)
        if clip is not None:
            torch.nn.utils.clip_grad_norm_(model.parameters(), clip)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)


def _copy(model: Module) -> "dict[str, Tensor]":
    return {k: v.clone() for k, v in model.state_dict().items()}
