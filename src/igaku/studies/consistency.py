"""The same model through two engines: do they choose alike, by how much do their numbers differ, where do their texts
differ?

Of several samples all are compared: two engines that draw from one distribution agree as often as one of them agrees
with itself, so that share stands beside theirs.
"""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import combinations, product
from pathlib import Path
from statistics import fmean, median
from typing import NamedTuple

from msgspec.structs import replace

from igaku.engines.tokenizer_files import load_tokenizer
from igaku.errors import IgakuError
from igaku.grading import METHODS
from igaku.grading.methods import grade_one
from igaku.question import LETTERS, Question, Reply, RequestKind
from igaku.runs.manifest import TaskRun
from igaku.runs.store import Run, open_run
from igaku.studies.consistency_report import Agreement, ConsistencyReport, ConsistencyWithFlips, Flip


class Pair(NamedTuple):
    """One question and the replies of both to it, one or several samples."""

    question: Question
    a: list[Reply]
    b: list[Reply]


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
    for name, kinds in task.replies.items():
        for kind in kinds:
            x, y = _written(one, task, name, kind), _written(two, other, name, kind)
            if x and y:
                out.setdefault(kind, []).append(Pair(one.questions[task.bench, task.lang, name], x, y))
    return out


def _written(run: Run, task: TaskRun, name: str, kind: RequestKind) -> list[Reply]:
    """The replies to a question that did not fail, by their samples."""
    keys = [task.replies.get(name, {}).get(kind, ""), *(task.samples.get(name, ()) if kind == "text" else ())]
    replies = (run.replies.get(key) for key in keys)
    return [r for r in replies if r and r.answer.finish in ("stop", "length")]


def _agreement(task: TaskRun, kind: RequestKind, pairs: list[Pair], split: Callable[[str], list[str]]) -> Agreement:
    if kind == "text":
        return _of_texts(task, pairs, split)
    flips = [f for p in pairs if (f := _flip(p))]
    gaps = [abs(x - y) for p in pairs for x, y in zip(p.a[0].logprobs_in_order, p.b[0].logprobs_in_order)]
    return replace(
        _whole(task, kind, pairs, 1 - len(flips) / len(pairs), flips),
        mean_gap=fmean(gaps) if gaps else None,
        largest_gap=max(gaps, default=None),
    )


def _whole(task: TaskRun, kind: RequestKind, pairs: list[Pair], same: float, flips: list[Flip]) -> Agreement:
    return Agreement(
        benchmark=task.bench,
        language=task.lang,
        prompt=task.prompt,
        order=task.order,
        kind=kind,
        n=len(pairs),
        same=same,
        flips=flips,
    )


def _of_texts(task: TaskRun, pairs: list[Pair], split: Callable[[str], list[str]]) -> Agreement:
    method = METHODS[next((m for m in task.methods if METHODS[m].kind == "text"), "letter")]
    read = [[[" ".join(grade_one(method, p.question, r).read) for r in side] for side in (p.a, p.b)] for p in pairs]
    same = fmean(fmean(x == y for x, y in product(a, b)) for a, b in read)
    commonest = [(p.question.id, _commonest(a), _commonest(b)) for p, (a, b) in zip(pairs, read)]
    flips = [Flip(id=i, a=x, b=y) for i, x, y in commonest if x != y]
    texts = [(x.answer.text, y.answer.text) for p in pairs for x, y in _by_number(p)]
    differ = [(x, y) for x, y in texts if x != y]
    whole = replace(
        _whole(task, "text", pairs, same, flips),
        identical=1 - len(differ) / len(texts) if texts else None,
        parts_at=median(_first_difference(split(x), split(y)) for x, y in differ) if differ else None,
    )
    most = max(len(p.a) for p in pairs), max(len(p.b) for p in pairs)
    return replace(whole, samples=most, within=_within(read)) if max(most) > 1 else whole


def _commonest(read: Sequence[str]) -> str:
    return Counter(read).most_common(1)[0][0]


def _by_number(pair: Pair) -> list[tuple[Reply, Reply]]:
    """Each sample with the other run's of its number."""
    others = {r.sample: r for r in pair.b}
    return [(r, others[r.sample]) for r in pair.a if r.sample in others]


def _within(read: Sequence[Sequence[Sequence[str]]]) -> float | None:
    """How often two samples of one run are read alike: mean over questions, then over the runs that have two."""
    sides = [[fmean(x == y for x, y in combinations(side, 2)) for side in run if len(side) > 1] for run in zip(*read)]
    return fmean(fmean(side) for side in sides if side) if any(sides) else None


def _flip(p: Pair) -> Flip | None:
    values = p.a[0].logprobs_in_order, p.b[0].logprobs_in_order
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
    loaded = load_tokenizer(tokenizer)
    return lambda text: list(loaded.tokenize(text))
