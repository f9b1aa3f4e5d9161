"""The network of ECG-FM and HuBERT-ECG: convolutions, a convolution for position, a transformer (wav2vec 2.0).

Baevski et al. 2020 (wav2vec 2.0) and Hsu et al. 2021 (HuBERT) for speech; ECG-FM (McKeen et al. 2024, arXiv
2408.05178) reads 12 leads as channels, HuBERT-ECG (Coppola et al. 2024) reads them one after another as one signal.
Normalised after each addition (post-norm), as both are published.
"""

from typing import TYPE_CHECKING

from torch import nn
from torch.nn.functional import gelu, scaled_dot_product_attention

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

POSITIONS, POSITION_GROUPS = 128, 16
"""Tokens and groups of the convolution for position."""


class Wav2Vec(nn.Module):
    """[b, channels, samples] → [b, tokens, width]."""

    def __init__(
        self, channels: int, convolutions: "Sequence[tuple[int, int, int]]", width: int, blocks: int, heads: int
    ) -> None:
        """``convolutions``: width, kernel, stride of each."""
        super().__init__()
        self.width = width
        inputs = [channels, *(w for w, _, _ in convolutions[:-1])]
        self.convolutions = nn.ModuleList(
            nn.Conv1d(a, b, kernel, stride, bias=False) for a, (b, kernel, stride) in zip(inputs, convolutions)
        )
        first, last = convolutions[0][0], convolutions[-1][0]
        self.by_channel, self.before = nn.GroupNorm(first, first), nn.LayerNorm(last)
        self.project = nn.Linear(last, width)
        self.position = nn.Conv1d(width, width, POSITIONS, padding=POSITIONS // 2, groups=POSITION_GROUPS)
        self.norm = nn.LayerNorm(width)
        self.blocks = nn.ModuleList(_Block(width, heads) for _ in range(blocks))

    def forward(self, signal: "Tensor") -> "Tensor":
        """Features in their order in time."""
        x: Tensor = signal
        for k, convolution in enumerate(self.convolutions):
            x = convolution(x)
            x = gelu(self.by_channel(x) if k == 0 else x)
        x = self.project(self.before(x.transpose(1, 2)))
        x = self.norm(x + gelu(self.position(x.transpose(1, 2))[..., :-1]).transpose(1, 2))
        for block in self.blocks:
            x = block(x)
        return x

    def depths(self) -> "list[list[nn.Parameter]]":
        """Parameters from the signal upwards."""
        lowest = [self.convolutions, self.by_channel, self.before, self.project, self.position, self.norm]
        return [[p for m in lowest for p in m.parameters()], *(list(b.parameters()) for b in self.blocks)]


class _Block(nn.Module):
    """Attention and a two-layer network, each added to its input and then normalised."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query, self.key, self.value = (nn.Linear(width, width) for _ in range(3))
        self.out, self.middle, self.after = nn.Linear(width, width), nn.LayerNorm(width), nn.LayerNorm(width)
        self.wide, self.narrow = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x: "Tensor") -> "Tensor":
        b, n, w = x.shape
        q, k, v = (
            f(x).reshape(b, n, self.heads, w // self.heads).transpose(1, 2) for f in (self.query, self.key, self.value)
        )
        attended = scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(b, n, w)
        x = self.middle(x + self.out(attended))
        out: Tensor = self.after(x + self.narrow(gelu(self.wide(x))))
        return out
