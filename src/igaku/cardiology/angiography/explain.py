"""Where in a video a predicted age comes from: squares that change it when they are replaced are coloured."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from igaku.cardiology.angiography.data import Video
from igaku.cardiology.angiography.model import Card
from igaku.cardiology.angiography.predict import predict_videos
from igaku.cardiology.occlusion import Region, output_changes
from igaku.errors import optional

if TYPE_CHECKING:
    from torch import nn

    from igaku.cardiology.arrays import Floats

WINDOW, STEP = 16, 8
"""The square's side, and the distance from one square to the next: pixels of the prepared frame."""
TILE = 192
"""Side of a frame in the picture, pixels."""


def occlusion(model: "nn.Module", frames: "Floats", deviation: float = 1.0) -> "Floats":
    """[side, side] years: by how much the age changes, up or down, when a square of all frames takes their mean.

    Args:
        frames: [n, side, side] as prepared, so that 0 is each frame's mean.
        deviation: years of one unit of the network's output.
    """
    side = frames.shape[-1]
    starts = range(0, side - WINDOW + 1, STEP)
    squares = [(slice(y, y + WINDOW), slice(x, x + WINDOW)) for y in starts for x in starts]
    regions: list[Region] = [(slice(None), *square) for square in squares]
    changes = output_changes(
        lambda rows: np.array(predict_videos(model, rows)), frames, regions, [0.0] * len(regions), batch=len(starts)
    )
    total, covered = np.zeros((side, side), np.float32), np.zeros((side, side), np.float32)
    for square, change in zip(squares, changes):
        total[square] += abs(change) * deviation
        covered[square] += 1
    return total / np.maximum(covered, 1)


def explain(video: Video, model: "nn.Module", card: Card, out: Path) -> float:
    """A PNG of the video's frames, red where the predicted age depends on them: what the model used, not why.

    Returns:
        The most years that one square changes.
    """
    image = optional("PIL.Image", "angio")
    weight = occlusion(model, video.frames, card.deviation)
    most = float(weight.max())
    red = weight / most if most else weight
    tiles = []
    for frame in video.frames:
        pixels = image.fromarray((255 * _coloured(frame, red)).astype(np.uint8))
        tiles.append(np.asarray(pixels.resize((TILE, TILE))))
    across = min(5, len(tiles))
    tiles += [np.zeros_like(tiles[0])] * (-len(tiles) % across)
    rows = [np.concatenate(tiles[i : i + across], 1) for i in range(0, len(tiles), across)]
    out.parent.mkdir(parents=True, exist_ok=True)
    image.fromarray(np.concatenate(rows)).save(out, "PNG")
    return most


def _coloured(frame: "Floats", red: "Floats") -> "Floats":
    """[side, side, 3] between 0 and 1."""
    grey, mix = np.clip((frame + 2) / 4, 0, 1), 0.6 * red
    return np.stack([grey * (1 - mix) + mix, grey * (1 - mix), grey * (1 - mix)], -1)
