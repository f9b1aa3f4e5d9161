"""ECGFounder's network: Net1D, a RegNet-like stack of grouped convolutions (Li et al. 2025, NEJM AI 2(7):AIoa2401033).

Shapes and the order of operations are those of the authors' public code (github.com/PKUDigitalHealth/ECGFounder,
MIT, read at 04edac7), which builds it without batch norm and dropout although the checkpoint holds their numbers.
"""

from typing import TYPE_CHECKING

import torch
from torch import nn
from torch.nn.functional import max_pool1d, pad, silu

if TYPE_CHECKING:
    from torch import Tensor

WIDTHS = (64, 160, 160, 400, 400, 1024, 1024)
"""Channels of each stage."""
DEPTHS = (2, 2, 2, 3, 3, 4, 4)
"""Blocks of each stage; the first of each halves the length."""
KERNEL, GROUP = 16, 16
"""Samples of a kernel, channels of a group."""


class Net1d(nn.Module):
    """[b, leads, samples] → [b, samples / 256, 1024]."""

    width = 1024

    def __init__(self, leads: int = 12, widths: tuple[int, ...] = WIDTHS, depths: tuple[int, ...] = DEPTHS) -> None:
        super().__init__()
        self.width = widths[-1]
        self.first = nn.Conv1d(leads, widths[0], KERNEL, 2)
        before = [widths[0], *widths[:-1]]
        self.stages = nn.ModuleList(
            nn.ModuleList(_Block(a if k == 0 else b, b, 2 if k == 0 else 1, i + k > 0) for k in range(n))
            for i, (a, b, n) in enumerate(zip(before, widths, depths, strict=True))
        )

    def forward(self, signal: "Tensor") -> "Tensor":
        """Features in their order in time."""
        x = silu(self.first(_padded(signal, KERNEL, 2)))
        for stage in self.stages:
            for block in stage:  # type: ignore[attr-defined]
                x = block(x)
        return x.transpose(1, 2)

    def depths(self) -> "list[list[nn.Parameter]]":
        """Parameters from the signal upwards."""
        return [list(self.first.parameters()), *(list(stage.parameters()) for stage in self.stages)]


class _Block(nn.Module):
    """1, 16 and 1 samples of convolution, each after SiLU, weighed by channel, and added to the input."""

    def __init__(self, a: int, b: int, stride: int, activated: bool) -> None:
        super().__init__()
        self.stride, self.activated = stride, activated
        self.enter, self.leave = nn.Conv1d(a, b, 1), nn.Conv1d(b, b, 1)
        self.across = nn.Conv1d(b, b, KERNEL, stride, groups=b // GROUP)
        self.squeeze, self.excite = nn.Linear(b, b // 2), nn.Linear(b // 2, b)

    def forward(self, x: "Tensor") -> "Tensor":
        y = self.enter(silu(x) if self.activated else x)
        y = self.leave(silu(self.across(_padded(silu(y), KERNEL, self.stride))))
        y = y * torch.sigmoid(self.excite(silu(self.squeeze(y.mean(-1))))).unsqueeze(-1)
        if self.stride > 1:
            x = max_pool1d(pad(x, (0, self.stride - 1)), self.stride)
        more = y.shape[1] - x.shape[1]
        out: Tensor = y + pad(x, (0, 0, more // 2, more - more // 2))
        return out


def _padded(x: "Tensor", kernel: int, stride: int) -> "Tensor":
    """Zeros at both ends, so that a convolution gives a value for every ``stride`` samples begun."""
    n = x.shape[-1]
    more = max(0, (-(-n // stride) - 1) * stride + kernel - n)
    return pad(x, (more // 2, more - more // 2))
