"""ST-MEM's encoder: a ViT over patches of each lead, with separators around a lead (Na et al. 2024, ICLR).

Shapes and the order of operations are those of the authors' public code (github.com/bakqui/ST-MEM, CC BY-NC 4.0, read
at 69ec702); nothing of it is copied. Patches of 75 samples at 250 Hz.
"""

from typing import TYPE_CHECKING

import torch
from torch import nn

from igaku.cardiology.ecg.mae import Block

if TYPE_CHECKING:
    from torch import Tensor

PATCH = 75


class StMem(nn.Module):
    """[b, leads, samples] → [b, leads, samples / 75, width]."""

    def __init__(self, width: int = 768, blocks: int = 12, heads: int = 12, samples: int = 2250) -> None:
        super().__init__()
        self.width = width
        self.embed = nn.Sequential(nn.LayerNorm(PATCH), nn.Linear(PATCH, width), nn.LayerNorm(width))
        self.positions = nn.Parameter(torch.zeros(1, samples // PATCH + 2, width))
        self.separator = nn.Parameter(torch.zeros(width))
        self.leads = nn.ParameterList(nn.Parameter(torch.zeros(width)) for _ in range(12))
        self.blocks = nn.ModuleList(Block(width, heads, 1e-5) for _ in range(blocks))
        self.norm = nn.LayerNorm(width)

    def forward(self, signal: "Tensor", present: "Tensor | None" = None) -> "Tensor":
        """Features of the patches; ``present`` [b, leads]: the others' tokens are looked at by none."""
        b, leads, n = signal.shape
        x = self.embed(signal.reshape(b, leads, n // PATCH, PATCH))
        ends = self.separator.expand(b, leads, 1, -1)
        x = torch.cat([ends, x, ends], 2) + self.positions[:, None] + torch.stack(list(self.leads))[None, :, None]
        tokens = x.shape[2]
        mask = None if present is None else present.repeat_interleave(tokens, 1)[:, None, None]
        x = x.flatten(1, 2)
        for block in self.blocks:
            x = block(x, mask)
        out: Tensor = x.reshape(b, leads, tokens, -1)[:, :, 1:-1]
        return out

    def depths(self) -> "list[list[nn.Parameter]]":
        """Parameters from the signal upwards; the norm over all is the last."""
        lowest = [*self.embed.parameters(), self.positions, self.separator, *self.leads]
        return [lowest, *(list(b.parameters()) for b in self.blocks[:-1]), self._last()]

    def _last(self) -> "list[nn.Parameter]":
        return [*self.blocks[-1].parameters(), *self.norm.parameters()]
