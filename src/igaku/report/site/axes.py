"""Intervals as bands on one axis that fills the space where the models are, drawn as SVG in percent of its width."""

import math
from collections.abc import Iterable, Sequence

from msgspec import Struct

STEPS = ((0.35, 0.05), (0.7, 0.1), (1.0, 0.2))
"""Up to this span of the axis, its ticks have this distance."""


class Tick(Struct, frozen=True):
    """One line of the axis: where it stands, and its number in percent."""

    at: str
    text: str


class Band(Struct, frozen=True):
    """An interval and its estimate."""

    left: str
    width: str
    dot: str


class Axis(Struct, frozen=True):
    """From ``low`` to ``high``, both shares."""

    low: float
    high: float
    step: float

    def at(self, share: float) -> str:
        """Where a share stands, from the left; outside the axis at its end."""
        return f"{100 * self._position(share):.2f}%"

    def band(self, accuracy: float, ci: tuple[float, float]) -> Band:
        """An interval on this axis."""
        left, right = (self._position(x) for x in ci)
        return Band(f"{100 * left:.2f}%", f"{100 * (right - left):.2f}%", self.at(accuracy))

    @property
    def ticks(self) -> list[Tick]:
        """Its lines."""
        n = round((self.high - self.low) / self.step)
        return [Tick(f"{100 * k / n:.2f}%", f"{100 * (self.low + k * self.step):.0f}") for k in range(n + 1)]

    def _position(self, share: float) -> float:
        return min(1.0, max(0.0, (share - self.low) / (self.high - self.low)))


def axis_of(values: Iterable[float]) -> Axis:
    """The narrowest axis of whole steps around some shares."""
    found: Sequence[float] = list(values) or [0.0, 1.0]
    span = max(found) - min(found)
    step = next((step for most, step in STEPS if span <= most), 0.2)
    low = max(0.0, step * math.floor(min(found) / step + 1e-9))
    high = min(1.0, step * math.ceil(max(found) / step - 1e-9))
    return Axis(low, high, step) if high - low >= step - 1e-9 else Axis(max(0.0, high - step), max(high, step), step)
