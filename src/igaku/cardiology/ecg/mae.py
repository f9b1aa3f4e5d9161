"""The masked autoencoder of PLoS ONE 19(8):e0307978, the head on its encoder, and the ResNet baseline.

Read in the paper: 12 leads of 5,000 samples, patches of 1 x 250, 240 tokens, 75 % hidden; the encoder sees the 60
that are left, the decoder all; the loss is the mean squared error on hidden patches only. Sizes and the decoder are
those of MAE (He et al. 2022); the paper does not print its own.
"""

from typing import TYPE_CHECKING, Protocol

import torch
from torch import nn

from igaku.cardiology.ecg.config import SIZES, Shape

if TYPE_CHECKING:
    from torch import Tensor

RENAMED = {"places.": "pos_embed.", "foretell.": "to_patch.", "hidden": "mask_token"}
"""Parts of weight names in older files -> today's."""


def patchify(signal: "Tensor", shape: Shape) -> "Tensor":
    """[b, leads, samples] → [b, tokens, patch], lead by lead."""
    return signal.reshape(len(signal), shape.leads, shape.steps, shape.patch).flatten(1, 2)


def present_leads(signal: "Tensor") -> "Tensor | None":
    """[b, leads], false where a lead is missing (NaN throughout); None where none is."""
    missing = signal[..., 0].isnan()
    return ~missing if missing.any() else None


def unpatchify(patches: "Tensor", shape: Shape) -> "Tensor":
    """[b, tokens, patch] → [b, leads, samples]."""
    return patches.reshape(len(patches), shape.leads, shape.steps * shape.patch)


