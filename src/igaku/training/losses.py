"""Losses: next token where there is a label, and preferences. The vocabulary is projected only where something is learnt, in pieces, and never kept."""

from typing import Any

import torch

PIECE = 256
"""Positions projected at a time: 256 x 262,144 words x 4 bytes are 268 MB."""


class _Fused(torch.autograd.Function):
    """Sum of -log p(label) from hidden states and the head's weight; gradients are made in the same pass, so that no logits are kept."""

    @staticmethod
    def forward(ctx: Any, hidden: Any, weight: Any, labels: Any, cap: float) -> Any:
        """hidden [n, d], weight [v, d], labels [n]."""
        d_hidden = torch.empty_like(hidden)
        d_weight = torch.zeros_like(weight) if weight.requires_grad else None
        total = hidden.new_zeros((), dtype=torch.float32)
        for at in range(0, len(labels), PIECE):
            h, target = hidden[at : at + PIECE], labels[at : at + PIECE]
            logits = (h @ weight.T).float()
            bent = torch.tanh(logits / cap) if cap else None
            if bent is not None:
                logits = bent * cap
            total += torch.nn.functional.cross_entropy(logits, target, reduction="sum")
            gradient = torch.softmax(logits, -1)
            gradient[torch.arange(len(target), device=target.device), target] -= 1
            if bent is not None:
                gradient *= 1 - bent * bent
            gradient = gradient.to(h.dtype)
            d_hidden[at : at + PIECE] = gradient @ weight
            if d_weight is not None:
                d_weight += gradient.T @ h
        ctx.save_for_backward(d_hidden, d_weight)
        return total

    @staticmethod
    def backward(ctx: Any, upstream: Any) -> Any:
        """Scale what the forward pass made."""
        d_hidden, d_weight = ctx.saved_tensors
        return d_hidden * upstream, None if d_weight is None else d_weight * upstream, None, None


def next_token(network: Any, ids: Any, labels: Any, positions: Any) -> tuple[Any, int]:
    """(sum of -log p over labelled tokens, how many) of [b, t] packed sequences."""
    kept = labels[:, 1:] != -100
    targets = labels[:, 1:][kept]
    base = network.get_base_model() if hasattr(network, "get_base_model") else network
    head = base.get_output_embeddings()
    if _plain(base, head):
        body = getattr(base, base.base_model_prefix)
        hidden = body(input_ids=ids, position_ids=positions, use_cache=False).last_hidden_state[:, :-1][kept]
        cap = float(getattr(base.config, "final_logit_softcapping", None) or 0.0)
        return _Fused.apply(hidden, head.weight, targets, cap), len(targets)
    logits = network(input_ids=ids, position_ids=positions, use_cache=False).logits[:, :-1][kept].float()
    return torch.nn.functional.cross_entropy(logits, targets, reduction="sum"), len(targets)


def _plain(base: Any, head: Any) -> bool:
    """Whether logits are no more than the head's product, capped at most."""
    scaled = any(getattr(base.config, n, None) not in (None, 1, 1.0) for n in ("logits_scaling", "logit_scale"))
    return type(head) is torch.nn.Linear and head.bias is None and not scaled and hasattr(base, base.base_model_prefix)


def answer_logprob(network: Any, ids: Any, labels: Any, mask: Any) -> Any:
    """[b] log p of each row's labelled tokens, of right-padded [b, t] rows."""
    logits = network(input_ids=ids, attention_mask=mask, use_cache=False).logits[:, :-1].float()
    kept = labels[:, 1:] != -100
    picked = torch.log_softmax(logits, -1).gather(-1, labels[:, 1:].clamp(min=0).unsqueeze(-1)).squeeze(-1)
    return (picked * kept).sum(1)


def preference(chosen: Any, rejected: Any, chosen_before: Any, rejected_before: Any, beta: float) -> Any:
    """[b] DPO loss (Rafailov et al. 2023): how much more the model prefers the chosen answer than the reference does."""
    return -torch.nn.functional.logsigmoid(beta * ((chosen - chosen_before) - (rejected - rejected_before)))
