"""The catalog as Markdown tables, Japanese and English."""

from typing import Literal

from igaku.catalog.entries import Data, Model, data, models

TITLES = {
    "models": {
        "en": [
            "model",
            "maker",
            "size (B)",
            "languages",
            "licence",
            "year",
            "made from",
            "method",
            "trained on exams",
            "reported scores",
        ],
        "ja": [
            "モデル",
            "開発元",
            "規模 (B)",
            "言語",
            "ライセンス",
            "年",
            "元のモデル",
            "方法",
            "訓練に使われた試験",
            "報告された得点",
        ],
    },
    "data": {
        "en": ["name", "kind", "maker", "languages", "size", "years", "licence", "may be trained on", "how to get it"],
        "ja": ["名前", "種類", "作成元", "言語", "規模", "年", "ライセンス", "訓練に使えるか", "入手方法"],
    },
}
KINDS = {"corpus": "コーパス", "evaluation": "評価", "dictionary": "辞書", "tool": "道具"}
TRAIN = {"en": {True: "yes", False: "no", None: ""}, "ja": {True: "可", False: "不可", None: ""}}
Kind = Literal["models", "data"]


def render(kind: Kind, lang: str = "en") -> tuple[list[str], list[list[str]]]:
    """Column titles and rows; text in Markdown (links), empty where nothing is known."""
    rows = [_model(m) for m in models().values()] if kind == "models" else [_data(d, lang) for d in data().values()]
    return TITLES[kind][lang], rows


def _model(m: Model) -> list[str]:
    size = f"{m.parameters:g}" if m.parameters is not None else ""
    return [
        _linked(m),
        m.maker,
        size,
        ", ".join(m.languages),
        m.licence,
        str(m.year or ""),
        m.base,
        m.method,
        "; ".join(f"{s.benchmark}: {s.how}" for s in m.seen),
        "; ".join(f"{r.benchmark} {r.value} ({r.what}; {r.source})" for r in m.reported),
    ]


def _data(d: Data, lang: str) -> list[str]:
    parts = f" ({', '.join(d.train_parts)}: {TRAIN[lang][True]})" if d.train_parts else ""
    return [
        _linked(d),
        KINDS[d.kind] if lang == "ja" else d.kind,
        d.maker,
        ", ".join(d.languages),
        d.size,
        d.years,
        d.licence,
        TRAIN[lang][d.train] + parts,
        d.fetch,
    ]


def _linked(e: Model | Data) -> str:
    link = e.url or e.paper
    return f"[{e.names[0]}]({link})" if link else e.names[0]
