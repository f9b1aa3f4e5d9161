"""The same model through two engines: do they choose alike, by how much do their numbers differ, where do their texts part?"""

import math
from collections.abc import Callable
from pathlib import Path
from statistics import fmean, median
from typing import Any, NamedTuple

from msgspec import Struct, field

from igaku.errors import IgakuError, optional
from igaku.grading import METHODS
from igaku.grading.methods import grade_one
from igaku.question import LETTERS, Question, Reply, RequestKind
from igaku.runs.store import Run, TaskRun, open_run


class Flip(Struct, frozen=True, kw_only=True):
    """One question on which the two chose differently. ``margin`` is the smaller of the two gaps between first and second choice, in nats."""

    id: str
    a: str
    b: str
    margin: float | None = None


class Agreement(Struct, frozen=True, kw_only=True):
    """Two runs on one benchmark, language, template, order and kind of request."""

    benchmark: str
    language: str
    prompt: str
    order: str
    kind: RequestKind = field(name="ask")
    n: int
    """Questions that both answered."""
    same: float
    """Share of them with the same choice (for texts: with the same letters read)."""
    flips: list[Flip]
    mean_gap: float | None = None
    """Mean difference of a log-probability, in nats; None for texts."""
    largest_gap: float | None = None
    identical: float | None = None
    """Share of texts equal to the last character; None for log-probabilities."""
    parts_at: float | None = None
    """Where texts that differ first do so: the median token (with a tokenizer), else character, counted from 0."""


class Pair(NamedTuple):
    """One question and both replies to it."""

    question: Question
    a: Reply
    b: Reply


def agree(a: Run | str | Path, b: Run | str | Path, tokenizer: str | Path | None = None) -> list[Agreement]:
    """Compare two runs of one model reply by reply; only what both were asked counts.

    Args:
        tokenizer: a model's folder, to say in tokens where texts part; else it is said in characters.

    Raises:
        IgakuError: they have nothing in common.
    """
    one, two = open_run(a), open_run(b)
    split = _splitter(tokenizer)
    several = any(len({a.model for a in r.manifest.tasks}) > 1 for r in (one, two))
    others = {_mark(asked, several): asked for asked in two.manifest.tasks}
    found = []
    for asked in one.manifest.tasks:
        if other := others.get(_mark(asked, several)):
            for kind, pairs in _pairs(one, two, asked, other).items():
                found.append(_agreement(asked, kind, pairs, split))
    if not found:
        raise IgakuError(
            f"{one.path} and {two.path} have no reply in common: ask both the same benchmark, template and order"
        )
    return found


def _mark(asked: TaskRun, several: bool) -> tuple[str, ...]:
    """What is to be compared; by model too where a run holds several (else a model may go by two names)."""
    return (
        asked.model if several else "",
        asked.bench,
        asked.lang,
        asked.prompt,
        str(asked.shots),
        asked.order,
        asked.question_format,
    )


def _pairs(one: Run, two: Run, asked: TaskRun, other: TaskRun) -> dict[RequestKind, list[Pair]]:
    out: dict[RequestKind, list[Pair]] = {}
    for name, keys in asked.replies.items():
        for kind, key in keys.items():
            theirs = other.replies.get(name, {}).get(kind, "")
            x, y = one.replies.get(key), two.replies.get(theirs)
            if x and y and x.answer.finish in ("stop", "length") and y.answer.finish in ("stop", "length"):
                out.setdefault(kind, []).append(Pair(one.questions[asked.bench, asked.lang, name], x, y))
    return out


def _agreement(asked: TaskRun, kind: RequestKind, pairs: list[Pair], split: Callable[[str], list[str]]) -> Agreement:
    told: dict[str, Any] = {
        "benchmark": asked.bench,
        "language": asked.lang,
        "prompt": asked.prompt,
        "order": asked.order,
    }
    if kind == "text":
        method = METHODS[next((m for m in asked.methods if METHODS[m].kind == "text"), "letter")]
        read = [[" ".join(grade_one(method, p.question, r).read) for r in (p.a, p.b)] for p in pairs]
        flips = [Flip(id=p.question.id, a=x, b=y) for p, (x, y) in zip(pairs, read) if x != y]
        differ = [(p.a.answer.text, p.b.answer.text) for p in pairs if p.a.answer.text != p.b.answer.text]
        at = median(_first_difference(split(x), split(y)) for x, y in differ) if differ else None
        return Agreement(
            **told,
            kind=kind,
            n=len(pairs),
            same=1 - len(flips) / len(pairs),
            flips=flips,
            identical=1 - len(differ) / len(pairs),
            parts_at=at,
        )
    flips = [f for p in pairs if (f := _flip(p))]
    gaps = [abs(x - y) for p in pairs for x, y in zip(p.a.logprobs_in_order, p.b.logprobs_in_order)]
    return Agreement(
        **told,
        kind=kind,
        n=len(pairs),
        same=1 - len(flips) / len(pairs),
        flips=flips,
        mean_gap=fmean(gaps) if gaps else None,
        largest_gap=max(gaps, default=None),
    )


def _flip(p: Pair) -> Flip | None:
    values = p.a.logprobs_in_order, p.b.logprobs_in_order
    first, second = map(_ranked, values)
    if not first or not second or first[0] == second[0]:
        return None
    margins = [v[k[0]] - v[k[1]] for v, k in zip(values, (first, second)) if len(k) > 1]
    return Flip(id=p.question.id, a=LETTERS[first[0]], b=LETTERS[second[0]], margin=min(margins, default=None))


def _ranked(values: list[float]) -> list[int]:
    return sorted(range(len(values)), key=lambda i: (-values[i] if math.isfinite(values[i]) else math.inf, i))


def _first_difference(a: list[str], b: list[str]) -> int:
    return next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))


def _splitter(tokenizer: str | Path | None) -> Callable[[str], list[str]]:
    if tokenizer is None:
        return list
    loaded = optional("transformers", "hf").AutoTokenizer.from_pretrained(str(tokenizer))
    return lambda text: list(loaded.tokenize(text))
