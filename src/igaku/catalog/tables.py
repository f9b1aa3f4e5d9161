"""The catalog as Markdown tables, Japanese and English."""

import re
from typing import Literal

from igaku.catalog.entries import Data, Model, data, models
from igaku.catalog.japanese import japanese

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
            "thinking",
            "seen in training",
            "method",
            "how it was seen",
            "reported scores",
            "notes",
            "verified",
        ],
        "ja": [
            "モデル",
            "開発元",
            "規模 (B)",
            "言語",
            "ライセンス",
            "年",
            "元のモデル",
            "思考の書式",
            "学習で見た試験",
            "方法",
            "見た範囲",
            "報告された得点",
            "備考",
            "確認日",
        ],
    },
    "data": {
        "en": [
            "name",
            "kind",
            "maker",
            "languages",
            "size",
            "years",
            "licence",
            "may be trained on",
            "how to get it",
            "notes",
            "verified",
        ],
        "ja": [
            "名前",
            "種類",
            "作成元",
            "言語",
            "規模",
            "年",
            "ライセンス",
            "学習に使えるか",
            "入手方法",
            "備考",
            "確認日",
        ],
    },
}
KINDS = {"corpus": "コーパス", "evaluation": "評価", "dictionary": "辞書", "tool": "道具"}
TRAIN = {"en": {True: "yes", False: "no", None: ""}, "ja": {True: "可", False: "不可", None: ""}}
OTHER_YEARS = {"en": " (other years)", "ja": "（別の年）"}
Kind = Literal["models", "data"]
_TAG = re.compile(r"<\w+>\w*|## \w+(?: \w+)?")
"""What a Markdown table must not take for markup."""


def render(kind: Kind, lang: str = "en") -> tuple[list[str], list[list[str]]]:
    """Column titles and rows; text in Markdown (links), empty where nothing is known, "?" behind what is unsure."""
    entries: list[Model | Data] = [*(models() if kind == "models" else data()).values()]
    return TITLES[kind][lang], [_model(e, lang) if isinstance(e, Model) else _data(e, lang) for e in entries]


def _model(m: Model, lang: str) -> list[str]:
    size = f"{m.parameters:g}" if m.parameters is not None else ""
    return [
        _linked(m),
        _shown(m, "maker", m.maker, lang),
        _shown(m, "parameters", size),
        _shown(m, "languages", ", ".join(m.languages), lang),
        _shown(m, "licence", m.licence, lang),
        _shown(m, "year", str(m.year or "")),
        _shown(m, "base", m.base),
        _shown(m, "thinking", m.thinking, lang),
        ", ".join(s.benchmark + OTHER_YEARS[lang] * s.other_years for s in m.seen),
        _shown(m, "method", m.method, lang),
        "; ".join(f"{s.benchmark}: {_worded(s.how, lang)}" for s in m.seen),
        "; ".join(f"{r.benchmark} {r.value} ({_worded(r.what, lang)}; {_worded(r.source, lang)})" for r in m.reported),
        _worded(m.notes, lang),
        m.verified,
    ]


def _data(d: Data, lang: str) -> list[str]:
    parts = f" ({', '.join(d.train_parts)}: {TRAIN[lang][True]})" if d.train_parts else ""
    return [
        _linked(d),
        KINDS[d.kind] if lang == "ja" else d.kind,
        _shown(d, "maker", d.maker, lang),
        ", ".join(d.languages),
        _shown(d, "size", d.size, lang),
        _shown(d, "years", d.years),
        _shown(d, "licence", d.licence, lang),
        TRAIN[lang][d.train] + parts,
        _worded(d.fetch, lang),
        _worded(d.notes, lang),
        d.verified,
    ]


def _worded(text: str, lang: str) -> str:
    return japanese(text) if lang == "ja" else _TAG.sub(r"`\g<0>`", text)


def _shown(e: Model | Data, field: str, text: str, lang: str = "en") -> str:
    """A field's text, with a mark where it is unsure."""
    return _worded(text, lang) + (" ?" if field in e.unsure and text else "")


def _linked(e: Model | Data) -> str:
    link = e.url or e.paper
    return f"[{e.names[0]}]({link})" if link else e.names[0]
