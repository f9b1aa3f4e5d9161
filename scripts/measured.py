"""Measurements of ``bench/results`` as tables of their own columns; Japanese words are in ``measured_ja.json``."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from igaku.tables import markdown_table, text_table

RESULTS = Path(__file__).parents[1] / "bench" / "results"
JA: dict[str, str] = json.loads(Path(__file__).with_name("measured_ja.json").read_text(encoding="utf-8"))
"""English head, value or note -> Japanese."""


def load(name: str) -> dict[str, Any]:
    """One measurement as its script wrote it."""
    return dict(json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8")))


def measured(name: str, table_name: str = "") -> Callable[[str], str]:
    """One measurement as a table, machine and date below it; its marker has the same name if no other is given."""

    def table(lang: str) -> str:
        data = load(name)
        word = (lambda text: JA.get(str(text), text)) if lang == "ja" else (lambda text: text)
        columns = list(dict.fromkeys(k for row in data["rows"] for k in row))
        machine = data["machine"].replace(", 2 cores", "、2 コア") if lang == "ja" else data["machine"]
        where = f"\n\n{machine}, {data['date']}. {word(data['note'])}".rstrip()
        return to_markdown([str(word(c)) for c in columns], _values(data["rows"], columns, word)) + where

    table.__name__ = table_name or name
    return table


def _values(
    rows: Sequence[Mapping[str, object]], columns: Sequence[str], word: Callable[[object], object]
) -> list[list[object]]:
    return [
        [row.get(c, "") if c == "command" and "igaku" not in str(row[c]) else word(row.get(c, "")) for c in columns]
        for row in rows
    ]


def to_markdown(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Values that are text already, as a Markdown table; a number and its percent sign stay in one line."""
    return re.sub(r"(?<=\d) %", "\u00a0%", markdown_table(text_table("", columns, rows)))


SPEED = {
    "en": (
        "- **{a:.0f} to {b:.0f} times** lm-evaluation-harness on the log-likelihood of choices "
        "(Gemma 3 270M; without and with three examples)",
        "- **{c} times** lm-evaluation-harness on the probability of letters through vLLM",
        "- **{d} times** the requests a second of its client for OpenAI-compatible servers",
    ),
    "ja": (
        "- 選択肢の対数尤度：lm-evaluation-harness の **{a:.0f}〜{b:.0f} 倍**（Gemma 3 270M、few-shot 例 0 問・3 問）",
        "- vLLM での記号の確率：lm-evaluation-harness の **{c} 倍**",
        "- OpenAI 互換サーバーへの 1 秒あたりのリクエスト数：同じく **{d} 倍**",
    ),
}


def speed(lang: str) -> str:
    """The three figures of the README."""
    ratios = [r["ratio"] for r in load("likelihood")["rows"] if r["model"] == "gemma-3-270m"]
    api = str(load("api")["rows"][0]["ratio"]).split()[0]
    found = {"a": min(ratios), "b": max(ratios), "c": load("vllm_letters")["rows"][0]["ratio"], "d": api}
    return "\n".join(line.format(**found) for line in SPEED[lang])
