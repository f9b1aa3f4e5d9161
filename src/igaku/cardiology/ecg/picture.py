"""A 12-lead picture on ECG paper, as SVG: 25 mm/s, 10 mm/mV, four columns of three leads, and lead II below."""

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from igaku.cardiology.ecg.record import LEADS, Record

if TYPE_CHECKING:
    from igaku.cardiology.arrays import Floats

MM = 4.0
"""Pixels a millimetre."""
ROWS = (("I", "aVR", "V1", "V4"), ("II", "aVL", "V2", "V5"), ("III", "aVF", "V3", "V6"))
SPAN = 2.5
"""Seconds of each lead."""


def twelve_leads(record: Record, title: str = "", weight: "Floats | None" = None) -> str:
    """The picture as SVG text.

    Args:
        weight: [12, n] between 0 and 1, which shades the signal.
    """
    width, row_height = 4 * SPAN * 25 * MM, 30 * MM
    height = 4 * row_height + 14 * MM
    out = [_paper(width, height, title or record.source)]
    for r, names in enumerate(ROWS):
        for c, name in enumerate(names):
            start = min(c * SPAN, max(0.0, record.seconds - SPAN))  # a short record's last leads begin earlier
            out += _lead(record, name, start, SPAN, c * SPAN * 25 * MM, (r + 0.5) * row_height, weight)
    out += _lead(record, "II", 0.0, 4 * SPAN, 0.0, 3.5 * row_height, weight)
    name = title or Path(record.source).name
    note = f"{name} · 25 mm/s, 10 mm/mV · {record.rate:g} Hz, {record.seconds:.1f} s · research only"
    out.append(f'<text x="8" y="{height - 12:.0f}">{escape(note)}</text></svg>')
    return "".join(out)


def _paper(width: float, height: float, title: str) -> str:
    box = f'width="{width:.0f}" height="{height:.0f}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" font-family="sans-serif" '
        f'font-size="13" role="img"><title>{escape(title)}</title>'
        '<defs><pattern id="s" width="4" height="4" patternUnits="userSpaceOnUse">'
        '<path d="M4 0H0V4" fill="none" stroke="#f6d5d5" stroke-width=".6"/></pattern>'
        '<pattern id="l" width="20" height="20" patternUnits="userSpaceOnUse"><rect width="20" height="20" '
        'fill="url(#s)"/><path d="M20 0H0V20" fill="none" stroke="#eaa9a9" stroke-width=".9"/></pattern></defs>'
        f'<rect {box} fill="#fffafa"/><rect {box} fill="url(#l)"/>'
    )


def _lead(
    record: Record, name: str, start: float, seconds: float, x: float, y: float, weight: "Floats | None"
) -> list[str]:
    """One lead from ``start`` for ``seconds``, its level at pixel (x, y)."""
    import numpy as np

    row = record.signal[LEADS.index(name)]
    first, last = int(start * record.rate), int((start + seconds) * record.rate)
    piece = row[first:last]
    out = [f'<text x="{x + 4:.0f}" y="{y - 12 * MM:.0f}" font-weight="600">{name}</text>']
    if not len(piece) or np.isnan(piece).all():
        return [*out, f'<text x="{x + 30:.0f}" y="{y - 12 * MM:.0f}" fill="#888">missing</text>']
    level = float(np.nanmedian(row))
    points = " ".join(
        f"{x + i / record.rate * 25 * MM:.1f},{y - float(np.clip(piece[i] - level, -2, 2)) * 10 * MM:.1f}"
        for i in range(0, len(piece), max(1, round(record.rate / 250)))
        if not np.isnan(piece[i])
    )
    if weight is not None:
        out += _shades(weight[LEADS.index(name), first:last], record.rate, x, y)
    line = 'fill="none" stroke="#111" stroke-width="1.3" stroke-linejoin="round"'
    return [*out, f'<polyline {line} points="{points}"/>']


def _shades(shade: "Floats", rate: float, x: float, y: float) -> list[str]:
    out = []
    width = max(1, len(shade) // 40)
    for k in range(0, len(shade), width):
        strength = float(shade[k : k + width].mean())
        if strength > 0.15:
            left, wide = x + k / rate * 25 * MM, width / rate * 25 * MM
            box = f'x="{left:.1f}" y="{y - 11 * MM:.0f}" width="{wide:.1f}" height="{22 * MM:.0f}"'
            out.append(f'<rect {box} fill="#2b6cb0" opacity="{0.45 * strength:.2f}"/>')
    return out
