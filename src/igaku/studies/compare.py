"""Runs against each other: which verdicts belong together, and every pair of them compared."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from igaku.benchmarks import family
from igaku.errors import IgakuError, UnknownNameError
from igaku.grading import Graded
from igaku.runs.counted import by_main_method, counts
from igaku.runs.specs import Names
from igaku.runs.store import Run, open_runs
from igaku.statistics.paired import Comparison, Outcomes, adjusted
from igaku.statistics.paired import compare as compare_pair
from igaku.statistics.respondents import variant_names
from igaku.statistics.tally import CellKey
from igaku.tables import Kind, Table, Value, View, show

PARTS = ("benchmark", "section", "category", "year")


class ComparisonReport(View, Struct, kw_only=True, omit_defaults=True):
    """Every pair of respondents; ``adjust`` says how p values were adjusted for many comparisons."""

    comparisons: list[Comparison]
    adjust: str = "holm"

    def tables(self) -> list[Table]:
        """One row a pair."""
        columns: dict[str, Kind] = {
            "A": "text",
            "B": "text",
            "on": "text",
            "questions": "count",
            "only A right": "count",
            "only B right": "count",
            "A - B, points": "points",
            "95 %": "text",
            "p": "p",
            f"p ({self.adjust})": "p",
            "verdict": "text",
            "questions needed": "count",
        }
        return [Table(name="comparisons", columns=columns, rows=[_row(c) for c in self.comparisons])]

    def notes(self) -> list[str]:
        """Which test stands behind a row, and what the last column is."""
        linked = (
            "* cluster-robust interval and p, since some questions are linked; else a paired bootstrap "
            "and McNemar's mid-p"
        )
        return [
            *([linked] if any(c.clustered for c in self.comparisons) else []),
            "questions needed: to show this difference with 80 % power, at this rate of disagreement",
        ]


def _row(c: Comparison) -> list[Value]:
    better = "A better" if c.difference > 0 else "B better"
    return [
        c.a,
        c.b,
        c.part,
        c.n,
        c.only_a,
        c.only_b,
        c.difference,
        show(c.ci95, "points interval") + (" *" if c.clustered else ""),
        c.p,
        c.p_adjusted,
        better if c.p_adjusted < 0.05 else "not certain",
        c.needed if c.needed and c.p >= 0.05 else None,
    ]


def compare(
    *runs: Run | str | Path | Sequence[Run | str | Path],
    method: Names = None,
    by: str = "benchmark",
    adjust: str = "holm",
) -> ComparisonReport:
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
    opened = open_runs(*runs)
    graded = by_main_method({f"{k}": run for k, run in enumerate(opened)}, method)
    found = list(_pairs(graded, by))
    if not found:
        raise IgakuError(
            "nothing to compare: give two runs (or one with several ways of asking) on the same benchmark and language"
        )
    ps = adjusted([c.p for c in found], adjust)
    return ComparisonReport(comparisons=[replace(c, p_adjusted=p) for c, p in zip(found, ps)], adjust=adjust)


def _pairs(graded: Iterable[tuple[str, CellKey, Graded]], by: str) -> Iterable[Comparison]:
    sets: dict[tuple[str, str, str], dict[tuple[str, CellKey], list[Graded]]] = defaultdict(lambda: defaultdict(list))
    for run, cell_key, item in graded:
        if counts(item):
            part = "all" if by == "benchmark" else getattr(item.question, by) or "(none)"
            sets[family(cell_key.benchmark), cell_key.language, part][run, cell_key].append(item)
    for (bench, lang, part), respondents in sets.items():
        labels = variant_names(list(respondents))
        outcomes = [respondent(labels[key], items) for key, items in respondents.items()]
        keys = list(respondents)
        for (i, a), (j, b) in combinations(enumerate(outcomes), 2):
            if _comparable(keys[i], keys[j], keys) and set(a.scores) & set(b.scores):
                yield compare_pair(a, b, f"{bench} {lang}" + ("" if part == "all" else f" {part}"))


def _comparable(one: tuple[str, CellKey], other: tuple[str, CellKey], keys: Sequence[tuple[str, CellKey]]) -> bool:
    """Graded by the same method; or by the only method that each of the two has (two judges of one answer are no
    respondents)."""
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
