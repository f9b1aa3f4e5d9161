"""What stands where on a sheet of a 12-lead ECG: the leads of each row, and the page around them, in millimetres."""

from typing import NamedTuple

from igaku.errors import UnknownNameError

SPEED, GAIN = 25.0, 10.0
"""Millimetres a second, and a millivolt."""
WIDTH, HEIGHT = 297.0, 210.0
"""A4 across."""
LEFT, PULSE, TRACE = 28.0, 8.0, 250.0
"""Where traces begin; the calibration pulse's width before them; ten seconds."""
TOP, BOTTOM = 28.0, 12.0
"""Above and below the grid: letters."""
_STANDARD = ("I", "II", "III", "aVR", "aVL", "aVF")
_CABRERA = ("aVL", "I", "-aVR", "II", "aVF", "III")
"""The limb leads by their angle in the frontal plane, from -30 to 120 degrees."""
_CHEST = ("V1", "V2", "V3", "V4", "V5", "V6")
LAYOUTS = ("3x4+1", "6x2", "12x1")


class Sheet(NamedTuple):
    """Rows of a sheet."""

    rows: tuple[tuple[str, ...], ...]
    """The leads of each row, left to right; each takes an equal part of ten seconds, beginning when the last ends."""
    spacing: float
    """From one row's level to the next."""

    def level(self, row: int) -> float:
        """y of a row's zero, where rows are spaced by strong squares on a strong line of the grid."""
        first = (self.grid_height - self.spacing * (len(self.rows) - 1)) / 2
        return TOP + (first // 5 * 5 if self.spacing % 5 == 0 else first) + row * self.spacing

    @property
    def grid_height(self) -> float:
        """Of the grid, whole strong squares."""
        return HEIGHT - TOP - BOTTOM


def sheet(layout: str = LAYOUTS[0], cabrera: bool = False) -> Sheet:
    """The rows of a layout.

    Args:
        layout: ``3x4+1`` (four columns of 2.5 s, and II for ten below), ``6x2`` (two columns of 5 s), ``12x1``.
        cabrera: limb leads as aVL, I, -aVR, II, aVF, III.

    Raises:
        IgakuError: no such layout.
    """
    limbs = _CABRERA if cabrera else _STANDARD
    if layout == "3x4+1":
        columns = (limbs[:3], limbs[3:], _CHEST[:3], _CHEST[3:])
        return Sheet((*zip(*columns, strict=True), ("II",)), 40.0)
    if layout == "6x2":
        return Sheet(tuple(zip(limbs, _CHEST, strict=True)), 25.0)
    if layout == "12x1":
        return Sheet(tuple((name,) for name in (*limbs, *_CHEST)), 13.5)
    raise UnknownNameError("layout", layout, LAYOUTS)
