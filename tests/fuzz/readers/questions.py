"""Files of questions and of what is asked: own questions, keys, exam.toml, ids, examples, prompts, suites."""

import csv
import io
import json
from pathlib import Path

from ..reader import Reader

ROWS: list[dict[str, object]] = [
    {
        "id": "q1",
        "stem": "熱が出る病気はどれか。",
        "choices": ["感冒", "骨折", "近視"],
        "answer": "a",
        "section": "必修",
        "points": 2,
    },
    {"id": "q2", "stem": "脈が 10 秒に 12 回。1 分では何回か。", "answer": "72", "year": "2026", "human_accuracy": 0.9},
    {
        "id": "q3",
        "stem": "2つ選べ。",
        "choices": ["ア", "イ", "ウ", "エ"],
        "accepted": ["ab", "cd"],
        "prohibited": ["d"],
        "group": "g",
    },
    {
        "id": "q4",
        "stem": "絵はどれか。",
        "choices": ["い", "ろ"],
        "answer": ["b"],
        "images": ["p.png"],
        "context": "次の文を読め。",
    },
    {
        "id": "q5",
        "stem": "Which?",
        "choices": ["x", "y"],
        "answer": "b",
        "lang": "en",
        "void": "excluded",
        "source": "own",
    },
]
OPEN: list[dict[str, object]] = [
    {
        "id": "o1",
        "stem": "のどが渇いた。",
        "rubric": [{"point": "水を勧める", "weight": 2}, {"point": "酒", "weight": -1}],
    },
    {
        "id": "o2",
        "stem": "続けて。",
        "reference": "水",
        "conversation": [{"role": "user", "content": "あ"}, {"role": "assistant", "content": "い"}],
    },
    {"id": "o3", "stem": "では?", "rubric": ["一"], "after": "o1"},
]
CSV = """id,stem,a,b,c,answer,section,points
k1,どれか,甲,乙,丙,b,必修,1
k2,"二つ, 選べ",甲,乙,丙,ac,,2
k3,何回か,,,,26,,1
"""
PAPER = """番号\t問題文\t選択肢1\t選択肢２\t選択肢③\t正答\t画像\t備考\t
１\tどれか\t甲\t乙\t丙\t２\t\t済\t
\t\t\t\t\t\t\t\t
2\t"二つ
選べ"\t甲\t乙\t丙\t①・③\t\t\t
3\t何回か\t\t\t\t７２\t\t\t
"""
"""As a hospital has it: Japanese headers, numbers as keys, tabs, leftovers."""
EXAM = """title = "模試"
title_ja = "模擬試験"
licence = "CC BY 4.0"
credit = "我々"
key = "第1版"
source = "学校の規則"
questions = 5
prohibited = 1
[[part]]
name = "必修"
sections = ["必修"]
needed = 1.5
of = 2
subjects = 0.3
"""
PROMPT = """+++
title = "fuzz"
lang = "ja"
reply = "letter"
max_tokens = 8
stop = ["\\n\\n"]
+++
{% for s in shots %}{{ s.stem }} {{ s.answer }}
{% endfor %}{% if context %}{{ context }}
{% endif %}{{ stem }}
{% for c in choices %}{{ c.letter }}. {{ c.text }}
{% endfor %}答え:"""
EXAMPLES: list[dict[str, object]] = [
    {"id": "e1", "stem": "例題はどれか。", "choices": ["一", "二", "三"], "answer": "b"},
    {"id": "e2", "stem": "例題2。", "choices": ["四", "五", "六"], "answer": "c"},
]
SUITE = """version: 2
title: a suite
title_ja: 組
tasks:
  - {bench: mini, lang: [ja], prompt: standard, method: letter, limit: 3}
  - {bench: mini, lang: en, prompt: standard, method: letter, order: [original, rotate-1]}
"""
PRICES = '["stub"]\ninput = 1.5\noutput = 6\n["other"]\ninput = 0\noutput = 0.1\n'
IDS = "# ids\nmini-001\nmini-002\n\nmini-010\n"


def lines(rows: list[dict[str, object]]) -> str:
    """Rows as JSON Lines."""
    return "\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n"


