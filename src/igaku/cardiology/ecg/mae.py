"""The masked autoencoder of Sawano et al. (PLoS ONE 19(8):e0307978, 2024): each lead cut into patches, most of them hidden, the hidden ones foretold.

As the paper has it: 12 x 5000 samples, patches of 1 x 250, 240 tokens, 75 % hidden; the encoder sees the 60 that are left, the decoder all; the loss is the mean squared error on
hidden patches only. Sizes and the decoder are those of MAE (He et al. 2022); the paper does not print its own.
"""

from typing import Any

import torch
from torch import nn

from igaku.cardiology.ecg.config import SIZES, Shape


def patchify(signal: Any, shape: Shape) -> Any:
    """[b, leads, samples] → [b, tokens, patch], lead by lead."""
    return signal.reshape(len(signal), shape.leads, shape.steps, shape.patch).flatten(1, 2)


def unpatchify(patches: Any, shape: Shape) -> Any:
    """The way back."""
    return patches.reshape(len(patches), shape.leads, shape.steps * shape.patch)


class Block(nn.Module):
    """Attention and a two-layer network, each on normalised input, added to what came in."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.before, self.middle = nn.LayerNorm(width, eps=1e-6), nn.LayerNorm(width, eps=1e-6)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, x: Any) -> Any:
        """[b, n, width] → the same."""
        b, n, w = x.shape
        q, k, v = self.qkv(self.before(x)).reshape(b, n, 3, self.heads, w // self.heads).permute(2, 0, 3, 1, 4)
        x = x + self.out(nn.functional.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(b, n, w))
        return x + self.mlp(self.middle(x))


class Places(nn.Module):
    """What says where a patch was: one learnt vector a token (``joint``, as the paper), or one a lead plus one a step (``split``, as ST-MEM: Na et al. 2024)."""

    def __init__(self, shape: Shape, width: int, kind: str = "joint") -> None:
        super().__init__()
        self.kind = kind
        if kind == "joint":
            self.all = nn.Parameter(torch.randn(shape.tokens, width) * 0.02)
        else:
            self.lead = nn.Parameter(torch.randn(shape.leads, 1, width) * 0.02)
            self.step = nn.Parameter(torch.randn(1, shape.steps, width) * 0.02)

    def forward(self) -> Any:
        """[tokens, width]."""
        return self.all if self.kind == "joint" else (self.lead + self.step).flatten(0, 1)


class Encoder(nn.Module):
    """Patches → features, of all tokens or of those that are left."""

    def __init__(self, size: str = "small", shape: Shape | None = None, places: str = "joint") -> None:
        super().__init__()
        self.shape = shape or Shape()
        self.width, blocks, heads = SIZES[size]
        self.embed = nn.Linear(self.shape.patch, self.width)
        self.places = Places(self.shape, self.width, places)
        self.blocks = nn.ModuleList(Block(self.width, heads) for _ in range(blocks))
        self.norm = nn.LayerNorm(self.width, eps=1e-6)

    def forward(self, signal: Any, kept: Any = None) -> Any:
        """signal [b, leads, samples], kept [b, k] token numbers or None for all → [b, k or tokens, width]."""
        patches = patchify(signal, self.shape)
        places = self.places().expand(len(signal), -1, -1)
        if kept is not None:
            patches = patches.gather(1, kept.unsqueeze(-1).expand(-1, -1, patches.shape[-1]))
            places = places.gather(1, kept.unsqueeze(-1).expand(-1, -1, self.width))
        x = self.embed(patches) + places
        for block in self.blocks:
            x = block(x)
        return self.norm(x)


class MaskedAutoencoder(nn.Module):
    """Encoder, and a decoder that foretells the hidden patches."""

    def __init__(
        self,
        size: str = "small",
        shape: Shape | None = None,
        places: str = "joint",
        ratio: float = 0.75,
        decoder: tuple[int, int, int] = (512, 8, 16),
    ) -> None:
        """``decoder``: width, blocks, heads."""
        super().__init__()
        self.encoder = Encoder(size, shape, places)
        self.shape, self.ratio = self.encoder.shape, ratio
        width, blocks, heads = decoder
        self.bridge = nn.Linear(self.encoder.width, width)
        self.hidden = nn.Parameter(torch.randn(width) * 0.02)
        self.decoder_places = Places(self.shape, width, places)
        self.decoder = nn.ModuleList(Block(width, heads) for _ in range(blocks))
        self.decoder_norm = nn.LayerNorm(width, eps=1e-6)
        self.foretell = nn.Linear(width, self.shape.patch)

    def draw(self, n: int, generator: Any = None, device: Any = None) -> tuple[Any, Any]:
        """(kept [n, k] token numbers, hidden [n, tokens] true where hidden), drawn evenly."""
        k = self.shape.tokens - round(self.ratio * self.shape.tokens)
        kept = torch.rand(n, self.shape.tokens, generator=generator).argsort(1)[:, :k].to(device)
        hidden = torch.ones(n, self.shape.tokens, dtype=torch.bool, device=device)
        return kept, hidden.scatter(1, kept, False)

    def forward(self, signal: Any, kept: Any, full: bool = False) -> Any:
        """Foretold patches [b, tokens, patch] from those kept. ``full`` runs the encoder over all tokens (for measuring what leaving them out saves)."""
        features = self.encoder(signal, None if full else kept)
        if full:
            features = features.gather(1, kept.unsqueeze(-1).expand(-1, -1, features.shape[-1]))
        x = self.hidden.expand(len(signal), self.shape.tokens, -1).clone()
        x = (
            x.scatter(1, kept.unsqueeze(-1).expand(-1, -1, x.shape[-1]), self.bridge(features).to(x.dtype))
            + self.decoder_places()
        )
        for block in self.decoder:
            x = block(x)
        return self.foretell(self.decoder_norm(x))

    def loss(self, signal: Any, kept: Any, hidden: Any, full: bool = False) -> Any:
        """Mean squared error on hidden patches only."""
        error = (self(signal, kept, full) - patchify(signal, self.shape)).square().mean(-1)
        return (error * hidden).sum() / hidden.sum()


class Head(nn.Module):
    """An encoder with one linear layer over the mean of its tokens: logits of labels, or numbers."""

    def __init__(self, encoder: Encoder, outputs: int) -> None:
        super().__init__()
        self.encoder, self.norm, self.out = encoder, nn.LayerNorm(encoder.width), nn.Linear(encoder.width, outputs)
        nn.init.zeros_(self.out.bias)

    def forward(self, signal: Any) -> Any:
        """[b, leads, samples] → [b, outputs]."""
        return self.out(self.norm(self.encoder(signal).mean(1)))


class ResNet(nn.Module):
    """The baseline: residual blocks of convolutions over time, leads as channels (in the manner of Hannun et al. 2019 and Ribeiro et al. 2020)."""

    def __init__(self, outputs: int, leads: int = 12, samples: int = 5000, width: int = 32) -> None:
        """``samples``: of each lead; the first layer brings longer records to about 1,250."""
        super().__init__()
        sizes = [width, width * 2, width * 3, width * 4]
        first = max(1, round(samples / 1250))
        self.stem = nn.Sequential(nn.Conv1d(leads, width, 15, first, 7, bias=False), nn.BatchNorm1d(width), nn.ReLU())
        stages = []
        for a, b in zip([width, *sizes], sizes):
            stages.append(_Residual(a, b))
        self.stages, self.out = nn.Sequential(*stages), nn.Linear(sizes[-1], outputs)

    def forward(self, signal: Any) -> Any:
        """[b, leads, samples] → [b, outputs]."""
        return self.out(self.stages(self.stem(signal)).mean(-1))


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

    def forward(self, x: Any) -> Any:
        y = self.body(x)
        return torch.relu(y + self.skip(x)[..., : y.shape[-1]])