class Block(nn.Module):
    """Attention and a two-layer network, each on normalised input and added to it (pre-norm)."""

    def __init__(self, width: int, heads: int, eps: float = 1e-6) -> None:
        super().__init__()
        self.heads = heads
        self.before, self.middle = nn.LayerNorm(width, eps=eps), nn.LayerNorm(width, eps=eps)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, x: "Tensor", mask: "Tensor | None" = None) -> "Tensor":
        """[b, n, width] → the same shape; ``mask``: true [b, 1, 1, n] at the tokens that the others look at."""
        b, n, w = x.shape
        q, k, v = self.qkv(self.before(x)).reshape(b, n, 3, self.heads, w // self.heads).permute(2, 0, 3, 1, 4)
        attended = nn.functional.scaled_dot_product_attention(q, k, v, mask).transpose(1, 2).reshape(b, n, w)
        x = x + self.out(attended)
        out: Tensor = x + self.mlp(self.middle(x))
        return out


class PosEmbed(nn.Module):
    """Positional embedding: a vector a token (``joint``, as in the paper), or one a lead plus one a step (``split``).

    The second is that of ST-MEM (Na et al. 2024).
    """

    def __init__(self, shape: Shape, width: int, kind: str = "joint") -> None:
        super().__init__()
        self.kind = kind
        if kind == "joint":
            self.all = nn.Parameter(torch.randn(shape.tokens, width) * 0.02)
        else:
            self.lead = nn.Parameter(torch.randn(shape.leads, 1, width) * 0.02)
            self.step = nn.Parameter(torch.randn(1, shape.steps, width) * 0.02)

    def forward(self) -> "Tensor":
        """[tokens, width]."""
        return self.all if self.kind == "joint" else (self.lead + self.step).flatten(0, 1)


class Encoder(nn.Module):
    """Patches → features, of all tokens or of the visible ones."""

    def __init__(self, size: str = "small", shape: Shape | None = None, pos_embed: str = "joint") -> None:
        super().__init__()
        self.shape = shape or Shape()
        self.width, blocks, heads = SIZES[size]
        self.embed = nn.Linear(self.shape.patch, self.width)
        self.pos_embed = PosEmbed(self.shape, self.width, pos_embed)
        self.blocks = nn.ModuleList(Block(self.width, heads) for _ in range(blocks))
        self.norm = nn.LayerNorm(self.width, eps=1e-6)

    def forward(self, signal: "Tensor", visible: "Tensor | None" = None, present: "Tensor | None" = None) -> "Tensor":
        """Features [b, k or tokens, width].

        Args:
            signal: [b, leads, samples].
            visible: [b, k] token indices, or None for all.
            present: [b, tokens], false at the tokens of missing leads, which no other looks at.
        """
        patches = patchify(signal, self.shape)
        positions = self.pos_embed().expand(len(signal), -1, -1)
        if visible is not None:
            patches, positions = _chosen(patches, visible), _chosen(positions, visible)
        x = self.embed(patches) + positions
        mask = None if present is None else present[:, None, None]
        for block in self.blocks:
            x = block(x, mask)
        out: Tensor = self.norm(x)
        return out

    def features(self, signal: "Tensor") -> "Tensor":
        """[b, leads, samples] → [b, width], the mean of the tokens; those of missing leads (NaN) are left out."""
        leads = present_leads(signal)
        if leads is None:
            return mean_of(self(signal))
        present = leads.repeat_interleave(self.shape.steps, 1)
        return mean_of(self(signal.nan_to_num(), present=present), present)

    def depths(self) -> "list[list[nn.Parameter]]":
        """Parameters from the signal upwards."""
        lowest = [*self.embed.parameters(), *self.pos_embed.parameters()]
        return [lowest, *(list(block.parameters()) for block in self.blocks), list(self.norm.parameters())]


def mean_of(tokens: "Tensor", present: "Tensor | None" = None) -> "Tensor":
    """[b, n, width] → [b, width], over all, or over those that are ``present`` [b, n]."""
    if present is None:
        return tokens.mean(1)
    weight = present.unsqueeze(-1).to(tokens.dtype)
    out: Tensor = (tokens * weight).sum(1) / weight.sum(1)
    return out


def _chosen(tokens: "Tensor", indices: "Tensor") -> "Tensor":
    """[b, n, w] at [b, k] → [b, k, w]."""
    return tokens.gather(1, indices.unsqueeze(-1).expand(-1, -1, tokens.shape[-1]))


class MaskedAutoencoder(nn.Module):
    """Encoder, and a decoder that predicts the hidden patches."""

    def __init__(
        self,
        size: str = "small",
        shape: Shape | None = None,
        pos_embed: str = "joint",
        ratio: float = 0.75,
        decoder: tuple[int, int, int] = (512, 8, 16),
    ) -> None:
        """``ratio``: share of hidden tokens; ``decoder``: width, blocks, heads."""
        super().__init__()
        self.encoder = Encoder(size, shape, pos_embed)
        self.shape, self.ratio = self.encoder.shape, ratio
        width, blocks, heads = decoder
        self.bridge = nn.Linear(self.encoder.width, width)
        self.mask_token = nn.Parameter(torch.randn(width) * 0.02)
        self.decoder_pos_embed = PosEmbed(self.shape, width, pos_embed)
        self.decoder = nn.ModuleList(Block(width, heads) for _ in range(blocks))
        self.decoder_norm = nn.LayerNorm(width, eps=1e-6)
        self.to_patch = nn.Linear(width, self.shape.patch)

    def draw(
        self,
        n: int,
        generator: torch.Generator | None = None,
        device: torch.device | None = None,
        mask_leads: float = 0.0,
    ) -> "tuple[Tensor, Tensor]":
        """Visible tokens of ``n`` records, drawn uniformly.

        Args:
            mask_leads: chance of a lead to be hidden as a whole, as far as enough tokens are left to be visible.

        Returns:
            [n, k] indices of the visible tokens, and [n, tokens] true where hidden.
        """
        k = self.shape.tokens - round(self.ratio * self.shape.tokens)
        drawn = torch.rand(n, self.shape.tokens, generator=generator)
        if mask_leads:
            lead = torch.rand(n, self.shape.leads, generator=generator)
            least = -(-k // self.shape.steps)
            out = (lead < mask_leads) & (lead < lead.topk(least, 1).values[:, -1:])
            drawn += out.repeat_interleave(self.shape.steps, 1)
        visible = drawn.argsort(1)[:, :k].to(device)
        hidden = torch.ones(n, self.shape.tokens, dtype=torch.bool, device=device)
        return visible, hidden.scatter(1, visible, False)

    def forward(self, signal: "Tensor", visible: "Tensor", full: bool = False) -> "Tensor":
        """Predicted patches [b, tokens, patch] from the visible ones.

        Args:
            full: run the encoder over all tokens, to measure what leaving out the hidden ones saves.
        """
        features = self.encoder(signal, None if full else visible)
        if full:
            features = _chosen(features, visible)
        x = self.mask_token.expand(len(signal), self.shape.tokens, -1).clone()
        at = visible.unsqueeze(-1).expand(-1, -1, x.shape[-1])
        x = x.scatter(1, at, self.bridge(features).to(x.dtype)) + self.decoder_pos_embed()
        for block in self.decoder:
            x = block(x)
        out: Tensor = self.to_patch(self.decoder_norm(x))
        return out

    def loss(self, signal: "Tensor", visible: "Tensor", hidden: "Tensor", full: bool = False) -> "Tensor":
        """Mean squared error on hidden patches only."""
        error = (self(signal, visible, full) - patchify(signal, self.shape)).square().mean(-1)
        out: Tensor = (error * hidden).sum() / hidden.sum()
        return out


class Features(Protocol):
    """An encoder under a head: the own one, or a published one."""

    width: int

    def features(self, signal: "Tensor") -> "Tensor":
        """[b, leads, samples] → [b, width]; a missing lead is NaN throughout."""

    def depths(self) -> "list[list[nn.Parameter]]":
        """Parameters from the signal upwards."""


class Head(nn.Module):
    """An encoder with one linear layer over its features: logits of labels, or numbers."""

    def __init__(self, encoder: Features, outputs: int) -> None:
        super().__init__()
        self.encoder, self.norm, self.out = encoder, nn.LayerNorm(encoder.width), nn.Linear(encoder.width, outputs)
        nn.init.zeros_(self.out.bias)

    def forward(self, signal: "Tensor") -> "Tensor":
        """[b, leads, samples] → [b, outputs]."""
        out: Tensor = self.out(self.norm(self.encoder.features(signal)))
        return out


class ResNet(nn.Module):
    """The baseline: residual blocks of convolutions over time, leads as channels.

    In the manner of Hannun et al. 2019 and Ribeiro et al. 2020.
    """

    def __init__(
        self, outputs: int, leads: int = 12, samples: int = 5000, width: int = 32, subsets: bool = False
    ) -> None:
        """``samples``: of each lead; the first layer strides longer records down to about 1,250.

        ``subsets``: a second plane a lead says whether it is there, so that a missing lead is no flat one.
        """
        super().__init__()
        sizes = [width, width * 2, width * 3, width * 4]
        stride = max(1, round(samples / 1250))
        self.subsets = subsets
        leads *= 1 + subsets
        self.stem = nn.Sequential(nn.Conv1d(leads, width, 15, stride, 7, bias=False), nn.BatchNorm1d(width), nn.ReLU())
        self.stages = nn.Sequential(*(_Residual(a, b) for a, b in zip([width, *sizes], sizes)))
        self.out = nn.Linear(sizes[-1], outputs)

    def forward(self, signal: "Tensor") -> "Tensor":
        """[b, leads, samples] → [b, outputs]."""
        if self.subsets:
            there = (~signal.isnan()).to(signal.dtype)
            signal = torch.cat([signal.nan_to_num(), there], 1)
        out: Tensor = self.out(self.stages(self.stem(signal)).mean(-1))
        return out


class _Residual(nn.Module):
    def __init__(self, a: int, b: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv1d(a, b, 9, 4, 4, bias=False),
            nn.BatchNorm1d(b),
            nn.ReLU(),
            nn.Dropout(0.1),
            nn.Conv1d(b, b, 9, 1, 4, bias=False),
            nn.BatchNorm1d(b),
        )
        self.skip = nn.Conv1d(a, b, 1, 4, bias=False)

    def forward(self, x: "Tensor") -> "Tensor":
        y = self.body(x)
        return torch.relu(y + self.skip(x)[..., : y.shape[-1]])
