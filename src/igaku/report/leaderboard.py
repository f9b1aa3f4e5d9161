"""Models against each other on each benchmark: accuracy with its interval, and ranks that are ranges.

A model is ahead of another only where the paired test on their common questions says so (Holm over all pairs of the table). The
best rank a model may have is one more than the number of those ahead of it, the worst is the number of models less those behind it.
"""

from collections import defaultdict
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from statistics import fmean

from msgspec import Struct

from igaku.comparing import named, respondent
from igaku.errors import IgakuError
from igaku.grading import Graded
from igaku.run import Run, open_run
from igaku.statistics.compare import Comparison, Outcomes, adjusted, compare
from igaku.statistics.interval import clustered
from igaku.statistics.tally import Place

UNSURE = 0.05


class Standing(Struct, frozen=True, kw_only=True):
    """One respondent (a model asked in one way) on one benchmark. ``ranks`` is (best, worst), 1 the first."""

    benchmark: str
    language: str
    respondent: str
    origin: str
    n: int
    accuracy: float
    ci95: tuple[float, float]
    ranks: tuple[int, int]
    ahead_of: list[str]
    """Respondents that it beats for certain."""


def leaderboard(runs: Sequence[Run | str | Path], method: str | None = None) -> list[Standing]:
    """Standings, benchmark by benchmark, best first; questions that need an image are left out.

    Raises:
        IgakuError: nothing in the runs has an accuracy.
    """
    opened = [open_run(r) for r in runs]
    tables: dict[tuple[str, str], dict[tuple[str, Place], list[Graded]]] = defaultdict(lambda: defaultdict(list))
    origins = {f"{k}": "imported" if run.manifest.identity is None else "run" for k, run in enumerate(opened)}
    for k, run in enumerate(opened):
        for p, g in run.grade(method):
            scored = g.verdict.scored
            if scored and g.question.text_only and p.aggregate == "accuracy" and p.form == "choices":
                tables[p.benchmark, p.language][f"{k}", p].append(g)
    if not tables:
        raise IgakuError("no exam questions with an accuracy in these runs")
    return [s for (bench, lang), table in tables.items() for s in _standings(bench, lang, table, origins)]


def _standings(
    bench: str, lang: str, table: dict[tuple[str, Place], list[Graded]], origins: dict[str, str]
) -> list[Standing]:
    names = named(list(table))
    outcomes = {names[key]: respondent(names[key], items) for key, items in table.items()}
    pairs = _pairs(list(outcomes.values()))
    ahead: dict[str, list[str]] = {name: [] for name in outcomes}
    for c, p in zip(pairs, adjusted([c.p for c in pairs])):
        if p < UNSURE:
            first, second = (c.a, c.b) if c.difference > 0 else (c.b, c.a)
            ahead[first].append(second)
    out = []
    for key, items in table.items():
        name = names[key]
        values = [float(g.verdict.right) for g in items]
        best = 1 + sum(name in beaten for beaten in ahead.values())
        out.append(Standing(
            benchmark=bench, language=lang, respondent=name, origin=origins[key[0]], n=len(items), accuracy=fmean(values),
            ci95=clustered(values, [g.question.group or g.question.id for g in items]),
            ranks=(best, len(outcomes) - len(ahead[name])), ahead_of=ahead[name],
        ))  # fmt: skip
    return sorted(out, key=lambda s: -s.accuracy)


def _pairs(outcomes: list[Outcomes]) -> list[Comparison]:
    return [compare(a, b) for a, b in combinations(outcomes, 2) if set(a.scores) & set(b.scores)]