def _workbook(path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook()
    for line in csv.reader(io.StringIO(PAPER), delimiter="\t"):
        book.active.append([int(v) if v.isascii() and v.isdecimal() else v for v in line])
    book.create_sheet("集計").append(["合計", 3])
    book.save(path)


def make(folder: Path) -> None:
    """All of them in one folder."""
    (folder / "q.jsonl").write_text(lines(ROWS), encoding="utf-8")
    (folder / "p.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (folder / "open").mkdir()
    (folder / "open" / "o.jsonl").write_text(lines(OPEN), encoding="utf-8")
    (folder / "table").mkdir()
    (folder / "table" / "k.csv").write_text(CSV, encoding="utf-8")
    (folder / "table" / "k.keys.csv").write_text("id,answer,void\nk1,c,\nk2,a/b,\n", encoding="utf-8")
    (folder / "table" / "paper.csv").write_text(PAPER, encoding="utf-8")
    _workbook(folder / "table" / "book.xlsx")
    (folder / "keys.json").write_text(json.dumps({"q1": "b", "q2": "80", "q3": ["a", "b"]}), encoding="utf-8")
    (folder / "exam.toml").write_text(EXAM, encoding="utf-8")
    (folder / "t.jinja").write_text(PROMPT, encoding="utf-8")
    (folder / "shots.jsonl").write_text(lines(EXAMPLES), encoding="utf-8")
    (folder / "suite.yaml").write_text(SUITE, encoding="utf-8")
    (folder / "prices.toml").write_text(PRICES, encoding="utf-8")
    (folder / "ids.txt").write_text(IDS, encoding="utf-8")


NEEDS = ("openai", "xlsx")
ASK = "eval --model stub --base-url {server} --api completions --lang ja --out o"
TABLE = "--bench table/k.csv"
READERS = [
    Reader(
        "questions .jsonl",
        make,
        "q.jsonl",
        "jsonl",
        ("bench check q.jsonl", "bench show q.jsonl --json"),
        (0, 1, 2),
        share=3,
    ),
    Reader(
        "questions .jsonl, asked",
        make,
        "q.jsonl",
        "jsonl",
        (f"{ASK} --bench q.jsonl", f"{ASK} --bench q.jsonl --json"),
        share=2,
    ),
    Reader(
        "open questions .jsonl",
        make,
        "open/o.jsonl",
        "jsonl",
        ("bench check open/o.jsonl", "bench show open/o.jsonl"),
        (0, 1, 2),
    ),
    Reader("open questions, asked", make, "open/o.jsonl", "jsonl", (f"{ASK} --bench open/o.jsonl",)),
    Reader(
        "questions .csv",
        make,
        "table/k.csv",
        "csv",
        ("bench check table/k.csv", "bench show table/k.csv"),
        (0, 1, 2),
        share=2,
    ),
    Reader(
        "questions .csv, as hospitals have it",
        make,
        "table/paper.csv",
        "csv",
        ("bench check table/paper.csv", "bench show table/paper.csv"),
        (0, 1, 2),
    ),
    Reader(
        "questions .xlsx",
        make,
        "table/book.xlsx",
        "xlsx",
        ("bench check table/book.xlsx", "bench show table/book.xlsx --json"),
        (0, 1, 2),
        share=2,
        warm=("openpyxl",),
    ),
    Reader("questions .csv, asked", make, "table/k.csv", "csv", (f"{ASK} {TABLE}",)),
    Reader("keys .csv", make, "table/k.keys.csv", "csv", ("bench check table/k.csv",), (0, 1, 2)),
    Reader("exam.toml", make, "exam.toml", "toml", ("bench check q.jsonl", "bench show q.jsonl"), (0, 1, 2)),
    Reader("suite .yaml", make, "suite.yaml", "yaml", ("suites show suite.yaml", "suites show suite.yaml --json")),
    Reader(
        "suite .yaml, asked",
        make,
        "suite.yaml",
        "yaml",
        ("eval --model stub --base-url {server} --api completions --suite suite.yaml --out o",),
    ),
    Reader(
        "prompt .jinja",
        make,
        "t.jinja",
        "text",
        ("prompts show ./t.jinja", "prompts add mine t.jinja", f"{ASK} {TABLE} --prompt ./t.jinja"),
    ),
    Reader("examples .jsonl", make, "shots.jsonl", "jsonl", (f"{ASK} {TABLE} --examples shots.jsonl --shots 2",)),
    Reader("prices .toml", make, "prices.toml", "toml", (f"{ASK} {TABLE} --prices prices.toml --max-cost 5",)),
    Reader("ids .txt", make, "ids.txt", "text", (f"{ASK} --bench mini --only ids.txt",)),
]
