"""Several GPUs as ``torchrun`` starts them: each process takes a share of every batch, and gradients are added up."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from igaku.cardiology.networks import device

if TYPE_CHECKING:
    from torch import Tensor, nn


class Share(NamedTuple):
    """Which process this is, of how many."""

    rank: int = 0
    size: int = 1

    @property
    def is_first(self) -> bool:
        """Whether it is the one that writes and reports."""
        return self.rank == 0

    def of(self, n: int) -> tuple[slice, float]:
        """Its records of a batch of ``n``, and their weight in the batch's mean.

        Where there are fewer records than processes it takes one that is another's, with weight 0: all have to take
        part in every sum.
        """
        mine = range(n)[self.rank :: self.size]
        return (slice(self.rank, n, self.size), len(mine) / n) if mine else (slice(0, 1), 0.0)

    def add_gradients(self, parameters: "Iterable[nn.Parameter]", weight: float) -> None:
        """Make each process's gradients those of the whole batch."""
        import torch
        from torch.distributed import all_reduce

        own = [p.grad for p in parameters if p.grad is not None]
        flat = torch.cat([g.flatten() for g in own]) * weight
        all_reduce(flat)
        for gradient, part in zip(own, torch.split(flat, [g.numel() for g in own])):
            gradient.copy_(part.view_as(gradient))

    def total(self, value: float) -> float:
        """The sum of all processes' values."""
        if self.size == 1:
            return value
        import torch
        from torch.distributed import all_reduce

        summed: Tensor = torch.tensor(value, dtype=torch.float64, device=device())
        all_reduce(summed)
        return float(summed)


@contextmanager
def joined() -> Iterator[Share]:
    """This process among those of ``torchrun``; the only one where it was started without."""
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size < 2:
        yield Share()
        return
    import torch
    from torch import distributed

    if device() == "cuda":
        torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")))
    distributed.init_process_group("nccl" if device() == "cuda" else "gloo")
    try:
        yield Share(int(os.environ.get("RANK", "0")), size)
    finally:
        distributed.destroy_process_group()
