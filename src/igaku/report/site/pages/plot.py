"""Models as numbered points over two axes, as SVG in percent of its own size, with their names in a list below."""

import math
from collections.abc import Sequence

from msgspec import Struct

from igaku.report.site.axes import Tick, axis_of
from igaku.report.site.collect import display
from igaku.report.site.numbers import percent
from igaku.report.site.pages.scatter import Point, amount_ticks, from_above, log_position
from igaku.studies.boards import Standing
from igaku.tables import interval


class Plot(Struct, frozen=True, kw_only=True):
    """One picture; ``across`` and ``up`` are ticks, ``x`` and ``y`` phrases."""

    points: list[Point]
    names: list[str]
    across: list[Tick]
    up: list[Tick]
    x: str
    y: str
    diagonal: bool


def by_size(found: Sequence[tuple[Standing, float]]) -> Plot:
    """Accuracy with its interval against billions of parameters, on a logarithmic axis."""
    axis = axis_of(x for s, _ in found for x in s.ci95)
    logs = [math.log10(size) for _, size in found]
    room = max(0.08 * (max(logs) - min(logs)), 0.05)
    low, high = min(logs) - room, max(logs) + room
    points = []
    for k, (s, size) in enumerate(found, 1):
        bottom, top = (from_above(axis, v) for v in s.ci95)
        label = f"{display(s.respondent)}: {size:g}B, {percent(s.accuracy)} ({interval(s.ci95)})"
        points.append(Point(k, log_position(size, low, high), from_above(axis, s.accuracy), bottom, top, False, label))
    return Plot(
        points=points,
        names=[display(s.respondent) for s, _ in found],
        across=amount_ticks(low, high),
        up=[Tick(f"{100 - float(t.at.rstrip('%')):.2f}%", t.text) for t in axis.ticks],
        x="col.size",
        y="col.accuracy",
        diagonal=False,
    )


def by_language(found: Sequence[tuple[str, float, float]]) -> Plot:
    """Each model's accuracy in Japanese (upwards) against English, both on one axis, with the diagonal."""
    axis = axis_of(v for _, ja, en in found for v in (ja, en))
    points = []
    for k, (name, ja, en) in enumerate(found, 1):
        y, label = from_above(axis, ja), f"{display(name)}: ja {percent(ja)}, en {percent(en)}"
        points.append(Point(k, axis.at(en), y, y, y, False, label))
    return Plot(
        points=points,
        names=[display(name) for name, _, _ in found],
        across=axis.ticks,
        up=[Tick(f"{100 - float(t.at.rstrip('%')):.2f}%", t.text) for t in axis.ticks],
        x="bench.in_en",
        y="bench.in_ja",
        diagonal=True,
    )
