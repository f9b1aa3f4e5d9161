"""Pictures as SVG text, without a browser (Vega-Lite through Altair), for what is seen better than read.

SVG inside the page needs no script and no network, prints well, and each of its marks carries its numbers as a label,
which the page shows under the pointer. Every function takes rows and the language of the words, and returns SVG.
"""

from collections.abc import Sequence
from types import ModuleType
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict

from igaku.errors import optional
from igaku.report.site.chart_rows import BinRow, YearRow
from igaku.report.site.sanitize import sanitize_for_display

WORDS = {
    "ja": {
        "accuracy": "正答率",
        "confidence": "確信度",
        "answers": "回答数",
        "model": "モデル",
        "year": "試験の年",
        "measure accuracy": "正答率（%）",
        "measure people": "受験者との差（点）",
        "measure others": "他のモデルとの差（点）",
        "exam was": "試験の時期（モデルの日付に対し）",
        "before": "前",
        "same year": "同じ年",
        "after": "後",
        "not known": "不明",
    },
    "en": {
        "accuracy": "accuracy",
        "confidence": "confidence",
        "answers": "answers",
        "model": "model",
        "year": "exam year",
        "measure accuracy": "accuracy, %",
        "measure people": "above people, points",
        "measure others": "above other models, points",
        "exam was": "exam against the model's date",
        "before": "before",
        "same year": "same year",
        "after": "after",
        "not known": "not known",
    },
}
INK = "#0a6b5e"


def _alt() -> ModuleType:
    module: ModuleType = optional("altair", "site")
    return module


def _svg(chart: Any, background: str = "transparent") -> str:
    """An Altair chart as SVG text, without a frame."""
    vlc = optional("vl_convert", "site")
    chart = chart.configure_view(stroke=None).configure_axis(labelFontSize=13, titleFontSize=13, labelLimit=260)
    return str(vlc.vegalite_to_svg(chart.configure(background=background).to_json(validate=False)))


def _data(rows: Sequence[Struct]) -> object:
    return _alt().Data(values=[{k: _value(k, v) for k, v in asdict(r).items()} for r in rows])


def _value(name: str, value: object) -> object:
    if not isinstance(value, str):
        return value
    return sanitize_for_display(value) if name == "label" else sanitize_for_display(value)[:60]


WHEN = {"before": "circle", "same year": "square", "after": "triangle-up", "not known": "cross"}
"""Side of the model's date -> shape of its point."""
MEASURES = ("accuracy", "people", "others")
COLOURS = 20


def by_year(rows: Sequence[YearRow], lang: str) -> str:
    """A panel a measure and exam, each model's points by exam year with their intervals; the shape says on which side
    of the model's date the exam lies. On white, for a file of its own."""
    alt = _alt()
    exams, models = list(dict.fromkeys(r.exam for r in rows)), list(dict.fromkeys(r.model for r in rows))
    panels = []
    for measure in MEASURES:
        found = [[r for r in rows if (r.measure, r.exam) == (measure, exam)] for exam in exams]
        drawn = [_year_panel(mine, lang, models) for mine in found if mine]
        panels += [alt.hconcat(*drawn).resolve_scale(xOffset="independent")] if drawn else []
    return _svg(alt.vconcat(*panels).resolve_scale(xOffset="independent"), "white")


def _year_panel(rows: Sequence[YearRow], lang: str, every: Sequence[str]) -> object:
    """``every``: the models of all panels, each of one colour while there are colours."""
    alt, words, accuracy = _alt(), WORDS[lang], rows[0].measure == "accuracy"
    years, models = {r.year for r in rows}, [str(_value("model", m)) for m in dict.fromkeys(r.model for r in rows)]
    colors = alt.Scale(scheme="tableau20", domain=[_value("model", m) for m in every])
    color = alt.Color("model:N", title=words["model"], scale=colors, legend=alt.Legend(labelLimit=260, symbolOpacity=1))
    values = [{**asdict(r), "model": _value("model", r.model), "side": words[r.exam_was]} for r in rows]
    base = alt.Chart(alt.Data(values=values)).encode(
        x=alt.X("year:O", title=f"{words['year']} ({_value('exam', rows[0].exam)})", axis=alt.Axis(labelAngle=0)),
        xOffset=alt.XOffset("model:N", scale=alt.Scale(domain=models)),
        color=color if len(every) <= COLOURS else alt.value(INK),
        description=alt.Description("label:N"),
    )
    y = alt.Y("low:Q", title=words[f"measure {rows[0].measure}"], scale=alt.Scale(zero=not accuracy))
    sides = alt.Scale(domain=[words[w] for w in WHEN], range=list(WHEN.values()))
    bars = base.mark_rule(strokeWidth=2, strokeOpacity=0.5).encode(y=y, y2="high:Q")
    dots = base.mark_point(filled=True, size=60, opacity=1).encode(
        y="value:Q", shape=alt.Shape("side:N", title=words["exam was"], scale=sides)
    )
    zero = alt.Chart(alt.Data(values=[{"at": 0}])).mark_rule(strokeDash=[4, 4], color="#777").encode(y="at:Q")
    layers = [bars, dots] if accuracy else [zero, bars, dots]
    return alt.layer(*layers).properties(width=max(110, len(years) * max(40, 11 * len(models))), height=170)


PANELS = 3
"""Panels side by side."""


def reliability(rows: Sequence[BinRow], lang: str) -> str:
    """A panel a respondent: accuracy by confidence with intervals, larger where there are more answers, and the
    diagonal of perfect calibration. On white, for a file of its own."""
    alt, found = _alt(), [[r for r in rows if r.row == name] for name in dict.fromkeys(r.row for r in rows)]
    most = max(r.n for r in rows)
    panels = [_reliability_panel(mine, lang, most) for mine in found]
    lines = [alt.hconcat(*panels[k : k + PANELS]) for k in range(0, len(panels), PANELS)]
    return _svg(alt.vconcat(*lines), "white")


def reliability_panel(rows: Sequence[BinRow], lang: str) -> str:
    """One respondent's panel, for a page that names it and says what the sizes are."""
    return _svg(_reliability_panel(rows, lang, max(r.n for r in rows), alone=True))


def _reliability_panel(rows: Sequence[BinRow], lang: str, most: int, alone: bool = False) -> object:
    alt, words, ends = _alt(), WORDS[lang], [{"a": 0, "b": 0}, {"a": 1, "b": 1}]
    line = alt.Chart(alt.Data(values=ends)).mark_line(strokeDash=[4, 4], color="#777").encode(x="a:Q", y="b:Q")
    whole, percent = alt.Scale(domain=[0, 1]), alt.Axis(format=".0%")
    base = alt.Chart(_data(rows)).encode(
        x=alt.X("confidence:Q", title=words["confidence"], axis=percent, scale=whole),
        description=alt.Description("label:N"),
        color=alt.value(INK),
    )
    y = {"title": words["accuracy"], "axis": percent, "scale": whole}
    bars = base.mark_rule(strokeWidth=2, strokeOpacity=0.5).encode(y=alt.Y("low:Q", **y), y2="high:Q")
    legend = {"legend": None} if alone else {}
    size = alt.Size("n:Q", title=words["answers"], scale=alt.Scale(domain=[0, most], range=[20, 400]), **legend)
    dots = base.mark_point(filled=True, opacity=0.85).encode(y=alt.Y("accuracy:Q", **y), size=size)
    title = {} if alone else {"title": alt.TitleParams(str(_value("row", rows[0].row)), fontSize=12, anchor="start")}
    return alt.layer(line, bars, dots).properties(width=260, height=260, **title)
