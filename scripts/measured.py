"""Measurements of ``bench/results`` as tables of their own columns, with the heads and words of the Japanese pages."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from igaku.tables import markdown_table, text_table

RESULTS = Path(__file__).parents[1] / "bench" / "results"
JA = {
    "what": "測定",
    "model": "モデル",
    "questions": "問題数",
    "target": "目標",
    "ratio": "倍率",
    "seconds": "秒",
    "median seconds": "秒（中央値）",
    "processor seconds": "プロセッサ時間（秒）",
    "igaku seconds": "igaku（秒）",
    "lm-eval seconds": "lm-eval（秒）",
    "one prompt a call, seconds": "1 件ずつ呼び出し（秒）",
    "same text": "同じ文章",
    "same argmax": "選択が一致",
    "largest difference": "最大の差",
    "shots": "例題",
    "way": "計算のしかた",
    "verdicts": "判定数",
    "pairs": "組",
    "equal": "一致",
    "requests": "リクエスト数",
    "tokens": "トークン数",
    "minutes": "分",
    "peak memory MB": "最大メモリ（MB）",
    "peak MB": "最大メモリ（MB）",
    "GB of memory": "メモリ（GB）",
    "replies": "回答数",
    "command": "コマンド",
    "templates": "テンプレート",
    "renderings": "出題条件",
    "distinct prompts": "異なるプロンプト",
    "apart seconds": "別々に計算（秒）",
    "together seconds": "まとめて計算（秒）",
    "times one plain pass": "1 回の計算の何倍か",
    "lm-eval, text not token ids": "lm-eval（文字列で送る）",
    "the server's own client": "サーバー付属のクライアント",
    "share": "割合",
    "reader": "読み込み",
    "tracebacks": "トレースバック",
    "precision": "適合率",
    "recall": "再現率",
    "language": "言語",
    "lang": "言語",
    "exam": "試験",
    "kind": "種類",
    "label": "ラベル",
    "group": "群",
    "records": "件数",
    "benchmark": "ベンチマーク",
    "value": "値",
    "inputs": "入力数",
    "refused": "拒否",
    "read": "読めた",
    "hangs": "停止",
    "escapes": "外への書き込み",
    "slowest s": "最も遅い（秒）",
    "kills": "中断の回数",
    "ended as uninterrupted": "中断なしと同じ結果",
    "requests sent twice": "二度送った質問",
    "processes left": "残ったプロセス",
    "format": "形式",
    "runs": "実行数",
    "score": "得点のもと",
    "random orders": "でたらめな順序（p）",
    "backwards": "逆順（p）",
    "probe": "検査",
    "units": "単位数",
    "found": "検出",
    "expected": "期待値",
    "reference": "参照モデル",
    "control": "対照",
    "planted": "仕込んだ数",
    "copies": "複製",
    "edits": "書き換え",
    "documents": "文書数",
    "kept": "残した数",
    "of": "全体",
    "measure": "指標",
    "difference": "差",
    "loop": "学習ループ",
    "updates": "更新回数",
    "tokens a second": "トークン／秒",
    "peak GB": "最大メモリ（GB）",
    "loss on held-out rows": "検証データの損失",
    "rate": "率",
    "coverage": "被覆率",
    "false positives": "偽陽性率",
    "default": "既定",
    "all show the choices": "どれも選択肢を示す",
    "at least 2": "2 以上",
    "at least 95 %": "95 % 以上",
    "at most 0.45": "0.45 以下",
    "under 0.3": "0.3 未満",
    "under 0.5": "0.5 未満",
    "under 1": "1 未満",
    "under 2": "2 未満",
    "under 60": "60 未満",
    "report": "（記録）",
    "2.2 and 1.4": "2.2 と 1.4",
    "4,000 requests, 32 under way, 2 ms latency, best of 3: requests a second": (
        "4,000 リクエスト、同時 32、遅延 2 ms、3 回のうち最良：1 秒あたりのリクエスト数"
    ),
    "processor time a request, ms": "1 リクエストのプロセッサ時間（ms）",
    "real vLLM server, new tokens a second, 8 under way": "実際の vLLM サーバー、同時 8：1 秒あたりの生成トークン数",
    "igaku compare, two runs of 4,000 questions, whole command": "igaku compare、4,000 問の実行 2 つ、コマンド全体",
    "240,000 replies of three kinds, each by all methods of its kind": "3 種類の回答 24 万件、それぞれの種類の全方法",
    "240,000 written replies by the method letter": "文章の回答 24 万件、方法 letter",
    "240,000 written replies, each by all 10 text methods": "文章の回答 24 万件、文章用の 10 方法すべて",
    "Gestalt ratio, difflib / ours on the same pairs": "Gestalt 比、同じ組での difflib ÷ igaku",
    "site of 240,000 replies built": "24 万回答のサイトを作る",
    "first view, headless Chromium": "最初の画面が出るまで（Chromium）",
    "question viewer ready": "問題の画面が使えるまで",
    "search, slowest of 20": "検索（20 回のうち最も遅いもの）",
    "question opened with 120 replies": "120 回答の問題を開く",
    "igaku show run again (verdicts in the cache)": "igaku show（2 回目。判定はキャッシュから）",
    "site of the 100,000 replies": "10 万回答のサイト",
    "igaku leaderboard 300 runs": "igaku leaderboard、300 の実行",
    "gemma-3-270m: igakuqa ja minimal_ja (2,000 questions)": "gemma-3-270m：igakuqa、ja、minimal_ja（2,000 問）",
    "float32, greedy": "float32、貪欲法",
    "float32, loading not counted": "float32、読み込みの時間を除く",
    "float32; lm-eval 0.4.13, batch size 8; loading not counted": (
        "float32、lm-eval 0.4.13（バッチサイズ 8）、読み込みの時間を除く"
    ),
    "float32, vLLM on the processor; lm-eval 0.4.13; loading not counted": (
        "float32、vLLM はプロセッサで動作、lm-eval 0.4.13、読み込みの時間を除く"
    ),
    "other work shared the two cores": "2 コアをほかの処理と共有",
}
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
        where = f"\n\n{data['machine']}, {data['date']}. {word(data['note'])}".rstrip()
        return to_markdown([word(c) for c in columns], _values(data["rows"], columns, word)) + where

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
    """Values that are text already, as a Markdown table."""
    return markdown_table(text_table("", columns, rows))


SPEED = {
    "en": (
        "- **{a:.0f} to {b:.0f} times** lm-evaluation-harness on the log-likelihood of choices "
        "(Gemma 3 270M; without and with three examples)",
        "- **{c} times** lm-evaluation-harness on the probability of letters through vLLM",
        "- **{d} times** the requests a second of its client for OpenAI-compatible servers",
    ),
    "ja": (
        "- 選択肢の対数尤度：lm-evaluation-harness の **{a:.0f}〜{b:.0f} 倍**（Gemma 3 270M、例題なし・3 問つき）",
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
