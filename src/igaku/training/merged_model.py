"""The folder of a merged model: weights, configuration, tokenizer and generation settings that fit together."""

import json
from pathlib import Path
from typing import Any

from igaku.io.files import write_bytes
from igaku.io.json_values import read_object
from igaku.steps import RECORD
from igaku.training.blend import UNION, Blend, blend
from igaku.training.weights import EMBEDDINGS, Weights

NOT_COPIED = ("train.json", "igaku.json", "merge.json", RECORD)
"""JSON files of the base that say how the base was made."""
TOKENIZER = ("tokenizer", "special_tokens_map", "added_tokens", "vocab.", "merges.", "chat_template", "spiece")
"""How the names of a tokenizer's files begin."""
GENERATION = "generation_config.json"
HEAD = "lm_head.weight"


def write_model(plan: Blend, out: Path, tokenizer_from: str = "") -> None:
    """The merged weights, with the base's configuration and the tokenizer that was chosen.

    Raises:
        IgakuError: as of ``blend``.
    """
    blend(plan, out)
    aligned = [f.name for f in out.iterdir() if f.name.startswith(TOKENIZER)]
    for file in sorted(plan.base.iterdir()):
        if file.name not in (*NOT_COPIED, *aligned) and _is_copied(file):
            write_bytes(out / file.name, file.read_bytes())
    chosen = Path(tokenizer_from or plan.base)
    if tokenizer_from not in ("", UNION):
        for old in [f for f in out.iterdir() if f.name.startswith((*TOKENIZER, GENERATION))]:
            old.unlink()
        for file in sorted(chosen.iterdir()):
            if file.name.startswith((*TOKENIZER, GENERATION)):
                write_bytes(out / file.name, file.read_bytes())
    _configure(out, Weights(plan.base))


def _is_copied(file: Path) -> bool:
    return file.suffix in (".json", ".txt", ".model", ".jinja") and "index" not in file.name


def _configure(out: Path, before: Weights) -> None:
    """The configuration says what the weights are: how many words, and whether the head is the embeddings' own."""
    weights, file = Weights(out), out / "config.json"
    if not file.exists():
        return
    config: dict[str, Any] = read_object(file)
    parts = [config, *(v for v in (config.get("text_config"),) if isinstance(v, dict))]
    words, head = weights.ending(*EMBEDDINGS), weights.ending(HEAD)
    for part in parts:
        if words and isinstance(part.get("vocab_size"), int) and part["vocab_size"] > 0:
            part["vocab_size"] = weights.words
        if words and head and not weights.tensor(words).equal(weights.tensor(head)):
            part["tie_word_embeddings"] = False
        elif not head and before.ending(HEAD):
            part["tie_word_embeddings"] = True
    write_bytes(file, json.dumps(config, indent=2, ensure_ascii=False).encode() + b"\n")
