"""A 12-lead picture on ECG paper of real size, as SVG or PDF: 25 mm/s, 10 mm/mV, a pulse of 1 mV, and what is measured.

After the recommendations of AHA, ACC and HRS for standard recordings (Kligfield et al. 2007): leads of one column are
simultaneous, and nothing is cut, smoothed over or thinned without saying so.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from igaku.cardiology.ecg.drawing import Box, Grid, Letters, Line, Shape, to_pdf, to_svg
from igaku.cardiology.ecg.features import NAMES, features
from igaku.cardiology.ecg.record import LEADS, Record
from igaku.cardiology.ecg.sheet import BOTTOM, GAIN, HEIGHT, LEFT, PULSE, SPEED, TOP, TRACE, WIDTH, Sheet, sheet
from igaku.errors import IgakuError
from igaku.io.files import write_bytes, write_whole

if TYPE_CHECKING:
    from igaku.cardiology.arrays import Floats

THIN = 0.1
"""Millimetres in which the least and the greatest sample are drawn, and others left out: 4 ms."""
CUT = "#b00020"
UP, DOWN = "#c05621", "#2b6cb0"
"""Shades of what raises and of what lowers an output."""


def twelve_leads(
    record: Record,
    title: str = "",
    weight: "Floats | None" = None,
    layout: str = "3x4+1",
    cabrera: bool = False,
    scale: str = "",
) -> str:
    """The picture as SVG text.

    Args:
        title: the record's file if empty.
        weight: [12, n] between -1 and 1, which shades the signal.
        layout: ``3x4+1``, ``6x2`` or ``12x1``.
        cabrera: limb leads in Cabrera's order.
        scale: what the strongest shade stands for.

    Raises:
        IgakuError: no such layout.
    """
    name = title or Path(record.source).name
    return to_svg(_shapes(record, name, weight, sheet(layout, cabrera), scale), WIDTH, HEIGHT, name)


def write_picture(record: Record, out: Path, layout: str = "3x4+1", cabrera: bool = False) -> Path:
    """The picture as a file, by its suffix ``.svg`` or ``.pdf``.

    Raises:
        IgakuError: another suffix, or no such layout.
    """
    name = Path(record.source).name
    if out.suffix == ".svg":
        return write_whole(out, twelve_leads(record, layout=layout, cabrera=cabrera))
    if out.suffix != ".pdf":
        raise IgakuError(f"{out}: a picture ends in .svg or .pdf")
    return write_bytes(out, to_pdf(_shapes(record, name, None, sheet(layout, cabrera), ""), WIDTH, HEIGHT, name))


def _shapes(record: Record, title: str, weight: "Floats | None", page: Sheet, scale: str) -> list[Shape]:
    out: list[Shape] = [Grid(LEFT - PULSE - 1, TOP, PULSE + 1 + TRACE + 6, page.grid_height)]
    for k, names in enumerate(page.rows):
        level, seconds = page.level(k), TRACE / SPEED / len(names)
        out.append(_pulse(level))
        for c, name in enumerate(names):
            start = min(c * seconds, max(0.0, record.seconds - seconds))  # a short record's last leads begin earlier
            x = LEFT + c * seconds * SPEED
            out += _lead(record, name, (start, seconds), (x, level), page, weight)
            out.append(Letters(x + 1, level - min(11.0, page.spacing / 2 - 1.5), name, bold=True))
    return [*out, *_letters(record, title, scale, weight is not None)]


def _pulse(level: float) -> Line:
    """1 mV for 0.2 s."""
    import numpy as np

    x, width = LEFT - PULSE, 0.2 * SPEED
    steps = [(0.0, 0.0), (1.0, 0.0), (1.0, GAIN), (1.0 + width, GAIN), (1.0 + width, 0.0), (PULSE - 1, 0.0)]
    return Line(np.array([(x + a, level - b) for a, b in steps]))


def _lead(
    record: Record, name: str, span: tuple[float, float], at: tuple[float, float], page: Sheet, weight: "Floats | None"
) -> Iterator[Shape]:
    """One lead from ``span[0]`` for ``span[1]`` seconds, its level at ``at``."""
    import numpy as np

    sign, index = (-1 if name.startswith("-") else 1), LEADS.index(name.removeprefix("-"))
    row, (first, last) = record.signal[index], (round(t * record.rate) for t in (span[0], sum(span)))
    piece = row[first : last + 1]
    x, y = at
    yield Line(np.array([(x, y - 2.5), (x, y + 2.5)]), 0.2)
    if not len(piece) or np.isnan(piece).all():
        yield Letters(x + 12, y - 1, "no signal", colour="#888888")
        return
    if weight is not None:
        yield from _shades(weight[index, first:last], record.rate, x, y, page)
    millivolts = sign * (piece - float(np.nanmedian(piece)))
    points = np.stack([x + np.arange(len(piece)) / record.rate * SPEED, y - GAIN * millivolts], 1)
    upper, lower = TOP + 1, HEIGHT - BOTTOM - 1
    for part in _parts(points):
        yield Line(np.clip(thinned(part), (0, upper), (WIDTH, lower)))
    if np.nanmin(points[:, 1]) < upper or np.nanmax(points[:, 1]) > lower:
        swing = f"cut off: {np.nanmin(millivolts):.1f} to {np.nanmax(millivolts):.1f} mV"
        yield Letters(
            x + 12, upper + 3 if np.nanmin(points[:, 1]) < upper else lower - 1, f"{name} {swing}", colour=CUT
        )


def _parts(points: "Floats") -> "list[Floats]":
    """The stretches between gaps."""
    import numpy as np

    known = np.flatnonzero(~np.isnan(points[:, 1]))
    return [points[part] for part in np.split(known, np.flatnonzero(np.diff(known) > 1) + 1) if len(part)]


def thinned(points: "Floats") -> "Floats":
    """The least and the greatest y of each ``THIN`` of x, in their order, so that no peak is lost."""
    import numpy as np

    column = ((points[:, 0] - points[0, 0]) / THIN + 1e-6).astype(int)
    if len(points) <= 2 * (column[-1] + 1):
        return points
    starts = np.flatnonzero(np.diff(column, prepend=-1))
    ends = np.append(starts[1:], len(points))
    extremes = {
        a + int(k)
        for a, b in zip(starts, ends, strict=True)
        for k in (points[a:b, 1].argmin(), points[a:b, 1].argmax())
    }
    return points[sorted(extremes)]


def _shades(shade: "Floats", rate: float, x: float, y: float, page: Sheet) -> Iterator[Box]:
    width, height = max(1, len(shade) // 40), min(22.0, page.spacing)
    for k in range(0, len(shade), width):
        strength = float(shade[k : k + width].mean())
        if abs(strength) > 0.02:
            left, wide = x + k / rate * SPEED, min(width, len(shade) - k) / rate * SPEED
            yield Box(left, y - height / 2, wide, height, UP if strength > 0 else DOWN, 0.6 * min(1.0, abs(strength)))


def _letters(record: Record, title: str, scale: str, shaded: bool) -> Iterator[Shape]:
    who = [f"{record.age:g} years" if record.age is not None else "", {"F": "female", "M": "male"}.get(record.sex, "")]
    yield Letters(LEFT - PULSE, 9, " · ".join([title, *filter(None, who)]), 4, bold=True)
    yield Letters(LEFT - PULSE, 15, measured(record), 3.6)
    yield Letters(
        LEFT - PULSE, 20, "measured by igaku on the median beat, not confirmed by a physician", 2.8, colour="#555555"
    )
    if shaded:
        yield Box(LEFT - PULSE, 22, 4, 3, UP, 0.6)
        yield Letters(LEFT - PULSE + 5, 24.6, "raises the output", 2.8)
        yield Box(LEFT + 28, 22, 4, 3, DOWN, 0.6)
        yield Letters(LEFT + 33, 24.6, f"lowers it; {scale}", 2.8)
    short = f"; only {record.seconds:.1f} s" if record.seconds < TRACE / SPEED - 0.05 else ""
    note = f"25 mm/s · 10 mm/mV · {record.rate:g} Hz{short} · no filter · {_derived(record.derived)}research only"
    yield Letters(LEFT - PULSE, HEIGHT - 5, note)


def _derived(names: Sequence[str]) -> str:
    return f"derived: {', '.join(names)} · " if names else ""


def measured(record: Record) -> str:
    """Rate, PR, QRS, QT, QTc (Bazett) and axis in one line; a dash where one is not found."""
    import numpy as np

    there = [i for i in range(len(LEADS)) if np.isnan(record.signal[i]).mean() < 0.2]
    found = dict.fromkeys(NAMES, float("nan"))
    if there and record.seconds >= 2:
        levels = np.nanmedian(record.signal[there], axis=1, keepdims=True)
        row = features(record.signal[there] - levels, record.rate, [LEADS[i] for i in there])
        found = dict(zip(NAMES, row.tolist(), strict=True))
    shown = [
        f"{text} {found[name]:.0f}{unit}" if found[name] == found[name] else f"{text} –"
        for text, name, unit in (
            ("rate", "heart rate", " /min"), ("PR", "PR", " ms"), ("QRS", "QRS", " ms"), ("QT", "QT", " ms"),
            ("QTc (Bazett)", "QTc", " ms"), ("axis", "QRS axis", "°"),
        )
    ]  # fmt: skip
    return " · ".join(shown)
