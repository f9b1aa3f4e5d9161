"""The picture of ``igaku years`` as SVG files: accuracy by exam year, points above people, and above other models."""

from pathlib import Path

from igaku.errors import IgakuError
from igaku.io.files import write_whole
from igaku.report.site.chart_rows import YearRow
from igaku.report.site.charts import by_year
from igaku.report.site.words import LANGS
from igaku.studies.years_report import ExamYear, YearsReport
from igaku.tables import interval, percent, show


def draw(report: YearsReport, path: Path) -> list[Path]:
    """``NAME.svg`` as ``NAME.en.svg`` and ``NAME.ja.svg``, on white.

    Raises:
        IgakuError: the name does not end in ``.svg``, or Altair is not installed.
    """
    if path.suffix != ".svg":
        raise IgakuError(f"--picture {path}: pictures are SVG; give a name that ends in .svg")
    rows = [row for y in report.years for row in _rows(y)]
    return [write_whole(path.with_suffix(f".{lang}.svg"), by_year(rows, lang)) for lang in LANGS]


def _rows(y: ExamYear) -> list[YearRow]:
    shown = [("accuracy", y.accuracy, y.ci95, f"{percent(y.accuracy)} ({interval(y.ci95)})")]
    for measure, above in (("people", y.above_people), ("others", y.above_others)):
        if above:
            text = f"{show(above.difference, 'points')} ({show(above.ci95, 'points interval')})"
            shown.append((measure, above.difference, above.ci95, text))
    return [
        YearRow(
            exam=f"{y.benchmark} {y.language}",
            year=y.year,
            model=y.model,
            measure=measure,
            exam_was=y.exam_was,
            value=100 * value,
            low=100 * ci[0],
            high=100 * ci[1],
            label=f"{y.model} {y.benchmark} {y.year}: {text}",
        )
        for measure, value, ci, text in shown
    ]
