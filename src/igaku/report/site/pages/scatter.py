"""Score against what a question took, with the Pareto front, as SVG in percent of its own size: its numbers stay as
large on a phone as on a desk."""

import math
from collections.abc import Sequence
from itertools import pairwise

from msgspec import Struct

from igaku.report.site.axes import Axis, Tick, axis_of
from igaku.report.site.collect import display
from igaku.report.site.numbers import percent
from igaku.studies.usage_rows import Front
from igaku.tables import interval

STEPS = ((1.0, 2.0, 5.0), (1.0, 3.0), (1.0,))
"""Within a power of ten, from the finest to the coarsest."""
MOST_TICKS = 6


class Point(Struct, frozen=True):
    """A model: where it stands, from the left and from above, and its interval."""

    number: int
    x: str
    y: str
    low: str
    high: str
    front: bool
    label: str


class Line(Struct, frozen=True):
    """A part of the front's steps."""

    x1: str
    y1: str
    x2: str
    y2: str


class Scatter(Struct, frozen=True):
    """One picture."""

    by: str
    """``tokens``, ``characters`` or ``cost``."""
    points: list[Point]
    steps: list[Line]
    across: list[Tick]
    up: list[Tick]


def scatter(points: Sequence[tuple[int, Front]]) -> Scatter:
    """The picture of one or more models with their numbers in the table."""
    fronts = [f for _, f in points]
    axis = axis_of(v for f in fronts for v in f.row.ci95)
    low, high = _ends([f.amount for f in fronts])
    drawn = [_point(n, f, axis, low, high) for n, f in sorted(points, key=lambda p: p[1].amount)]
    return Scatter(
        by=fronts[0].by,
        points=drawn,
        steps=_steps([p for p in drawn if p.front]),
        across=amount_ticks(low, high),
        up=[Tick(f"{100 - float(t.at.rstrip('%')):.2f}%", t.text) for t in axis.ticks],
    )


def _point(number: int, f: Front, axis: Axis, low: float, high: float) -> Point:
    label = f"{number} {display(f.row.respondent)}: {percent(f.row.accuracy)} ({interval(f.row.ci95)}), {f.amount:,.4g}"
    bottom, top = (from_above(axis, v) for v in f.row.ci95)
    x, y = log_position(f.amount, low, high), from_above(axis, f.row.accuracy)
    return Point(number, x, y, bottom, top, not f.beaten_by, label)


def _steps(front: Sequence[Point]) -> list[Line]:
    """From each to the next that scores more; none where those with other questions stand between them."""
    heights = [float(p.y.rstrip("%")) for p in front]
    if heights != sorted(heights, reverse=True):
        return []
    lines = []
    for p, after in pairwise(front):
        lines += [Line(p.x, p.y, after.x, p.y), Line(after.x, p.y, after.x, after.y)]
    return [*lines, *(Line(p.x, p.y, "100%", p.y) for p in front[-1:])]


def _ends(amounts: Sequence[float]) -> tuple[float, float]:
    """The logarithms of an axis with some room on both sides."""
    low, high = math.log10(min(amounts)), math.log10(max(amounts))
    room = max(0.08 * (high - low), 0.05)
    return low - room, high + room


def log_position(amount: float, low: float, high: float) -> str:
    """Where an amount stands between two logarithms, from the left."""
    return f"{100 * (math.log10(amount) - low) / (high - low):.2f}%"


def from_above(axis: Axis, share: float) -> str:
    """Where a share stands, from above."""
    return f"{100 - float(axis.at(share).rstrip('%')):.2f}%"


def amount_ticks(low: float, high: float) -> list[Tick]:
    """Round amounts between two logarithms."""
    found: list[float] = []
    for steps in STEPS:
        powers = range(math.floor(low), math.ceil(high) + 1)
        found = [s * 10.0**p for p in powers for s in steps if low <= math.log10(s * 10.0**p) <= high]
        if len(found) <= MOST_TICKS:
            break
    return [
        Tick(log_position(v, low, high), f"{v:,.0f}" if v >= 1 else f"{v:.3g}")
        for v in found or [10 ** ((low + high) / 2)]
    ]
