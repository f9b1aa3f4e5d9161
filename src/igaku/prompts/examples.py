"""Few-shot examples: named sets of questions with answers, never from the benchmark that is asked."""

import re
import unicodedata
from pathlib import Path

from igaku.benchmarks.own import question
from igaku.errors import IgakuError, UnknownNameError
from igaku.io.paths import config_dir
from igaku.io.rows import read_jsonl
from igaku.question import Question

EMBEDDED = Path(__file__).parent / "examples"


def load_examples(name: str, lang: str = "ja") -> list[Question]:
    """A set by name (``igaku``: the embedded one of that language) or from a JSON Lines file of your own schema."""
    path = Path(name) if name.endswith(".jsonl") else _find(name, lang)
    return [question({"lang": lang, **row}, f"{path}, line {n}") for n, row in read_jsonl(path)]


def _find(name: str, lang: str) -> Path:
    folders = [EMBEDDED, config_dir() / "examples"]
    for folder in folders:
        for path in (folder / f"{name}_{lang}.jsonl", folder / f"{name}.jsonl"):
            if path.exists():
                return path
    known = sorted({re.sub(r"_(ja|en|zh)$", "", p.stem) for f in folders for p in f.glob("*.jsonl")})
    if name in known:
        raise IgakuError(f"examples {name!r} have no {lang} version; give a .jsonl file with --examples")
    raise UnknownNameError("set of examples", name, known)


def pick(examples: list[Question], n: int, questions: list[Question], name: str) -> list[Question]:
    """The first n examples, after a check that none of them is one of the questions.

    Raises:
        IgakuError: too few examples, or one is in the benchmark (by its stem, without width and punctuation).
    """
    if n > len(examples):
        raise IgakuError(f"--shots {n}: examples {name!r} hold only {len(examples)}; give more with --examples FILE")
    stems = {_bare(q.stem) for q in questions}
    for q in examples[:n]:
        if _bare(q.stem) in stems:
            raise IgakuError(f"example {q.id} of {name!r} is a question of the benchmark itself; use other examples")
    return examples[:n]


def _bare(stem: str) -> str:
    return re.sub(r"\W+", "", unicodedata.normalize("NFKC", stem).lower())
