"""Pictures in docs/pictures/, drawn from results/ and bench/results/ by Altair, as SVG without a browser.

python scripts/plots.py
"""

import json
from pathlib import Path
from typing import Any, TypeAlias

import altair as alt
from msgspec import convert

from igaku.report.usage import draw as draw_usage
from igaku.report.years import draw as draw_years
from igaku.studies.usage_report import UsageReport
from igaku.studies.years_report import YearsReport

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "docs" / "pictures"
INK = "#1f3b57"
Chart: TypeAlias = alt.Chart | alt.LayerChart | alt.FacetChart


def stored(path: str) -> Any:
    """A result file of this repository."""
    return json.loads((ROOT / path).read_text(encoding="utf-8"))


def save(chart: Chart, name: str) -> None:
    PICTURES.mkdir(exist_ok=True)
    chart.configure_view(stroke=None).configure_axis(labelFontSize=12, titleFontSize=12).save(
        str(PICTURES / f"{name}.svg")
    )


def heat(lang: str) -> Chart:
    """Accuracy of every rendering: template by order, one panel a language."""
    words = {"en": ("order of choices", "template", "accuracy"), "ja": ("選択肢の順番", "テンプレート", "正答率")}[lang]
    data = stored("results/fair.json")["renderings"]
    rows = [{**r, "template": r["template"].rsplit("_", 1)[0]} for r in data]
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        x=alt.X("order:N", title=words[0], axis=alt.Axis(labelAngle=0)), y=alt.Y("template:N", title=words[1])
    )
    cells = base.mark_rect().encode(
        color=alt.Color("accuracy:Q", title=words[2], scale=alt.Scale(scheme="blues"), legend=alt.Legend(format=".0%"))
    )
    text = base.mark_text(fontSize=12).encode(
        text=alt.Text("accuracy:Q", format=".0%"),
        color=alt.condition("datum.accuracy > 0.24", alt.value("white"), alt.value("black")),
    )
    return alt.layer(cells, text).properties(width=330, height=130).facet(column=alt.Column("language:N", title=None))


def difficulty(lang: str) -> Chart:
    """Published replies against people: accuracy on tenths of the questions, hardest first."""
    legend = {"en": "replies of", "ja": "解答者"}[lang]
    words = {
        "en": ("people right (middle of each tenth of the questions)", "replies right"),
        "ja": ("受験者の正答率（問題を 10 等分した各区間の中央）", "回答の正答率"),
    }[lang]
    rows = [
        {"model": model, "people": (low + high) / 2, "right": right / n}
        for model, bins in stored("results/igakuqa-published.json")["difficulty"].items()
        for low, high, n, right in bins
    ]
    chart: alt.Chart = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_line(point=True)
        .encode(
            x=alt.X("people:Q", title=words[0], axis=alt.Axis(format=".0%"), scale=alt.Scale(domain=[0.3, 1])),
            y=alt.Y("right:Q", title=words[1], axis=alt.Axis(format=".0%"), scale=alt.Scale(domain=[0, 1])),
            color=alt.Color("model:N", title=legend),
            shape=alt.Shape("model:N", legend=None),
        )
        .properties(width=480, height=300)
    )
    return chart


def components(lang: str) -> Chart:
    """Where the variance of one answer comes from."""
    title = {"en": "share of the variance of one answer", "ja": "1 つの解答の分散に占める割合"}[lang]
    ja = {"question": "問題", "template": "テンプレート", "order": "順番", "language": "言語", "rest": "残り"}
    rows = [
        {
            "source": " × ".join(ja.get(w, w) if lang == "ja" else w for w in c["source"].split(" x ")),
            "share": c["share"],
        }
        for c in stored("results/fair.json")["fair"][0]["fair"]["components"]
    ]
    chart: alt.Chart = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_bar(color=INK)
        .encode(
            x=alt.X("share:Q", title=title, axis=alt.Axis(format=".0%")),
            y=alt.Y("source:N", title=None, sort=None, axis=alt.Axis(labelLimit=220)),
        )
        .properties(width=420, height=180)
    )
    return chart


def contamination(lang: str) -> Chart:
    """The positive control: how often the real version scores highest."""
    words = {
        "en": ("the exam's own version scores highest", "a random version"),
        "ja": ("試験の原文の得点が最も高かった割合", "無作為に選んだ場合"),
    }[lang]
    legend = {"en": "model, exam", "ja": "モデル、試験"}[lang]
    rows = [
        {**r, "model": f"{r['model']}, {r['exam']}"}
        for r in stored("bench/results/contamination.json")["rows"]
        if r["probe"].startswith("numbers")
    ]
    points = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_point(size=110, filled=True)
        .encode(
            x=alt.X("found:Q", title=words[0], axis=alt.Axis(format=".0%"), scale=alt.Scale(domain=[0, 1])),
            y=alt.Y("probe:N", title=None, axis=alt.Axis(labelLimit=220)),
            color=alt.Color("model:N", title=legend),
            shape=alt.Shape("model:N", title=legend),
        )
    )
    line = (
        alt.Chart(alt.InlineData(values=[{"expected": 0.1, "what": words[1]}]))
        .mark_rule(strokeDash=[4, 4])
        .encode(x="expected:Q")
    )
    return alt.layer(line, points).properties(
        width=420, height=140, title=alt.TitleParams(f"- - -  {words[1]}", fontSize=11, anchor="end")
    )


if __name__ == "__main__":
    for draw in (heat, difficulty, components, contamination):
        for lang in ("en", "ja"):
            save(draw(lang), f"{draw.__name__}.{lang}")
    draw_years(convert(stored("results/years.json"), YearsReport), PICTURES / "years.svg")
    draw_usage(convert(stored("results/usage.json"), UsageReport), PICTURES / "usage.svg")
    print(f"written: {PICTURES}")
