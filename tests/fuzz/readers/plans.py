"""Settings in YAML, documents of a corpus, the mix of a training, and tables of ECGs."""

import json
from pathlib import Path

from ..reader import Reader
from .questions import OPEN, ROWS, lines

NEEDS = ("corpus", "train", "ecg", "openai")
TEXT = (
    "患者は発熱と頭痛を訴えて来院した。血液検査の結果は正常であり、安静にして水分をとるように伝えた。番号は{n}である。"
)
DOCUMENTS: list[dict[str, object]] = [
    {"id": f"d{n}", "text": TEXT.format(n=n) + "英語の文は読まない。" * (n % 3), "title": f"題{n}", "source": "s"}
    for n in range(8)
]
CORPUS = """sources:
  mine: {files: [docs.jsonl]}
  other: {files: [b]}
clean: {languages: [ja, en], shortest: 5}
dedup: {alike: 0.8}
decontaminate: {benchmarks: [mini]}
"""
RECIPE = """about: a recipe
model: {base: m, dtype: float32}
method: {kind: lora, r: 4, alpha: 8, dropout: 0.1, targets: all-linear}
data: {form: instruction, template: plain, block: 64}
train: {lr: 5.0e-3, schedule: cosine, warmup: 0.1, steps: 1, batch: 1, save_every: 5}
"""
PLAN = """about: two tasks
models:
  - {model: stub, base_url: "{server}"}
tasks:
  - {bench: mini, lang: ja, method: letter, limit: 2}
"""
ECG = """about: own config
contract: {rate: 125, seconds: 10.0, band: [0.67, 40.0], normalise: lead}
network: {size: tiny, patch: 125, ratio: 0.75, pos_embed: split, decoder: [64, 2, 4]}
pretrain: {epochs: 1, warmup: 1, batch: 2, lr: 0.004, weight_decay: 0.05}
finetune: {epochs: 1, batch: 2, lr: 0.003, layer_decay: 0.8, patience: 1}
"""
TABLE = "patient,date,path,note\np1,2024-01-02,a.csv,\np2,2024-03-04,b.csv,x\np3,2024-05-06,c.csv,\n"
ECHO = "patient,date,lvef\np1,2024-01-05,55\np2,2024-03-01,35\np3,2024-12-01,60\n"


def make(folder: Path) -> None:
    """All of them in one folder."""
    (folder / "docs.jsonl").write_text(lines(DOCUMENTS), encoding="utf-8")
    (folder / "b").mkdir()
    (folder / "b" / "t.txt").write_text("血圧は 120 mmHg であった。\n\n脈は整である。\n" * 3, encoding="utf-8")
    (folder / "b" / "t.md").write_text("# 題\n\n- 一\n- 二\n\n痛みはない。熱もない。\n", encoding="utf-8")
    _parquet(folder / "p.parquet")
    (folder / "labels.jsonl").write_text(
        lines([{"id": f"d{n}", "good": n % 2 == 0} for n in range(8)]), encoding="utf-8"
    )
    for name, text in (("corpus", CORPUS), ("recipe", RECIPE), ("plan", PLAN), ("ecg", ECG)):
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    (folder / "ecg.csv").write_text(TABLE, encoding="utf-8")
    (folder / "echo.csv").write_text(ECHO, encoding="utf-8")
    (folder / "q.jsonl").write_text(lines(ROWS[:3]), encoding="utf-8")
    (folder / "o.jsonl").write_text(lines(OPEN[:1]), encoding="utf-8")
    from igaku.corpus import clean

    clean([folder / "docs.jsonl"], folder / "done")
    assert json.loads((folder / "done" / "manifest.json").read_text())


def _parquet(path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.Table.from_pylist(DOCUMENTS), path)


CLEAN = ("corpus clean docs.jsonl --out o", "corpus dedup docs.jsonl --out o")
READERS = [
    Reader("corpus .yaml", make, "corpus.yaml", "yaml", ("run corpus.yaml --out o",), share=2),
    Reader("evaluation plan .yaml", make, "plan.yaml", "yaml", ("run plan.yaml --out o",)),
    Reader("recipe .yaml", make, "recipe.yaml", "yaml", ("recipes show recipe.yaml",)),
    Reader(
        "ECG config .yaml",
        make,
        "ecg.yaml",
        "yaml",
        ("ecg cohort --ecg ecg.csv --echo echo.csv --out t.csv --config ecg.yaml",),
    ),
    Reader(
        "documents .jsonl",
        make,
        "docs.jsonl",
        "jsonl",
        (*CLEAN, "corpus decontaminate docs.jsonl --bench q.jsonl --out o"),
        share=2,
    ),
    Reader("documents .txt", make, "b/t.txt", "text", ("corpus clean b --out o",)),
    Reader("documents .md", make, "b/t.md", "text", ("corpus clean b --out o",)),
    Reader(
        "documents .parquet",
        make,
        "p.parquet",
        "parquet",
        ("corpus clean p.parquet --out o", "corpus dedup p.parquet --out o"),
    ),
    Reader(
        "a step's manifest.json",
        make,
        "done/manifest.json",
        "json",
        ("corpus clean docs.jsonl --out done", "corpus dedup done --out o"),
    ),
    Reader("table of ECGs .csv", make, "ecg.csv", "csv", ("ecg cohort --ecg ecg.csv --echo echo.csv --out t.csv",)),
    Reader("table of echos .csv", make, "echo.csv", "csv", ("ecg cohort --ecg ecg.csv --echo echo.csv --out t.csv",)),
]
