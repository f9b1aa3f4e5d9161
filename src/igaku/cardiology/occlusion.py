"""Occlusion: by how much a region of the input raises an output, against when it is replaced."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from igaku.cardiology.arrays import Floats

Region = tuple[int | slice, ...]


def output_changes(
    predict: "Callable[[Floats], Floats]",
    signal: "Floats",
    regions: Sequence[Region],
    fill: Sequence[float],
    batch: int = 64,
) -> "Floats":
    """[regions] the output less that without the region: above 0 where the region raises it.

    Args:
        predict: [b, ...] inputs -> [b] outputs.
        signal: one input.
        regions: the index of each part of the input that is replaced.
        fill: the value that each region takes.
        batch: inputs computed at once.
    """
    import numpy as np

    base = predict(signal[None])[0]
    changes = []
    for first in range(0, len(regions), batch):
        some = regions[first : first + batch]
        inputs = np.repeat(signal[None], len(some), 0)
        for row, region, value in zip(inputs, some, fill[first : first + batch]):
            row[region] = value
        changes.append(base - predict(inputs))
    return np.concatenate(changes)
