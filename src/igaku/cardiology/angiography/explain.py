"""Where in a video the told age comes from: squares are taken away one by one in all frames, and those whose absence changes it most are coloured."""

from pathlib import Path
from typing import Any

import numpy as np

from igaku.cardiology.angiography.age_model import Card, Network, Video, told_by
from igaku.errors import optional

WINDOW, STEP = 16, 8
"""Of the square, and how far it moves: pixels of the prepared frame."""
SHOWN = 192
"""Side of a frame in the picture."""


def occlusion(model: Network, frames: Any, deviation: float = 1.0) -> Any:
    """[side, side] years: by how much told age changes, up or down, when a square of all frames takes their mean.

    Args:
        frames: [n, side, side] as prepared, so that 0 is each frame's mean.
        deviation: years of one unit of the network's output.
    """
    side = frames.shape[-1]
    starts = range(0, side - WINDOW + 1, STEP)
    total, seen = np.zeros((side, side), np.float32), np.zeros((side, side), np.float32)
    base = told_by(model, frames[None])[0]
    for y in starts:
        rows = np.repeat(frames[None], len(starts), 0)
        for k, x in enumerate(starts):
            rows[k, :, y : y + WINDOW, x : x + WINDOW] = 0
        for x, told in zip(starts, told_by(model, rows)):
            total[y : y + WINDOW, x : x + WINDOW] += abs(told - base) * deviation
            seen[y : y + WINDOW, x : x + WINDOW] += 1
    return total / np.maximum(seen, 1)


def explain(video: Video, model: Network, card: Card, out: Path) -> float:
    """A PNG of the video's frames with the squares that told age hangs on in red; the most years that one of them changes. Shows what the model used, not why a patient is ill."""
    image = optional("PIL.Image", "angio")
    weight = occlusion(model, video.frames, card.deviation)
    most = float(weight.max())
    red = weight / most if most else weight
    tiles = []
    for frame in video.frames:
        grey = np.clip((frame + 2) / 4, 0, 1)
        mix = 0.6 * red
        colour = np.stack([grey * (1 - mix) + mix, grey * (1 - mix), grey * (1 - mix)], -1)
        tiles.append(np.asarray(image.fromarray((255 * colour).astype(np.uint8)).resize((SHOWN, SHOWN))))
    across = min(5, len(tiles))
    tiles += [np.zeros_like(tiles[0])] * (-len(tiles) % across)
    rows = [np.concatenate(tiles[i : i + across], 1) for i in range(0, len(tiles), across)]
    out.parent.mkdir(parents=True, exist_ok=True)
    image.fromarray(np.concatenate(rows)).save(out, "PNG")
    return most
