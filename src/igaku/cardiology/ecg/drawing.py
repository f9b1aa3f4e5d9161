"""Lines, boxes and letters in millimetres, written as SVG or PDF of that real size."""

import io
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple

from igaku.errors import optional

if TYPE_CHECKING:
    from igaku.cardiology.arrays import Floats

POINT = 72 / 25.4
"""Points a millimetre."""


class Line(NamedTuple):
    """A line through points."""

    points: "Floats"
    """[n, 2] x and y in millimetres from the upper left corner."""
    width: float = 0.25
    colour: str = "#111111"


class Box(NamedTuple):
    """A filled rectangle."""

    x: float
    y: float
    width: float
    height: float
    colour: str
    opacity: float = 1.0


class Letters(NamedTuple):
    """A line of text that begins at (x, y) on its base line."""

    x: float
    y: float
    text: str
    size: float = 3.2
    bold: bool = False
    colour: str = "#111111"


class Grid(NamedTuple):
    """ECG paper: a line a millimetre, a stronger one every fifth."""

    x: float
    y: float
    width: float
    height: float


Shape = Line | Box | Letters | Grid
FINE, STRONG = ("#f6d5d5", 0.1), ("#eaa9a9", 0.2)
"""Colour and width of the grid's lines, darker ones last."""


def to_svg(shapes: Sequence[Shape], width: float, height: float, title: str) -> str:
    """SVG text whose size is in millimetres, so that it is printed to scale."""
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}mm" height="{height:g}mm" '
        f'viewBox="0 0 {width:g} {height:g}" font-family="sans-serif" role="img"><title>{escape(title)}</title>'
        f'<rect width="{width:g}" height="{height:g}" fill="#ffffff"/>'
    )
    return head + "".join(_svg(s) for s in shapes) + "</svg>"


def _svg(shape: Shape) -> str:
    match shape:
        case Line():
            points = " ".join(f"{x:.2f},{y:.2f}" for x, y in shape.points)
            line = f'fill="none" stroke="{shape.colour}" stroke-width="{shape.width:g}" stroke-linejoin="round"'
            return f'<polyline {line} points="{points}"/>'
        case Box():
            at = f'x="{shape.x:.2f}" y="{shape.y:.2f}" width="{shape.width:.2f}" height="{shape.height:.2f}"'
            return f'<rect {at} fill="{shape.colour}" fill-opacity="{shape.opacity:.2f}"/>'
        case Letters():
            weight = ' font-weight="600"' if shape.bold else ""
            at = f'x="{shape.x:.2f}" y="{shape.y:.2f}" font-size="{shape.size:g}" fill="{shape.colour}"'
            return f"<text {at}{weight}>{escape(shape.text)}</text>"
        case Grid():
            return "".join(
                f'<path d="{_grid_path(shape, step)}" stroke="{colour}" stroke-width="{wide:g}" fill="none"/>'
                for step, (colour, wide) in ((1, FINE), (5, STRONG))
            )


def _grid_path(grid: Grid, step: int) -> str:
    upright = (f"M{grid.x + k:g} {grid.y:g}v{grid.height:g}" for k in range(0, int(grid.width) + 1, step))
    level = (f"M{grid.x:g} {grid.y + k:g}h{grid.width:g}" for k in range(0, int(grid.height) + 1, step))
    return "".join([*upright, *level])


def to_pdf(shapes: Sequence[Shape], width: float, height: float, title: str) -> bytes:
    """One page of PDF of that size; lines stay lines."""
    matplotlib, figure_type = optional("matplotlib", "ecg"), optional("matplotlib.figure", "ecg").Figure
    figure = figure_type(figsize=(width / 25.4, height / 25.4))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, width), ylim=(height, 0))
    axes.axis("off")
    for order, shape in enumerate(shapes):
        _on_axes(axes, shape, order)
    out = io.BytesIO()
    with matplotlib.rc_context({"pdf.fonttype": 42}):
        figure.savefig(out, format="pdf", metadata={"CreationDate": None, "Title": title, "Creator": "igaku"})
    return out.getvalue()


def _on_axes(axes: Any, shape: Shape, order: int) -> None:
    match shape:
        case Line():
            look = {"color": shape.colour, "linewidth": shape.width * POINT, "solid_joinstyle": "round"}
            axes.plot(*zip(*shape.points), zorder=order, **look)
        case Box():
            rectangle = optional("matplotlib.patches", "ecg").Rectangle((shape.x, shape.y), shape.width, shape.height)
            rectangle.set(facecolor=shape.colour, alpha=shape.opacity, linewidth=0, zorder=order)
            axes.add_patch(rectangle)
        case Letters():
            look = {"fontsize": shape.size * POINT, "color": shape.colour, "zorder": order, "parse_math": False}
            axes.text(shape.x, shape.y, shape.text, fontweight="bold" if shape.bold else "normal", **look)
        case Grid(x, y, width, height):
            for step, (colour, wide) in ((1, FINE), (5, STRONG)):
                look = {"colors": colour, "linewidth": wide * POINT, "zorder": order}
                axes.vlines([x + k for k in range(0, int(width) + 1, step)], y, y + height, **look)
                axes.hlines([y + k for k in range(0, int(height) + 1, step)], x, x + width, **look)
