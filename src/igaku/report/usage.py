"""The picture of ``igaku usage`` as SVG files: score against what a question took, with the Pareto front."""

from pathlib import Path
from typing import Any

from igaku.errors import IgakuError, optional
from igaku.io.files import write_whole
from igaku.report.site.axes import axis_of
from igaku.report.site.sanitize import sanitize_for_display
from igaku.report.site.words import LANGS
from igaku.studies.usage_report import UsageReport
from igaku.studies.usage_rows import Front
from igaku.tables import interval, percent

WORDS = {
    "en": {
        "accuracy": "accuracy",
        "tokens": "tokens written a question (mean)",
        "characters": "characters written a question (mean)",
        "cost": "cost a question (mean)",
    },
    "ja": {
        "accuracy": "正答率",
        "tokens": "1 問あたりの出力トークン数（平均）",
        "characters": "1 問あたりの出力文字数（平均）",
        "cost": "1 問あたりの費用（平均）",
    },
}
FRONT, BEHIND = "#0a6b5e", "#999999"


def draw(report: UsageReport, path: Path) -> list[Path]:
    """``NAME.svg`` as ``NAME.en.svg`` and ``NAME.ja.svg``, on white.

    Raises:
        IgakuError: the name does not end in ``.svg``, there is nothing to draw, or Altair is not installed.
    """
    if path.suffix != ".svg":
        raise IgakuError(f"--picture {path}: pictures are SVG; give a name that ends in .svg")
    if not any(f.amount > 0 for f in report.fronts):
        raise IgakuError(f"--picture {path}: no model here wrote anything that could be drawn")
    return [write_whole(path.with_suffix(f".{lang}.svg"), _svg(report.fronts, lang)) for lang in LANGS]


def _svg(fronts: list[Front], lang: str) -> str:
    """A panel a unit, and one for money; on a logarithmic axis, so that one who wrote nothing is in none."""
    alt, vlc = optional("altair", "site"), optional("vl_convert", "site")
    drawn = [f for f in fronts if f.amount > 0]
    panels = [_panel([f for f in drawn if f.by == by], WORDS[lang], by) for by in dict.fromkeys(f.by for f in drawn)]
    chart = alt.vconcat(*panels).configure_view(stroke=None).configure(background="white")
    return str(vlc.vegalite_to_svg(chart.to_json(validate=False)))


def _panel(fronts: list[Front], words: dict[str, str], by: str) -> Any:
    """Numbered points with their intervals, their names in the legend, and the front as a line of steps: what can be
    had for so much."""
    alt, axis = optional("altair", "site"), axis_of(v for f in fronts for v in f.row.ci95)
    rows = [_values(f, k) for k, f in enumerate(sorted(fronts, key=lambda f: f.amount), 1)]
    colors = alt.Scale(domain=[r["name"] for r in rows], range=[FRONT if r["front"] else BEHIND for r in rows])
    base = alt.Chart(alt.Data(values=rows)).encode(
        x=alt.X("amount:Q", title=words[by], scale=alt.Scale(type="log", nice=True)),
        color=alt.Color("name:N", title=None, scale=colors, legend=alt.Legend(labelLimit=320, symbolLimit=0)),
        description=alt.Description("label:N"),
    )
    scale = alt.Scale(domain=[axis.low, axis.high])
    y = alt.Y("accuracy:Q", title=words["accuracy"], axis=alt.Axis(format=".0%"), scale=scale)
    steps = base.transform_filter("datum.front").mark_line(interpolate="step-after", strokeDash=[4, 4])
    return alt.layer(
        steps.encode(y=y, color=alt.value(FRONT)),
        base.mark_rule(strokeOpacity=0.5).encode(y=alt.Y("low:Q", scale=scale), y2="high:Q"),
        base.mark_point(filled=True, size=70, opacity=1).encode(y=y),
        base.mark_text(align="left", dx=6, dy=-6, fontSize=11).encode(y=y, text="number:N", color=alt.value("#333")),
    ).properties(width=520, height=340)


def _values(f: Front, number: int) -> dict[str, Any]:
    name = sanitize_for_display(f.row.respondent)
    return {
        "number": str(number),
        "name": f"{number} {name[:60]}",
        "amount": f.amount,
        "accuracy": f.row.accuracy,
        "low": f.row.ci95[0],
        "high": f.row.ci95[1],
        "front": not f.beaten_by,
        "label": f"{name}: {percent(f.row.accuracy)} ({interval(f.row.ci95)}), {f.amount:.4g}",
    }
