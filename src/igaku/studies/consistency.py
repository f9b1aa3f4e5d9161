"""The same model through two engines: do they choose alike, by how much do their numbers differ, where do their texts
differ?"""

import math
from collections.abc import Callable
from pathlib import Path
from statistics import fmean, median
from typing import NamedTuple

from msgspec import Struct, field
from msgspec.structs import replace

from igaku.errors import IgakuError, optional
from igaku.grading import METHODS
from igaku.grading.methods import grade_one
from igaku.question import LETTERS, Question, Reply, RequestKind
from igaku.runs.manifest import TaskRun
from igaku.runs.store import Run, open_run
from igaku.tables import Kind, Table, Value, View, percent


class Flip(Struct, frozen=True, kw_only=True):
    """One question on which the two chose differently.

    ``margin`` is the smaller of the two gaps between first and second choice, in nats.
    """

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


class ConsistencyReport(View, Struct, kw_only=True):
    """Two runs of one model beside each other."""

    agreement: list[Agreement]

    def tables(self) -> list[Table]:
        """One row a benchmark, language, template, order and kind of request; and each question on which the choice
        differs."""
        columns: dict[str, Kind] = {
            "benchmark": "text",
            "lang": "text",
            "prompt": "text",
            "order": "text",
            "request": "text",
            "both answered": "count",
            "same choice": "share",
            "mean gap, nat": "text",
            "largest gap, nat": "text",
            "texts equal": "text",
            "texts differ from": "text",
        }
        whole = Table(name="consistency", columns=columns, rows=[_row(f) for f in self.agreement])
        return [whole]

    def flips(self) -> Table:
        """Each question on which the two chose differently."""
        columns: dict[str, Kind] = {
            "benchmark": "text",
            "lang": "text",
            "request": "text",
            "question": "text",
            "A": "text",
            "B": "text",
            "margin, nat": "text",
        }
        rows: list[list[Value]] = [
            [f.benchmark, f.language, f.kind, x.id, x.a, x.b, _digits(x.margin)]
            for f in self.agreement
            for x in f.flips
        ]
        return Table(name="flips", columns=columns, rows=rows)

    def notes(self) -> list[str]:
        """Where texts differ is counted in tokens with a tokenizer, else in characters."""
        return [
            "texts differ from: the median position of the first difference, in tokens with "
            "--tokenizer, else in characters"
        ]


class ConsistencyWithFlips(ConsistencyReport):
    """The same data, shown with each question on which the choice differs."""

    def tables(self) -> list[Table]:
        """The table of runs, then the flips."""
        return [*super().tables(), self.flips()]


def _row(f: Agreement) -> list[Value]:
    equal = "" if f.identical is None else percent(f.identical)
    return [
        f.benchmark,
        f.language,
        f.prompt,
        f.order,
        f.kind,
        f.n,
        f.same,
        _digits(f.mean_gap),
        _digits(f.largest_gap),
        equal,
        "" if f.parts_at is None else f"{f.parts_at:g}",
    ]


def _digits(value: float | None) -> str:
    return "" if value is None else f"{value:.2g}"


def consistency(
    a: Run | str | Path, b: Run | str | Path, tokenizer: str | Path | None = None, *, flips: bool = False
) -> ConsistencyReport:
    """Compare two runs of one model reply by reply; only what both were asked counts.

    Args:
        tokenizer: a model's folder, to count in tokens where texts differ; else in characters.
        flips: also list each question on which the choice differs.

    Raises:
        IgakuError: they have nothing in common.
    """
    one, two = open_run(a), open_run(b)
    split = _splitter(tokenizer)
    several = any(len({a.model for a in r.manifest.tasks}) > 1 for r in (one, two))
    others = {_block_key(task, several): task for task in two.manifest.tasks}
    found = []
    for task in one.manifest.tasks:
        if other := others.get(_block_key(task, several)):
            for kind, pairs in _pairs(one, two, task, other).items():
                found.append(_agreement(task, kind, pairs, split))
    if not found:
        raise IgakuError(
            f"{one.path} and {two.path} have no reply in common: ask both the same benchmark, template and order"
        )
    return (ConsistencyWithFlips if flips else ConsistencyReport)(agreement=found)


def _block_key(task: TaskRun, several: bool) -> tuple[str, ...]:
    """What is to be compared; by model too where a run holds several (else a model may go by two names)."""
    return (
        task.model if several else "",
        task.bench,
        task.lang,
        task.prompt,
        str(task.shots),
        task.order,
        task.question_format,
    )


def _pairs(one: Run, two: Run, task: TaskRun, other: TaskRun) -> dict[RequestKind, list[Pair]]:
    out: dict[RequestKind, list[Pair]] = {}
    for name, keys in task.replies.items():
        for kind, key in keys.items():
            theirs = other.replies.get(name, {}).get(kind, "")
            x, y = one.replies.get(key), two.replies.get(theirs)
            if x and y and x.answer.finish in ("stop", "length") and y.answer.finish in ("stop", "length"):
                out.setdefault(kind, []).append(Pair(one.questions[task.bench, task.lang, name], x, y))
    return out


def _agreement(task: TaskRun, kind: RequestKind, pairs: list[Pair], split: Callable[[str], list[str]]) -> Agreement:
    flips = _text_flips(task, pairs) if kind == "text" else [f for p in pairs if (f := _flip(p))]
    whole = Agreement(
        benchmark=task.bench,
        language=task.lang,
        prompt=task.prompt,
        order=task.order,
        kind=kind,
        n=len(pairs),
        same=1 - len(flips) / len(pairs),
        flips=flips,
    )
    if kind == "text":
        differ = [(p.a.answer.text, p.b.answer.text) for p in pairs if p.a.answer.text != p.b.answer.text]
        at = median(_first_difference(split(x), split(y)) for x, y in differ) if differ else None
        return replace(whole, identical=1 - len(differ) / len(pairs), parts_at=at)
    gaps = [abs(x - y) for p in pairs for x, y in zip(p.a.logprobs_in_order, p.b.logprobs_in_order)]
    return replace(whole, mean_gap=fmean(gaps) if gaps else None, largest_gap=max(gaps, default=None))


def _text_flips(task: TaskRun, pairs: list[Pair]) -> list[Flip]:
    method = METHODS[next((m for m in task.methods if METHODS[m].kind == "text"), "letter")]
    read = [[" ".join(grade_one(method, p.question, r).read) for r in (p.a, p.b)] for p in pairs]
    return [Flip(id=p.question.id, a=x, b=y) for p, (x, y) in zip(pairs, read) if x != y]


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
