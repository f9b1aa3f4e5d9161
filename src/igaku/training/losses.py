"""The loss of the next token on a processor: the vocabulary is projected only where something is learnt, in pieces, and
the logits are never stored.

trl does so on a GPU; elsewhere it projects every position, twice (``bench/training_backends.py``).
"""

import types
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


def next_token(base: Any, plain: Any, ids: Tensor, labels: Tensor, positions: Tensor) -> Tensor:
    """Sum of -log p over labelled tokens of [b, t] packed sequences.

    Args:
        plain: the network's own forward, for heads that do more than a product.
    """
    is_labelled = labels[:, 1:] != -100
    targets = labels[:, 1:][is_labelled]
    head = base.get_output_embeddings()
    if _plain(base, head):
        body = getattr(base, base.base_model_prefix)
        hidden = body(input_ids=ids, position_ids=positions, use_cache=False).last_hidden_state[:, :-1][is_labelled]
        cap = float(getattr(base.config, "final_logit_softcapping", None) or 0.0)
        total: Tensor = _Fused.apply(hidden, head.weight, targets, cap)  # type: ignore[no-untyped-call]
        return total
    logits = plain(input_ids=ids, position_ids=positions, use_cache=False).logits[:, :-1][is_labelled].float()
    return torch.nn.functional.cross_entropy(logits, targets, reduction="sum")


def _plain(base: Any, head: nn.Module) -> bool:
    """Whether logits are the head's product alone, capped at most."""
    scaled = any(getattr(base.config, n, None) not in (None, 1, 1.0) for n in ("logits_scaling", "logit_scale"))
    return type(head) is torch.nn.Linear and head.bias is None and not scaled and hasattr(base, base.base_model_prefix)


def sum_in_forward(base: Any) -> None:
    """Let ``forward`` give the sum of losses where it is called with ``summed=True``: so it is wrapped as any forward,
    by adapters and by what adds the processes' gradients up.
    """
    plain = base.forward

    def forward(self: Any, *args: Any, summed: bool = False, **given: Any) -> Any:
        if not summed:
            return plain(*args, **given)
        return next_token(self, plain, given["input_ids"], given["labels"], given["position_ids"])

    base.forward = types.MethodType(forward, base)
