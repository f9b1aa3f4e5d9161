"""Model cards, in English and Japanese: what a model was made of and how, and how it scores before and after."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypedDict

import yaml

from igaku.catalog import models
from igaku.corpus.licences import what_follows
from igaku.io.files import write_whole
from igaku.training.config import Config
from igaku.training.trained import Trained

RESEARCH_ONLY = (
    "Research only: not a medical device, not for diagnosis or treatment. 研究用です。診断や治療には使えません。"
)


class Score(TypedDict):
    """One benchmark's scores as text, each with its interval."""

    bench: str
    before: str
    after: str


def write_card(out: Path, trained: Trained, scores: Sequence[Score] = ()) -> Path:
    """Write ``README.md`` into the model's folder."""
    return write_whole(out / "README.md", card(trained, scores))


def card(trained: Trained, scores: Sequence[Score] = ()) -> str:
    """The card of a trained model or adapter."""
    c = trained.config
    library = "peft" if c.method.kind == "lora" else "transformers"
    lines = [
        front_matter(c.model.base, library),
        f"# {trained.name}",
        warning(trained.origin.contaminated),
        RESEARCH_ONLY,
        "",
        *facts(_facts(trained)),
        *_scores(scores),
        "![reward](reward.svg)" if c.method.objective == "grpo" else "![loss](loss.svg)",
        "",
        "Everything in `train.json`; one line an update in `log.jsonl`.",
    ]
    return "\n".join(lines) + "\n"


def front_matter(base: str, library: str) -> str:
    """The YAML that the Hugging Face hub reads."""
    head = {"base_model": base, "library_name": library, "language": ["ja", "en"], "tags": ["medical", "igaku"]}
    return f"---\n{yaml.safe_dump(head, allow_unicode=True, sort_keys=False)}---\n"


def warning(contaminated: str) -> str:
    """Why the model's scores on exams prove nothing; empty where its data were checked."""
    if not contaminated:
        return ""
    return (
        f"\n> **CONTAMINATED**: {contaminated}. Its scores on exams prove nothing. "
        "/ 評価用の問題を含みうるデータで訓練したモデルです。試験の得点は何も示しません。\n"
    )


def facts(rows: Mapping[str, str]) -> list[str]:
    """A Markdown table of two columns without a heading."""
    return ["| | |", "|---|---|", *(f"| {k} | {v} |" for k, v in rows.items()), ""]


def licence_of(base: str) -> str:
    """The licence of a base model, where the catalog has it."""
    known = next((e for e in models().values() if base in (e.id, e.url.removeprefix("https://huggingface.co/"))), None)
    return (known.licence if known else "") or "that of its base model, see there"


def _facts(trained: Trained) -> dict[str, str]:
    c, m, t = trained.config, trained.config.method, trained.config.train
    weights = (
        f"LoRA, r {m.r}, alpha {m.alpha}, dropout {m.dropout:g}, on {m.targets}" if m.kind == "lora" else "all weights"
    )
    numbers = (
        f"lr {t.lr:g} ({t.schedule}, warm-up {t.warmup:g}), {trained.updates} updates of {_read(c)}, "
        f"weight decay {t.weight_decay:g}, seed {t.seed}"
    )
    learnt = f"loss {trained.first_loss:.3f} → {trained.last_loss:.3f}"
    if trained.first_reward is not None and trained.last_reward is not None:
        learnt += f"; reward {trained.first_reward:.3f} → {trained.last_reward:.3f}"
    data = ", ".join(f"`{n}`" + (f" (SHA-256 {s[:12]})" if s else "") for n, s in trained.origin.data.items())
    return {
        "base / 元のモデル": f"`{c.model.base}`" + (f", {c.model.quantize}" if c.model.quantize else ""),
        "licence / ライセンス": f"{licence_of(c.model.base)}; {data_licences(trained.origin.licences)}",
        "recipe / 手順": f"{trained.name}: {weights}; {m.objective}, {c.data.form}",
        "numbers / 数値": numbers,
        "read / 読んだ量": f"{trained.tokens:,} tokens; {learnt}",
        "data / データ": f"{data}; {' → '.join(trained.origin.steps) or 'no history'}",
        **({"noted / 注記": "; ".join(trained.notes)} if trained.notes else {}),
        "versions / 版": f"igaku {trained.igaku}, " + ", ".join(f"{k} {v}" for k, v in trained.versions.items()),
    }


def _read(c: Config) -> str:
    """What an update reads."""
    if c.method.objective == "grpo":
        return f"{c.train.batch} questions, {c.grpo.answers} answers each of at most {c.grpo.tokens} tokens"
    return f"{c.train.batch} sequences of {c.data.block} tokens"


def data_licences(licences: Mapping[str, str]) -> str:
    """Of each source of the data, and what follows from them."""
    if not licences:
        return "and those of the data / およびデータのもの"
    sources = ", ".join(f"{source}: {name or 'not known / 不明'}" for source, name in licences.items())
    return "; ".join([f"data / データ: {sources}", *what_follows(licences)])


def _scores(scores: Sequence[Score]) -> list[str]:
    if not scores:
        return []
    rows = [f"| {s['bench']} | {s['before']} | {s['after']} |" for s in scores]
    return [
        "## Before and after / 訓練の前後",
        "",
        "| benchmark | before / 前 | after / 後 |",
        "|---|---|---|",
        *rows,
        "",
    ]
