"""Pictures where people look rather than read, as SVG text without a browser (Vega-Lite through Altair).

SVG inside the page needs no script and no network, prints well, and each mark carries its numbers as a label that the page shows when it is
pointed at. Every function takes the language of its words.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from igaku.errors import optional
from igaku.report.site.shown import shown

WORDS = {
    "ja": {
        "accuracy": "正答率",
        "order": "選択肢の順番",
        "template": "テンプレート",
        "people": "受験者の正答率",
        "size": "パラメータ数（10 億）",
        "model": "モデル",
        "chance": "当て推量",
        "ja": "日本語",
        "en": "英語",
    },
    "en": {
        "accuracy": "accuracy",
        "order": "order of choices",
        "template": "template",
        "people": "people right",
        "size": "parameters (billions)",
        "model": "model",
        "chance": "chance",
        "ja": "Japanese",
        "en": "English",
    },
}
INK = "#1f4e79"
SERIES = 8
"""Models told apart by colour and shape in one picture; more cannot be."""
Rows = Sequence[Mapping[str, Any]]


def svg(chart: Any) -> str:
    """A chart as SVG text, transparent and without a frame."""
    vlc = optional("vl_convert", "site")
    chart = chart.configure_view(stroke=None).configure_axis(labelFontSize=12, titleFontSize=12, labelLimit=260)
    return str(vlc.vegalite_to_svg(chart.configure(background="transparent").to_json(validate=False)))


def _alt() -> Any:
    return optional("altair", "site")


def _data(rows: Rows) -> Any:
    return _alt().Data(
        values=[
            {
                k: shown(v)[:60] if isinstance(v, str) and k != "label" else shown(v) if isinstance(v, str) else v
                for k, v in r.items()
            }
            for r in rows
        ]
    )


def _share(name: str, title: str, domain: Sequence[float] = (0, 1)) -> dict[str, Any]:
    alt = _alt()
    return {
        "shorthand": f"{name}:Q",
        "title": title,
        "axis": alt.Axis(format=".0%"),
        "scale": alt.Scale(domain=list(domain)),
    }


def forest(rows: Rows, lang: str, chance: float | None) -> Any:
    """Accuracy with its interval, one line a model; rows of ``name``, ``accuracy``, ``low``, ``high``, ``label``."""
    alt, words = _alt(), WORDS[lang]
    base = alt.Chart(_data(rows)).encode(
        y=alt.Y("name:N", sort=None, title=None), description=alt.Description("label:N")
    )
    x = alt.X(**_share("low", words["accuracy"]))
    bar = base.mark_rule(strokeWidth=3, color=INK, opacity=0.45).encode(x=x, x2="high:Q")
    dot = base.mark_point(filled=True, size=90, color=INK, opacity=1).encode(x=alt.X("accuracy:Q"))
    layers = [bar, dot]
    if chance is not None:
        line = alt.Chart(alt.Data(values=[{"at": chance}])).mark_rule(strokeDash=[4, 4], color="#777")
        layers.insert(0, line.encode(x="at:Q", description=alt.value(f"{words['chance']} {100 * chance:.1f} %")))
    return alt.layer(*layers).properties(width=460, height=max(60, 24 * len(rows)))


def parts(rows: Rows, lang: str) -> Any:
    """Accuracy by part of the exam; rows of ``part``, ``model``, ``accuracy``, ``label``."""
    alt, words = _alt(), WORDS[lang]
    return (
        alt.Chart(_data(rows))
        .mark_point(filled=True, size=80, opacity=0.85)
        .encode(
            x=alt.X(**_share("accuracy", words["accuracy"])),
            y=alt.Y("part:N", sort=None, title=None, axis=alt.Axis(grid=True)),
            color=alt.Color("model:N", title=words["model"], legend=alt.Legend(labelLimit=260)),
            shape=alt.Shape("model:N", title=words["model"]),
            description=alt.Description("label:N"),
        )
        .properties(width=420, height=max(60, 24 * len({r["part"] for r in rows})))
    )


def difficulty(rows: Rows, lang: str) -> Any:
    """Accuracy on questions from hard to easy; rows of ``people``, ``model``, ``accuracy``, ``label``."""
    alt, words = _alt(), WORDS[lang]
    return (
        alt.Chart(_data(rows))
        .mark_line(point=alt.OverlayMarkDef(size=70))
        .encode(
            x=alt.X(**_share("people", words["people"])),
            y=alt.Y(**_share("accuracy", words["accuracy"])),
            color=alt.Color("model:N", title=words["model"], legend=alt.Legend(labelLimit=260)),
            description=alt.Description("label:N"),
        )
        .properties(width=420, height=280)
    )


def languages(rows: Rows, lang: str) -> Any:
    """Each model in Japanese against English on one exam; rows of ``model``, ``ja``, ``en``, ``label``."""
    alt, words = _alt(), WORDS[lang]
    line = alt.Chart(alt.Data(values=[{"a": 0, "b": 0}, {"a": 1, "b": 1}])).mark_line(strokeDash=[4, 4], color="#777")
    dots = alt.Chart(_data(rows)).encode(
        x=alt.X(**_share("en", words["en"])),
        y=alt.Y(**_share("ja", words["ja"])),
        description=alt.Description("label:N"),
    )
    points = dots.mark_point(filled=True, size=110, opacity=0.85).encode(**_told_apart(rows, words["model"]))
    return alt.layer(line.encode(x="a:Q", y="b:Q"), points).properties(width=360, height=360)


def _told_apart(rows: Rows, title: str) -> dict[str, Any]:
    """Colour and shape a model, where they are few enough; else one colour, and the label says which it is."""
    alt = _alt()
    if len({r["model"] for r in rows}) > SERIES:
        return {"color": alt.value(INK)}
    return {
        "color": alt.Color("model:N", title=title, legend=alt.Legend(labelLimit=260)),
        "shape": alt.Shape("model:N", title=title),
    }


def sizes(rows: Rows, lang: str) -> Any:
    """Size against score; rows of ``model``, ``size``, ``accuracy``, ``label``."""
    alt, words = _alt(), WORDS[lang]
    dots = alt.Chart(_data(rows)).encode(
        x=alt.X("size:Q", title=words["size"], scale=alt.Scale(type="log")),
        y=alt.Y(**_share("accuracy", words["accuracy"])),
        description=alt.Description("label:N"),
    )
    points = dots.mark_point(filled=True, size=110, opacity=0.85).encode(**_told_apart(rows, words["model"]))
    return points.properties(width=420, height=280)


def heat(rows: Rows, lang: str) -> Any:
    """Template by order; rows of ``template``, ``order``, ``accuracy``, ``label``. Dark is high; the number stands in each cell."""
    alt, words = _alt(), WORDS[lang]
    middle = (min(r["accuracy"] for r in rows) + max(r["accuracy"] for r in rows)) / 2
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
    wide, high = len({r["order"] for r in rows}), len({r["template"] for r in rows})
    return alt.layer(base.mark_rect().encode(color=color), text).properties(width=80 * wide, height=34 * high)
