"""The reliability picture of ``igaku calibration`` as SVG files: accuracy by confidence, a panel a row."""

from pathlib import Path

from igaku.errors import IgakuError
from igaku.io.files import write_whole
from igaku.report.site.bins import bin_rows
from igaku.report.site.charts import reliability
from igaku.report.site.words import LANGS
from igaku.studies.calibration_report import CalibrationReport
from igaku.studies.calibration_rows import ALL, CalibrationRow


def draw(report: CalibrationReport, path: Path) -> list[Path]:
    """``NAME.svg`` as ``NAME.en.svg`` and ``NAME.ja.svg``, on white; the rows over all answers.

    Raises:
        IgakuError: the name does not end in ``.svg``, or Altair is not installed.
    """
    if path.suffix != ".svg":
        raise IgakuError(f"--picture {path}: pictures are SVG; give a name that ends in .svg")
    rows = [bin_row for n, r in enumerate(report.rows, 1) if r.answers == ALL for bin_row in bin_rows(r, _name(r, n))]
    return [write_whole(path.with_suffix(f".{lang}.svg"), reliability(rows, lang)) for lang in LANGS]


def _name(r: CalibrationRow, number: int) -> str:
    """The row's number keeps two rows of like names in two panels."""
    return f"{number}. {r.model}, {r.benchmark} {r.language}, {r.source}"
