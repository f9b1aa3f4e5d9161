"""The flow diagram of a cohort: boxes from top to bottom, those left out with their reasons at the side."""

import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from igaku.cardiology.charts import save
from igaku.errors import optional

WIDTH = 46
"""Letters of a line in a box."""
LINE = 0.19
"""Height of a line, inches."""
GAP = 0.32
"""Between boxes, inches."""


def flow_chart(
    steps: Sequence[tuple[str, int]],
    left_out: Sequence[Mapping[str, int]],
    below: Mapping[str, str],
    title: str,
    path: Path,
) -> Path:
    """A box a step.

    Args:
        steps: (what, number), from top to bottom.
        left_out: reason -> number, between each step and the next; empty where nobody was.
        below: further lines of the last box.
    """
    boxes = [_lines(f"{what}\nn = {n:,}") for what, n in steps]
    boxes[-1] += [line for name, value in below.items() for line in _lines(f"{name}: {value}")]
    sides = [_lines("\n".join(f"{reason}: {n:,}" for reason, n in some.items())) if some else [] for some in left_out]
    heights = [_height(b) for b in boxes]
    gaps = [max(GAP, _height(s) + 0.12 if s else 0) for s in sides]
    total = sum(heights) + sum(gaps) + 0.5
    figure = optional("matplotlib.figure", "ecg").Figure(figsize=(7.4, total))
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, 7.4), ylim=(0, total))
    ax.set_axis_off()
    ax.text(0.1, total - 0.08, title, va="top", fontsize=10, fontweight="bold")
    top = total - 0.4
    for k, (lines, height) in enumerate(zip(boxes, heights)):
        _box(ax, 0.1, top - height, 3.6, height, lines, "#1f5fa8")
        top -= height
        if k < len(gaps):
            _arrow(ax, (1.9, top), (1.9, top - gaps[k]))
            if sides[k]:
                middle = top - gaps[k] / 2
                _arrow(ax, (1.9, middle), (4.1, middle))
                side = _height(sides[k])
                _box(ax, 4.1, middle - side / 2, 3.2, side, sides[k], "#777777")
            top -= gaps[k]
    return save(figure, path)


def _lines(text: str) -> list[str]:
    return [line for part in text.split("\n") for line in (textwrap.wrap(part, WIDTH) or [""])]


def _height(lines: Sequence[str]) -> float:
    return LINE * len(lines) + 0.14


def _box(ax: Any, x: float, y: float, width: float, height: float, lines: Sequence[str], colour: str) -> None:
    patches = optional("matplotlib.patches", "ecg")
    ax.add_patch(patches.Rectangle((x, y), width, height, facecolor="white", edgecolor=colour, linewidth=1.0))
    ax.text(x + 0.1, y + height / 2, "\n".join(lines), va="center", fontsize=8.5, linespacing=1.35)


def _arrow(ax: Any, start: tuple[float, float], end: tuple[float, float]) -> None:
    ax.annotate(
        "",
        end,
        start,
        arrowprops={"arrowstyle": "-|>", "color": "#444444", "linewidth": 0.9, "shrinkA": 0, "shrinkB": 0},
    )
