"""The bins of a calibration as points of its picture."""

from igaku.report.site.chart_rows import BinRow
from igaku.report.site.numbers import percent
from igaku.studies.calibration_rows import CalibrationRow
from igaku.tables import interval


def bin_rows(r: CalibrationRow, name: str) -> list[BinRow]:
    """One point a bin; ``name`` is the panel's."""
    return [
        BinRow(
            row=name,
            n=b.n,
            confidence=b.confidence,
            accuracy=b.accuracy,
            low=b.ci95[0],
            high=b.ci95[1],
            label=f"{name}: {percent(b.confidence)} -> {percent(b.accuracy)} ({interval(b.ci95)}), n = {b.n}",
        )
        for b in r.reliability
    ]
