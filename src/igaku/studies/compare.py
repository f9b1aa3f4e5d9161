"""Runs against each other: which verdicts belong together, and every pair of them compared."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations
from pathlib import Path

from msgspec.structs import replace

from igaku.benchmarks import family
from igaku.errors import IgakuError, UnknownNameError
from igaku.grading import Graded
from igaku.runs.specs import Names
from igaku.runs.store import Run, open_run
from igaku.statistics.paired import Comparison, Outcomes, adjusted, compare
from igaku.statistics.tally import CellKey

PARTS = ("benchmark", "section", "category", "year")


def compare_runs(
    runs: Sequence[Run | str | Path], *, method: Names = None, by: str = "benchmark", adjust: str = "holm"
) -> list[Comparison]:
    """Every pair of respondents (a model asked in one way) on the questions both were scored on.

    Args:
        runs: two or more runs, or one that holds several models or ways of asking.
        method: one grading method for all; that of each run if left out.
        by: one comparison a ``benchmark``, or one a ``section``, ``category`` or ``year`` of it.
        adjust: for many comparisons: ``holm`` or ``bh``.

    Raises:
        IgakuError: fewer than two respondents, or no question in common.
    """
    if by not in PARTS:
        raise UnknownNameError("--by", by, PARTS)
    if adjust not in ("holm", "bh"):
        raise UnknownNameError("--adjust", adjust, ("holm", "bh"))
    opened = [open_run(r) for r in runs]
    graded = [(f"{k}", p, g) for k, run in enumerate(opened) for p, g in run.grade(method)]
    found = list(_pairs(graded, by))
    if not found:
        raise IgakuError(
            "nothing to compare: give two runs (or one with several ways of asking) on the same benchmark and language"
        )
    ps = adjusted([c.p for c in found], adjust)
    return [replace(c, p_adjusted=p) for c, p in zip(found, ps)]


def _pairs(graded: Iterable[tuple[str, CellKey, Graded]], by: str) -> Iterable[Comparison]:
    sets: dict[tuple[str, str, str], dict[tuple[str, CellKey], list[Graded]]] = defaultdict(lambda: defaultdict(list))
    for run, cell_key, item in graded:
        if item.verdict.scored:
            part = "all" if by == "benchmark" else getattr(item.question, by) or "(none)"
            sets[family(cell_key.benchmark), cell_key.language, part][run, cell_key].append(item)
    for (bench, lang, part), respondents in sets.items():
        names = named(list(respondents))
        outcomes = [respondent(names[key], items) for key, items in respondents.items()]
        keys = list(respondents)
        for (i, a), (j, b) in combinations(enumerate(outcomes), 2):
            if _comparable(keys[i], keys[j], keys) and set(a.scores) & set(b.scores):
                yield compare(a, b, f"{bench} {lang}" + ("" if part == "all" else f" {part}"))


def _comparable(one: tuple[str, CellKey], other: tuple[str, CellKey], keys: Sequence[tuple[str, CellKey]]) -> bool:
    """Graded by the same method; or by the only method that each of the two has (two judges of one answer are no respondents)."""
    if one[1].method == other[1].method:
        return True
    methods = [{p.method for run, p in keys if (run, p.model) == (k[0], k[1].model)} for k in (one, other)]
    return all(len(m) == 1 for m in methods)


def respondent(name: str, items: Iterable[Graded]) -> Outcomes:
    """Verdicts as scores by question, with the linked groups."""
    items = list(items)
    return Outcomes(
        name, {i.question.id: i.verdict.score for i in items}, {i.question.id: i.question.group for i in items}
    )


def named(keys: Sequence[tuple[str, CellKey]]) -> dict[tuple[str, CellKey], str]:
    """A name for each (run, place): the model's, and whatever else tells two respondents apart."""
    told = ("model", "prompt", "shots", "order", "question_format", "method")
    differ = [f for f in told if len({getattr(p, f) for _, p in keys}) > 1]
    out = {key: " ".join(str(getattr(key[1], f)) for f in (differ or ["model"])) for key in keys}
    if len(set(out.values())) < len(out):
        out = {key: f"{name} (run {int(key[0]) + 1})" for key, name in out.items()}
    return out
