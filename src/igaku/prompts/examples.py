"""Few-shot examples: named sets of questions with answers, never from the benchmark that is asked."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path

from igaku.benchmarks.own import question
from igaku.errors import IgakuError, UnknownNameError
from igaku.io.paths import config_dir
from igaku.io.rows import read_jsonl
from igaku.question import Question

EMBEDDED = Path(__file__).parent / "examples"


class Example(Question, frozen=True, kw_only=True, omit_defaults=True):
    """A question with its answer shown, and how one gets there: what a step-by-step prompt shows."""

    reasoning: str = ""


def load_examples(name: str, lang: str = "ja") -> list[Example]:
    """A set by name or from a JSON Lines file of your own schema, where ``reasoning`` may give the steps to the answer.

    ``igaku`` is the embedded set of that language, ``igaku4`` the same with four choices.
    """
    path = Path(name) if name.endswith(".jsonl") else _find(name, lang)
    return [_example({"lang": lang, **row}, f"{path}, line {n}") for n, row in read_jsonl(path)]


def _example(row: Mapping[str, object], where: str) -> Example:
    reasoning = row.get("reasoning", "")
    if not isinstance(reasoning, str):
        raise IgakuError(f"{where}: field 'reasoning' must be text, got {reasoning!r}")
    plain = question({k: v for k, v in row.items() if k != "reasoning"}, where)
    return Example(**{f: getattr(plain, f) for f in plain.__struct_fields__}, reasoning=reasoning)


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


def pick(examples: Sequence[Example], n: int, questions: Sequence[Question], name: str) -> list[Example]:
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
    return list(examples[:n])


def _bare(stem: str) -> str:
    return re.sub(r"\W+", "", unicodedata.normalize("NFKC", stem).lower())
