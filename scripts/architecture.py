"""The picture of docs/architecture.md: docs/pictures/architecture.en.svg and architecture.ja.svg.

    python scripts/architecture.py

The colours follow the reader's light or dark setting; the card behind the picture keeps it readable on any page.
"""

from html import escape
from pathlib import Path

ROOT = Path(__file__).parents[1]
LAYERS = [
    ("keys/", "what a right answer is", "正答の種類"),
    ("question.py", "the nouns: Question, Request, Reply, Verdict", "共通の語彙：問題、リクエスト、回答、判定"),
    ("benchmarks/", "WHAT is asked", "何を問うか"),
    ("prompts/", "HOW it is asked", "どのように問うか"),
    ("engines/", "WHO answers", "誰が答えるか"),
    ("grading/", "WAS IT RIGHT", "正解か"),
    ("statistics/", "WHAT DOES IT MEAN: pure numbers", "結果は何を意味するか（数値だけを扱う）"),
    ("catalog/", "models and data as checked lists", "モデルとデータの一覧"),
    ("runs/", "ASK AND KEEP: plan, journal, run folder", "出題と記録：計画、ジャーナル、実行フォルダ"),
    ("studies/", "questions about runs", "実行についての解析"),
    ("report/", "SHOW IT: pages, cards", "表示：ページ、モデルカード"),
]
"""Folder, what it is in English and in Japanese; top to bottom as the data flow."""
BESIDE = [
    ("corpus/", "text → training data", "テキスト → 学習データ"),
    ("training/", "recipes, adapters", "学習レシピ、アダプタ"),
    ("cardiology/", "ECG, angiography", "心電図、冠動脈造影"),
]
SHARED = ("question.py", "engines/", "runs/")
"""What the folders beside share with evaluation; of ``runs/``, the journal."""
TEXTS = {
    "en": {
        "above": "above all: plans/ (one YAML file) and cli/ (one file a command)",
        "ground": "the ground: errors · io · configs · steps · plugins · provenance · tables · thinking",
        "shared": "share only Question,\nengines and the journal",
        "arrow": "data flow",
        "title": "igaku: its folders, top to bottom as the data flow",
    },
    "ja": {
        "above": "全体の上：plans/（YAML 1 枚）と cli/（1 コマンド 1 ファイル）",
        "ground": "土台：errors · io · configs · steps · plugins · provenance · tables · thinking",
        "shared": "共有するのは Question、\nengines、ジャーナルだけ",
        "arrow": "データの流れ",
        "title": "igaku のフォルダ。上から下へデータが流れる順",
    },
}
STYLE = """
:root {
  --card: #ffffff; --ink: #1b2733; --soft: #51606e; --line: #9aa8b5;
  --box: #eaf1f8; --side: #f6efe2; --band: #edf0f2;
}
@media (prefers-color-scheme: dark) {
  :root {
    --card: #161b22; --ink: #e6edf3; --soft: #a5b1bd; --line: #5d6b78;
    --box: #1d2d3f; --side: #332b1c; --band: #232a31;
  }
}
text { font-family: system-ui, "Noto Sans CJK JP", "Hiragino Sans", "Yu Gothic", sans-serif; font-size: 15px }
text { fill: var(--ink) }
.name { font-family: ui-monospace, Menlo, Consolas, monospace; font-weight: 600 }
.soft { fill: var(--soft); font-size: 14px }
.card { fill: var(--card) } .box { fill: var(--box) } .side { fill: var(--side) } .band { fill: var(--band) }
.box, .side, .band { stroke: var(--line) }
.line { stroke: var(--soft); stroke-width: 1.5; fill: none } .dash { stroke-dasharray: 5 4 }
"""
TIP = (
    '<marker id="tip" viewBox="0 0 8 8" refX="6" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
    '<path d="M0 0 8 4 0 8z" style="fill: var(--soft)"/></marker>'
)
LEFT, WIDE, RIGHT, SIDE, TOP, STEP, HIGH = 70, 500, 650, 260, 92, 48, 38


def rect(kind: str, x: float, y: float, w: float, h: float) -> str:
    return f'<rect class="{kind}" x="{x}" y="{y}" width="{w}" height="{h}" rx="6"/>'


def text(x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> str:
    return f'<text class="{kind}" x="{x}" y="{y}" text-anchor="{anchor}">{escape(words)}</text>'


def line(d: str, dash: bool = False, arrow: bool = False) -> str:
    tip = ' marker-end="url(#tip)"' if arrow else ""
    return f'<path class="line{" dash" if dash else ""}" d="{d}"{tip}/>'


def middle(row: int) -> float:
    return TOP + STEP * row + HIGH / 2


def layers(lang: str) -> list[str]:
    out = []
    for row, (name, en, ja) in enumerate(LAYERS):
        y = TOP + STEP * row
        out += [rect("box", LEFT, y, WIDE, HIGH), text(LEFT + 14, y + 25, name, "name")]
        out.append(text(LEFT + 140, y + 25, en if lang == "en" else ja))
    bottom = TOP + STEP * (len(LAYERS) - 1) + HIGH
    out.append(line(f"M 40 {TOP + 4} V {bottom - 6}", arrow=True))
    turn = f"rotate(-90 28 {(TOP + bottom) / 2})"
    out.append(f'<g transform="{turn}">{text(28, (TOP + bottom) / 2, TEXTS[lang]["arrow"], "soft", "middle")}</g>')
    return out


def beside(lang: str) -> list[str]:
    names = [name for name, *_ in LAYERS]
    rows = [names.index(s) for s in SHARED]
    x, out = (LEFT + WIDE + RIGHT) / 2, []
    out.append(line(f"M {x} {middle(rows[0])} V {middle(rows[-1])}", dash=True))
    out += [line(f"M {LEFT + WIDE} {middle(row)} H {x}", dash=True) for row in rows]
    tops = [TOP + STEP * row for row in (2, 4, 6)]
    for (name, en, ja), y in zip(BESIDE, tops):
        out += [line(f"M {x} {y + 29} H {RIGHT}", dash=True), rect("side", RIGHT, y, SIDE, 58)]
        out += [text(RIGHT + 14, y + 24, name, "name"), text(RIGHT + 14, y + 46, en if lang == "en" else ja)]
    out.append(line(f"M {RIGHT + SIDE / 2} {tops[0] + 58} V {tops[1] - 4}", arrow=True))
    for k, words in enumerate(TEXTS[lang]["shared"].split("\n")):
        out.append(text(RIGHT, middle(0) + 4 + 20 * k, words, "soft"))
    return out


def picture(lang: str) -> str:
    words, width = TEXTS[lang], RIGHT + SIDE + 30
    bottom = TOP + STEP * len(LAYERS) + 8
    bands = [
        rect("band", LEFT, 30, width - LEFT - 30, 40),
        text(LEFT + 14, 56, words["above"]),
        rect("band", LEFT, bottom, width - LEFT - 30, 40),
        text(LEFT + 14, bottom + 26, words["ground"]),
    ]
    height = bottom + 70
    parts = "\n".join([rect("card", 0, 0, width, height), *bands, *layers(lang), *beside(lang)])
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" lang="{lang}">\n'
        f"<title>{escape(words['title'])}</title>\n<style>{STYLE}</style>\n<defs>{TIP}</defs>\n{parts}\n</svg>\n"
    )


if __name__ == "__main__":
    for lang in TEXTS:
        (ROOT / "docs" / "pictures" / f"architecture.{lang}.svg").write_text(picture(lang), encoding="utf-8")
