"""Copies of real passages that say the same, and changed ones that do not: which of them does dedup drop?

python bench/corpus_planted.py [PASSAGES]      (of each language; all by default)
"""

import json
import random
import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from common import keep
from corpus_text import edited, english, japanese

from igaku.corpus import dedup

Change = Callable[[str, random.Random], str]


def widened(text: str, rng: random.Random) -> str:
    """Other width, blanks and punctuation."""
    full = text.translate({c: c + 0xFEE0 for c in range(0x41, 0x5B)})
    return re.sub("(?<=[ぁ-ん])、", " , ", full).replace("。", "．")


def shuffled(text: str, rng: random.Random) -> str:
    """The sentences in another order."""
    found = re.findall(r"[^。\n]+[。\n]?", text) if "。" in text else re.split(r"(?<=\.) ", text)
    rng.shuffle(found)
    return "".join(f if f[-1] in "。\n" else f + "\n" for f in found) if "。" in text else " ".join(found)


def renumbered(text: str, rng: random.Random) -> str:
    """One number another."""
    at = list(re.finditer(r"\d+", text))
    return _with(text, rng.choice(at), lambda d: str(int(d) * 2 + 1)) if at else text


def with_other_unit(text: str, rng: random.Random) -> str:
    """One unit another."""
    at = list(re.finditer(r"(?<=\d)(?:mg|g|mL|L|kg|cm|mm|日|時間|週)(?![A-Za-z])", text))
    other = {"mg": "g", "g": "mg", "mL": "L", "L": "mL", "kg": "g", "cm": "mm", "mm": "cm", "日": "週", "週": "日"}
    return _with(text, rng.choice(at), lambda u: other.get(u, "分")) if at else text


def renamed(text: str, rng: random.Random) -> str:
    """A word in katakana (in English: a long word) another of the same text or list."""
    at = list(re.finditer("[ァ-ヶー]{4,}", text)) or list(re.finditer(r"\b[a-z]{9,}\b", text))
    names = (
        ("ワルファリン", "メトホルミン", "ジゴキシン")
        if any("ァ" <= c <= "ヶ" for c in text)
        else ("warfarin", "digoxin")
    )
    return _with(text, rng.choice(at), lambda n: next(x for x in names if x != n)) if at else text


def mirrored(text: str, rng: random.Random) -> str:
    """One side or direction the other."""
    characters = {"右": "左", "左": "右", "高": "低", "低": "高"}
    words = {"上昇": "低下", "低下": "上昇", "増加": "減少", "減少": "増加"}
    english = {"left": "right", "right": "left", "increased": "decreased", "higher": "lower", "lower": "higher"}
    known = characters | words | english
    at = list(re.finditer("|".join(known), text))
    return _with(text, rng.choice(at), known.__getitem__) if at else text


def denied(text: str, rng: random.Random) -> str:
    """One sentence says that it is not so."""
    known = {
        "である。": "でない。",
        "される。": "されない。",
        "する。": "しない。",
        " is ": " is not ",
        " was ": " was not ",
    }
    at = list(re.finditer("|".join(known), text))
    return _with(text, rng.choice(at), known.__getitem__) if at else text


def with_another_sentence(text: str, rng: random.Random, pool: list[str]) -> str:
    """One sentence is one of another passage."""
    found = re.findall(r"[^。\n]+[。\n]?", text) if "。" in text else re.split(r"(?<=\.) ", text)
    if len(found) < 3:
        return text
    found[rng.randrange(1, len(found) - 1)] = rng.choice(pool)
    return "".join(found) if "。" in text else " ".join(found)


def _with(text: str, m: re.Match[str], change: Callable[[str], str]) -> str:
    return text[: m.start()] + change(m[0]) + text[m.end() :]


def misread(share: float, letters: str) -> Change:
    """Single characters replaced, lost or added."""
    return lambda text, rng: edited(text, share, rng, letters)


def measure(lang: str, texts: list[str]) -> list[dict[str, object]]:
    """One row a kind of change: how many changed texts are dropped, and whether they should be."""
    letters = "".join(sorted({c for s in texts[:300] for c in s}))
    longer: Change = lambda text, rng: text + "\n" + rng.choice(texts)  # noqa: E731
    copies: dict[str, Change] = {
        "width, blanks, punctuation": widened,
        "sentences in another order": shuffled,
        "inside a longer page": longer,
        **{f"reading errors, {100 * s:.0f} %": misread(s, letters) for s in (0.05, 0.1, 0.2)},
    }
    others = {"number": renumbered, "unit": with_other_unit, "name": renamed, "side or direction": mirrored}
    kinds = [(n, c, "one goes") for n, c in copies.items()]
    pool = [s for t in texts for s in re.findall("[^。\n]+。", t) or re.split(r"(?<=\.) ", t)]
    others |= {"polarity": denied, "sentence": lambda text, rng: with_another_sentence(text, rng, pool)}
    kinds += [(f"another {n}", c, "both stay") for n, c in others.items()]
    return [_row(lang, texts, *kind) for kind in kinds]


def _row(lang: str, texts: list[str], name: str, change: Change, wanted: str) -> dict[str, object]:
    rng = random.Random(name)
    changed = {i: new for i, t in enumerate(texts) if (new := change(t, rng)) != t}
    left = _retained(texts, changed)
    pairs = [(f"text{i}" in left) + (f"copy{i}" in left) for i in changed]
    right = sum(n == (1 if wanted == "one goes" else 2) for n in pairs)
    lost = sum(f"text{i}" not in left for i in range(len(texts)) if i not in changed)
    return {
        "language": lang,
        "change": name,
        "texts": len(changed),
        "wanted": wanted,
        "share": f"{right / len(changed):.3f}" if changed else "n/a",
        "others dropped": lost,
    }


def _retained(texts: list[str], changed: dict[int, str]) -> set[str]:
    with tempfile.TemporaryDirectory() as work:
        rows = [(f"text{i}", t) for i, t in enumerate(texts)] + [(f"copy{i}", t) for i, t in changed.items()]
        file = Path(work, "in.jsonl")
        file.write_text("\n".join(json.dumps({"id": n, "text": t}) for n, t in rows))
        dedup([file], Path(work, "out"))
        return {json.loads(line)["id"] for line in Path(work, "out", "documents.jsonl").read_text().splitlines()}


def main() -> None:
    """Measure and store."""
    most = int(sys.argv[1]) if len(sys.argv) > 1 else None
    keep("corpus_planted", [row for n, t in (("ja", japanese()), ("en", english())) for row in measure(n, t[:most])])


if __name__ == "__main__":
    main()
