"""Losses: next token where there is a label, and preferences.

The vocabulary is projected only where something is learnt, in pieces, and the logits are never stored.
"""

from typing import Any

import torch
from torch import Tensor, nn

PIECE = 256
"""Positions projected at a time: 256 x 262,144 words x 4 bytes are 268 MB."""


class _Fused(torch.autograd.Function):
    """Sum of -log p(label) from hidden states and the head's weight.

    Gradients are computed in the same pass, so that no logits are stored.
    """

    @staticmethod
    def forward(ctx: Any, hidden: Tensor, weight: Tensor, labels: Tensor, cap: float) -> Tensor:
        """The sum, of hidden [n, d], weight [v, d] and labels [n]."""
        d_hidden = torch.empty_like(hidden)
        d_weight = torch.zeros_like(weight) if weight.requires_grad else None
        total = hidden.new_zeros((), dtype=torch.float32)
        for at in range(0, len(labels), PIECE):
            h, target = hidden[at : at + PIECE], labels[at : at + PIECE]
            logits = (h @ weight.T).float()
            capped = torch.tanh(logits / cap) if cap else None
            if capped is not None:
                logits = capped * cap
            total += torch.nn.functional.cross_entropy(logits, target, reduction="sum")
            gradient = torch.softmax(logits, -1)
            gradient[torch.arange(len(target), device=target.device), target] -= 1
            if capped is not None:
                gradient *= 1 - capped * capped
            gradient = gradient.to(h.dtype)
            d_hidden[at : at + PIECE] = gradient @ weight
            if d_weight is not None:
                d_weight += gradient.T @ h
        ctx.save_for_backward(d_hidden, d_weight)
        return total

    @staticmethod
    def backward(ctx: Any, upstream: Tensor) -> tuple[Tensor, Tensor | None, None, None]:
        """The gradients of the forward pass, scaled."""
        d_hidden, d_weight = ctx.saved_tensors
        return d_hidden * upstream, None if d_weight is None else d_weight * upstream, None, None


def next_token(network: Any, ids: Tensor, labels: Tensor, positions: Tensor) -> tuple[Tensor, int]:
    """(sum of -log p over labelled tokens, their number) of [b, t] packed sequences."""
    is_labelled = labels[:, 1:] != -100
    targets = labels[:, 1:][is_labelled]
    base = network.get_base_model() if hasattr(network, "get_base_model") else network
    head = base.get_output_embeddings()
    if _plain(base, head):
        body = getattr(base, base.base_model_prefix)
        hidden = body(input_ids=ids, position_ids=positions, use_cache=False).last_hidden_state[:, :-1][is_labelled]
        cap = float(getattr(base.config, "final_logit_softcapping", None) or 0.0)
        return _Fused.apply(hidden, head.weight, targets, cap), len(targets)  # type: ignore[no-untyped-call]
    logits = network(input_ids=ids, position_ids=positions, use_cache=False).logits[:, :-1][is_labelled].float()
    return torch.nn.functional.cross_entropy(logits, targets, reduction="sum"), len(targets)


def _plain(base: Any, head: nn.Module) -> bool:
    """Whether logits are the head's product alone, capped at most."""
    scaled = any(getattr(base.config, n, None) not in (None, 1, 1.0) for n in ("logits_scaling", "logit_scale"))
    return type(head) is torch.nn.Linear and head.bias is None and not scaled and hasattr(base, base.base_model_prefix)


def answer_logprob(network: nn.Module, ids: Tensor, labels: Tensor, mask: Tensor) -> Tensor:
    """[b] log p of each row's labelled tokens, of right-padded [b, t] rows."""
    logits = network(input_ids=ids, attention_mask=mask, use_cache=False).logits[:, :-1].float()
    is_labelled = labels[:, 1:] != -100
    picked = torch.log_softmax(logits, -1).gather(-1, labels[:, 1:].clamp(min=0).unsqueeze(-1)).squeeze(-1)
    summed: Tensor = (picked * is_labelled).sum(1)
    return summed


def preference(chosen: Tensor, rejected: Tensor, chosen_before: Tensor, rejected_before: Tensor, beta: float) -> Tensor:
    """[b] DPO loss (Rafailov et al. 2023) of log probabilities [b], now and by the reference.

    It falls as the model prefers the chosen answer more than the reference does.
    """
    return -torch.nn.functional.logsigmoid(beta * ((chosen - chosen_before) - (rejected - rejected_before)))
