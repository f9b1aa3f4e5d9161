"""Occlusion: by how much an output changes when a region of the input is replaced."""

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
    """[regions] absolute change of the output.

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
        changes.append(np.abs(predict(inputs) - base))
    return np.concatenate(changes)
