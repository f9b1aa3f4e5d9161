"""Contrastive multi-segment coding: two neighbouring halves of a record are alike, other patients' are not.

Kiyasseh et al. 2021 (CLOCS, ICML). Halves are cut in tokens, so that the encoder is the autoencoder's own and can be
fine-tuned as that one is. With leads masked each half shows leads of its own, as random lead masking (Oh et al. 2022).
"""

from typing import TYPE_CHECKING

import torch
from torch import nn

from igaku.cardiology.ecg.mae import Encoder

if TYPE_CHECKING:
    from torch import Tensor

    from igaku.cardiology.ecg.config import Shape

TEMPERATURE = 0.1
"""As CLOCS and ECG-FM."""
PROJECTED = 128
"""Width in which halves are compared; the layers below are what is fine-tuned (SimCLR's finding)."""


class Contrastive(nn.Module):
    """Encoder, and two layers above it in whose space halves are compared."""

    def __init__(self, size: str, shape: "Shape", pos_embed: str = "joint") -> None:
        super().__init__()
        self.encoder = Encoder(size, shape, pos_embed)
        self.shape, width = self.encoder.shape, self.encoder.width
        self.project = nn.Sequential(nn.Linear(width, width), nn.GELU(), nn.Linear(width, PROJECTED))

    def draw(
        self,
        n: int,
        generator: torch.Generator | None = None,
        device: torch.device | None = None,
        mask_leads: float = 0.0,
    ) -> "tuple[Tensor, Tensor]":
        """Tokens of the first and of the second half of ``n`` records, [n, k] each.

        Args:
            mask_leads: share of the leads that a half lacks, drawn anew for each.
        """
        leads, steps = self.shape.leads, self.shape.steps
        shown = max(1, round((1 - mask_leads) * leads))
        halves = []
        for begin in (0, steps - steps // 2):
            drawn = torch.rand(n, leads, generator=generator).argsort(1)[:, :shown].sort(1).values
            times = torch.arange(begin, begin + steps // 2)
            halves.append((drawn.unsqueeze(2) * steps + times).flatten(1).to(device))
        return halves[0], halves[1]

    def loss(self, signal: "Tensor", first: "Tensor", second: "Tensor", patients: "Tensor") -> "Tensor":
        """``contrast`` of the two halves of each record.

        Args:
            signal: [b, leads, samples].
            first: tokens of the first halves, as ``second``, from ``draw``.
            patients: [b] a number for each patient.
        """
        one, other = (self.project(self.encoder(signal, tokens).mean(1)) for tokens in (first, second))
        return contrast(one, other, patients)


def contrast(one: "Tensor", other: "Tensor", patients: "Tensor") -> "Tensor":
    """The mean over pairs of one patient of -log of the pair's share among all, in both directions.

    Args:
        one: [b, width], as ``other``; compared by their cosine over ``TEMPERATURE``.
        patients: [b]; records of one patient are pairs too, never opposites.
    """
    one, other = (nn.functional.normalize(x.float(), dim=1) for x in (one, other))
    near = one @ other.T / TEMPERATURE
    same = (patients[:, None] == patients[None, :]).float()
    there, back = ((same * -near.log_softmax(axis)).sum() / same.sum() for axis in (1, 0))
    return (there + back) / 2
