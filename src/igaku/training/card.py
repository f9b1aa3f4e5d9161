"""The model card, in English and Japanese: what it was made of and how, and how it scores before and after."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from igaku.catalog import models
from igaku.io.files import write_whole

if TYPE_CHECKING:
    from igaku.training.recipe import Trained


def write_card(out: Path, made: "Trained", scores: list[dict[str, Any]] | None = None) -> Path:
    """``README.md``; ``scores`` are rows of ``bench``, ``before``, ``after``, each with an interval."""
    return write_whole(out / "README.md", card(made, scores))


def card(made: "Trained", scores: list[dict[str, Any]] | None = None) -> str:
    """The card's text."""
    c, m, t = made.config, made.config.method, made.config.train
    known = next(
        (e for e in models().values() if c.model.base in (e.id, e.url.removeprefix("https://huggingface.co/"))), None
    )
    licence = (known.licence if known else "") or "that of its base model, see there"
    way = (
        f"LoRA, r {m.r}, alpha {m.alpha}, dropout {m.dropout:g}, on {m.targets}" if m.kind == "lora" else "all weights"
    )
    warned = (
        f"\n> **CONTAMINATED**: {made.origin.contaminated}. Its scores on exams prove nothing. / 評価用の問題を含みうるデータで訓練したモデルです。試験の得点は何も示しません。\n"
        if made.origin.contaminated
        else ""
    )
    rows = [
        ("base / 元のモデル", f"`{c.model.base}`" + (f", {c.model.quantize}" if c.model.quantize else "")),
        ("licence / ライセンス", f"{licence}; and those of the data / およびデータのもの"),
        ("recipe / 手順", f"{made.name}: {way}; {m.objective}, {c.data.form}"),
        (
            "numbers / 数値",
            f"lr {t.lr:g} ({t.schedule}, warm-up {t.warmup:g}), {made.updates} updates of {t.batch} sequences of {c.data.block} tokens, weight decay {t.weight_decay:g}, seed {t.seed}",
        ),
        ("read / 読んだ量", f"{made.tokens:,} tokens; loss {made.first_loss:.3f} → {made.last_loss:.3f}"),
        (
            "data / データ",
            ", ".join(f"`{n}` (SHA-256 {s[:12]})" for n, s in made.origin.data.items())
            + "; "
            + (" → ".join(made.origin.steps) or "no history"),
        ),
        ("versions / 版", f"igaku {made.igaku}, " + ", ".join(f"{k} {v}" for k, v in made.versions.items())),
    ]
    head = msgspec.yaml.encode(
        {
            "base_model": c.model.base,
            "library_name": "peft" if m.kind == "lora" else "transformers",
            "language": ["ja", "en"],
            "tags": ["medical", "igaku"],
        }
    ).decode()
    lines = [
        f"---\n{head}---\n" if head else "",
        f"# {made.name}",
        warned,
        "Research only: not a medical device, not for diagnosis or treatment. 研究用です。診断や治療には使えません。",
        "",
        "| | |",
        "|---|---|",
        *(f"| {k} | {v} |" for k, v in rows),
        "",
    ]
    if scores:
        lines += [
            "## Before and after / 訓練の前後",
            "",
            "| benchmark | before / 前 | after / 後 |",
            "|---|---|---|",
            *(f"| {s['bench']} | {s['before']} | {s['after']} |" for s in scores),
            "",
        ]
    lines += ["![loss](loss.svg)", "", "Everything in `train.json`; one line an update in `log.jsonl`."]
    return "\n".join(lines) + "\n"
