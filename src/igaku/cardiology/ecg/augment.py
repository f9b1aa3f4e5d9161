"""Records changed at random in training, by what changes no label."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Generator, Tensor


def augmented(batch: "Tensor", rng: "Generator", mask_leads: float = 0.0) -> "Tensor":
    """Each record shifted in time by up to a twentieth, scaled by up to a tenth, and some leads taken as missing.

    What moves in from outside is the record's own end, held; nothing wraps round. Neither changes a label.

    Args:
        batch: [b, leads, samples].
        mask_leads: chance of a lead to be missing (NaN); one that the record has always stays.
    """
    import torch

    b, leads, n = batch.shape
    shift = torch.randint(-(n // 20), n // 20 + 1, (b, 1), generator=rng)
    at = (torch.arange(n) - shift).clamp(0, n - 1).to(batch.device)
    scale = 1 + 0.1 * (2 * torch.rand(b, 1, 1, generator=rng) - 1)
    out = batch.gather(2, at.unsqueeze(1).expand(-1, leads, -1)) * scale.to(batch.device)
    if not mask_leads:
        return out
    drawn = torch.rand(b, leads, generator=rng).to(batch.device)
    drawn[batch[..., 0].isnan()] = -1  # missing already
    hidden = (drawn < mask_leads) & (drawn < drawn.amax(1, keepdim=True))
    return out.masked_fill(hidden.unsqueeze(-1), float("nan"))
