"""Real passages at hand, and text made of them: copies with edits for near-duplicate search, gigabytes for speed."""

import json
import random
from pathlib import Path

from igaku.benchmarks import load_benchmark
from igaku.io.paths import find_data


def japanese() -> list[str]:
    """Explanations of YakugakuQA 2012-2020, and stems with choices of IgakuQA and DenQA, of 150 characters and more."""
    out = []
    for year in range(2012, 2021):
        for file in sorted((find_data(f"yakugakuqa/{year}") or Path()).glob("[0-9]*.jsonl")):
            rows = map(json.loads, file.read_text(encoding="utf-8").splitlines())
            out += [r["comment"] for r in rows if len(r.get("comment") or "") >= 150]
    for name in ("igakuqa", "denqa"):
        out += [q.stem + "\n" + "\n".join(q.choices) for q in load_benchmark(name).load("ja") if len(q.stem) >= 150]
    return list(dict.fromkeys(out))


def english() -> list[str]:
    return list(dict.fromkeys(q.context for q in load_benchmark("pubmedqa").load("en") if len(q.context) >= 300))


def edited(text: str, share: float, rng: random.Random, letters: str, mean: int = 1) -> str:
    """So large a share of characters replaced, lost or added, one by one or in pieces of ``mean`` characters."""
    out, i = [], 0
    while i < len(text):
        if rng.random() < share / mean:
            roll, n = rng.random(), mean
            if roll < 0.6:
                out.append("".join(rng.choice(letters) for _ in range(n)))
                i += n
            elif roll < 0.8:
                i += n
            else:
                out.append("".join(rng.choice(letters) for _ in range(n)))
        else:
            out.append(text[i])
            i += 1
    return "".join(out)


def write_large(path: Path, megabytes: int, seed: int = 0) -> int:
    """Documents of two to eight sentences drawn from all real passages, every fifth a copy of an earlier one (a half
    exactly); returns how many."""
    rng = random.Random(seed)
    sentences = [s + "。" for t in japanese() for s in t.replace("\n", "").split("。") if 20 <= len(s) <= 200]
    letters = "".join(sorted({c for s in sentences[:2000] for c in s}))
    size, n = 0, 0
    recent: list[str] = []
    with path.open("wb") as file:
        while size < megabytes * 1_000_000:
            roll = rng.random()
            if recent and roll < 0.2:
                text = rng.choice(recent)
                text = text if roll < 0.1 else edited(text, 0.05, rng, letters)
            else:
                text = edited("".join(rng.choices(sentences, k=rng.randint(4, 12))), 0.02, rng, letters)
                recent = [*recent[-999:], text]
            line = json.dumps({"id": str(n), "text": text}, ensure_ascii=False).encode() + b"\n"
            size += file.write(line)
            n += 1
    return n
