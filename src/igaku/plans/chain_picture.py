"""The picture of a chain: a panel a suite, each step's accuracy with its interval. Plain SVG, as no drawing library
comes with training.
"""

from collections.abc import Sequence
from html import escape

from msgspec import Struct

from igaku.statistics.paired import LEVEL, Comparison
from igaku.tables import printable

W, H, LEFT, TOP, BOTTOM = 360, 240, 46, 34, 40
INK, SHOWN = "#1f5fa8", "#0a6b5e"


class StepScore(Struct, frozen=True, kw_only=True):
    """One model of a chain on one suite: accuracy as a share, with its 95 % interval."""

    suite: str
    step: str
    n: int
    accuracy: float
    ci95: tuple[float, float] | None
    change: Comparison | None = None
    """The model minus the one before it, on the questions that both were scored on; None for the base."""


def picture(scores: Sequence[StepScore]) -> str:
    """A panel a suite; green where a step is shown to have changed the score."""
    suites = list(dict.fromkeys(s.suite for s in scores))
    panels = [_panel([s for s in scores if s.suite == suite], n) for n, suite in enumerate(suites)]
    width, height = W * max(1, min(2, len(suites))), H * -(-len(suites) // 2)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" '
        f'font-size="11" role="img"><title>accuracy by step, 95 % intervals</title>'
        f'<rect width="{width}" height="{height}" fill="white"/>{"".join(panels)}</svg>'
    )


def _panel(scores: Sequence[StepScore], n: int) -> str:
    wide = (W - LEFT - 12) / len(scores)
    bars = "".join(_bar(s, LEFT + (i + 0.5) * wide) for i, s in enumerate(scores))
    ticks = "".join(
        f'<line x1="{LEFT}" x2="{W - 12}" y1="{_y(v):.0f}" y2="{_y(v):.0f}" stroke="#e3e8ef"/>'
        f'<text x="{LEFT - 6}" y="{_y(v) + 4:.0f}" text-anchor="end">{100 * v:.0f} %</text>'
        for v in (0.0, 0.25, 0.5, 0.75, 1.0)
    )
    head = f'<text x="{LEFT}" y="18" font-weight="bold">{escape(printable(scores[0].suite))}</text>'
    return f'<g transform="translate({W * (n % 2)} {H * (n // 2)})">{head}{ticks}{bars}</g>'


def _bar(s: StepScore, x: float) -> str:
    low, high = s.ci95 or (s.accuracy, s.accuracy)
    colour = SHOWN if s.change and s.change.p_adjusted < LEVEL else INK
    label = f"{s.suite}, {s.step}: {100 * s.accuracy:.1f} % ({100 * low:.0f} to {100 * high:.0f}), {s.n} questions"
    return (
        f"<g><title>{escape(printable(label))}</title>"
        f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{_y(low):.1f}" y2="{_y(high):.1f}" stroke="{colour}" stroke-width="2"/>'
        f'<circle cx="{x:.1f}" cy="{_y(s.accuracy):.1f}" r="4" fill="{colour}"/>'
        f'<text x="{x:.1f}" y="{H - 20}" text-anchor="middle">{escape(printable(s.step))}</text></g>'
    )


def _y(share: float) -> float:
    return TOP + (1 - share) * (H - TOP - BOTTOM)
