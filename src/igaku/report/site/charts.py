"""Pictures as SVG text, without a browser (Vega-Lite through Altair), for what is seen better than read.

SVG inside the page needs no script and no network, prints well, and each of its marks carries its numbers as a label,
which the page shows under the pointer. Every function takes rows and the language of the words, and returns SVG.
"""

from collections.abc import Iterable, Sequence
from types import ModuleType
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict

from igaku.errors import optional
from igaku.report.site.axes import axis_of
from igaku.report.site.chart_rows import HeatRow, LanguageRow, SizeRow
from igaku.report.site.sanitize import sanitize_for_display

WORDS = {
    "ja": {
        "accuracy": "正答率",
        "order": "選択肢の順番",
        "template": "テンプレート",
        "size": "パラメータ数（10 億）",
        "model": "モデル",
        "ja": "日本語",
        "en": "英語",
    },
    "en": {
        "accuracy": "accuracy",
        "order": "order of choices",
        "template": "template",
        "size": "parameters (billions)",
        "model": "model",
        "ja": "Japanese",
        "en": "English",
    },
}
INK = "#0a6b5e"
SERIES = 8
"""Most models that colour and shape can distinguish in one picture."""


def _alt() -> ModuleType:
    module: ModuleType = optional("altair", "site")
    return module


def _svg(chart: Any) -> str:
    """An Altair chart as SVG text, transparent and without a frame."""
    vlc = optional("vl_convert", "site")
    chart = chart.configure_view(stroke=None).configure_axis(labelFontSize=12, titleFontSize=12, labelLimit=260)
    return str(vlc.vegalite_to_svg(chart.configure(background="transparent").to_json(validate=False)))


def _data(rows: Sequence[Struct]) -> object:
    return _alt().Data(values=[{k: _value(k, v) for k, v in asdict(r).items()} for r in rows])


def _value(name: str, value: object) -> object:
    if not isinstance(value, str):
        return value
    return sanitize_for_display(value) if name == "label" else sanitize_for_display(value)[:60]


def _share(name: str, title: str, values: Iterable[float]) -> dict[str, object]:
    """Arguments of an axis in percent that fills the space where the values are."""
    alt, axis = _alt(), axis_of(values)
    return {
        "shorthand": f"{name}:Q",
        "title": title,
        "axis": alt.Axis(format=".0%"),
        "scale": alt.Scale(domain=[axis.low, axis.high]),
    }


def _by_model(models: Sequence[str], title: str) -> dict[str, object]:
    """Colour and shape a model where they are few enough; else one colour, and the label names the model."""
    alt = _alt()
    if len(set(models)) > SERIES:
        return {"color": alt.value(INK)}
    return {
        "color": alt.Color("model:N", title=title, legend=alt.Legend(labelLimit=260)),
        "shape": alt.Shape("model:N", title=title),
    }


def languages(rows: Sequence[LanguageRow], lang: str) -> str:
    """Each model in Japanese against English on one exam, with the diagonal."""
    alt, words = _alt(), WORDS[lang]
    values = [v for r in rows for v in (r.ja, r.en)]
    ends = (axis_of(values).low, axis_of(values).high)
    line = alt.Chart(alt.Data(values=[{"a": x, "b": x} for x in ends])).mark_line(strokeDash=[4, 4], color="#777")
    dots = alt.Chart(_data(rows)).encode(
        x=alt.X(**_share("en", words["en"], values)),
        y=alt.Y(**_share("ja", words["ja"], values)),
        description=alt.Description("label:N"),
    )
    by_model = _by_model([r.model for r in rows], words["model"])
    points = dots.mark_point(filled=True, size=110, opacity=0.85).encode(**by_model)
    return _svg(alt.layer(line.encode(x="a:Q", y="b:Q"), points).properties(width=360, height=360))


def sizes(rows: Sequence[SizeRow], lang: str) -> str:
    """Accuracy of each model against its size, on a logarithmic scale."""
    alt, words = _alt(), WORDS[lang]
    dots = alt.Chart(_data(rows)).encode(
        x=alt.X("size:Q", title=words["size"], scale=alt.Scale(type="log")),
        y=alt.Y(**_share("accuracy", words["accuracy"], [r.accuracy for r in rows])),
        description=alt.Description("label:N"),
    )
    by_model = _by_model([r.model for r in rows], words["model"])
    points = dots.mark_point(filled=True, size=110, opacity=0.85).encode(**by_model)
    return _svg(points.properties(width=420, height=280))


def heat(rows: Sequence[HeatRow], lang: str) -> str:
    """Accuracy by template and order: dark is high, and each cell shows its number."""
    alt, words = _alt(), WORDS[lang]
    middle = (min(r.accuracy for r in rows) + max(r.accuracy for r in rows)) / 2
    base = alt.Chart(_data(rows)).encode(
        x=alt.X("order:N", title=words["order"], sort=None, axis=alt.Axis(labelAngle=0)),
        y=alt.Y("template:N", title=words["template"], sort=None),
        description=alt.Description("label:N"),
    )
    color = alt.Color("accuracy:Q", title=words["accuracy"], scale=alt.Scale(scheme="blues"), legend=None)
    text = base.mark_text(fontSize=12).encode(
        text=alt.Text("accuracy:Q", format=".0%"),
        color=alt.condition(f"datum.accuracy > {middle}", alt.value("white"), alt.value("black")),
    )
    width, height = 80 * len({r.order for r in rows}), 34 * len({r.template for r in rows})
    return _svg(alt.layer(base.mark_rect().encode(color=color), text).properties(width=width, height=height))
