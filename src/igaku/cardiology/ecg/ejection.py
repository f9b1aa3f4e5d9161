"""Ejection fractions as tables write them (55, 55 %, 0.55), in percent; a unit that is not certain is never guessed."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

from igaku.errors import IgakuError, UnknownNameError

EF_UNITS = ("auto", "percent", "fraction", "mixed")
"""``mixed``: values up to 1 are fractions, others percent."""
_NAMED = re.compile(r"(?:^|[^a-z])(?:lv)?ef(?:$|[^a-z])|ejection|駆出率", re.I)


def ef_percent(texts: Sequence[str], unit: str = "auto") -> tuple[list[float | None], str]:
    """EF in percent, None where a text is not a number from 0 to 100 (``35-40``, ``>60``); and a remark, if any.

    Args:
        unit: of numbers without a sign; ``auto`` reads them as percent, or as fractions where all are 1 or below.

    Raises:
        IgakuError: an unknown unit; or ``auto``, and only some are 1 or below: 0.35 may be 35 % or a slip.
    """
    if unit not in EF_UNITS:
        raise UnknownNameError("unit of EF", unit, EF_UNITS)
    read = [_number(t) for t in texts]
    bare = [v for v, signed in filter(None, read) if not signed and v > 0]
    small = [v for v in bare if v <= 1]
    if unit == "auto" and 0 < len(small) < len(bare):
        raise IgakuError(
            f"{len(small)} of {len(bare)} EF values are 1 or below (the first: {small[0]:g}), the others are not; give "
            "--ef-unit mixed where these are fractions, or percent where they are not"
        )
    fractions = unit == "fraction" or (unit == "auto" and bool(small))

    def percent(value: float, signed: bool) -> float | None:
        scaled = value * 100 if not signed and (fractions or (unit == "mixed" and value <= 1)) else value
        return round(scaled, 6) if 0 < scaled <= 100 else None

    remark = f"EF is read as a fraction: all {len(bare)} values are 1 or below" if unit == "auto" and small else ""
    return [percent(*x) if x else None for x in read], remark


def _number(text: str) -> tuple[float, bool] | None:
    """The number in a text, and whether it has a percent sign; None where it is something else."""
    m = re.fullmatch(r"\s*(\d{1,4}(?:\.\d*)?|\.\d+)\s*(%|percent|パーセント)?\s*", unicodedata.normalize("NFKC", text))
    return (float(m[1]), bool(m[2])) if m else None


def is_ef(column: str) -> bool:
    """Whether a column's name is that of an ejection fraction."""
    return bool(_NAMED.search(column))


def refuse_fractions(column: str, values: Iterable[float], cut: float | None) -> None:
    """Pass where a column of EF values is in one unit, which is the unit of the cut.

    Raises:
        IgakuError: some values are fractions and some percent, or all are fractions and the cut is in percent.
    """
    known = [v for v in values if v > 0]
    small = [v for v in known if v <= 1]
    if not is_ef(column) or not small:
        return
    if len(small) < len(known):
        raise IgakuError(
            f"{column}: {len(small)} of {len(known)} values are 1 or below (as {small[0]:g}), the others are not; "
            "an EF in two units: write all in percent"
        )
    if cut is not None and cut > 1:
        raise IgakuError(
            f"{column}: all {len(known)} values are 1 or below, but the label compares with {cut:g}; "
            "write the values in percent, or the label as a fraction"
        )
