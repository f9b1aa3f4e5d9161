"""Models against each other on each benchmark: accuracy with its interval, and ranks that are ranges.

A model is ahead of another only where the paired test on their common questions says so (Holm over all pairs of the
table). The best rank a model may have is one more than the number of those ahead of it, the worst is the number of
models less those behind it.

A respondent is a model asked in one way; taken ``by="model"``, it is a model with all the ways it was asked (templates,
orders of choices): each question then counts with its share of right answers over the ways, on the questions that every
way could ask.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from statistics import fmean
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from igaku.errors import IgakuError
from igaku.grading import Graded
from igaku.runs.specs import Names, names
from igaku.runs.store import Run, open_runs
from igaku.statistics.interval import clustered
from igaku.statistics.paired import Comparison, Outcomes, adjusted, compare
from igaku.statistics.respondents import PromptVariant, RespondentId, respondent_names
from igaku.statistics.tally import CellKey
from igaku.tables import Kind, Table, Value, View

UNSURE = 0.05

By = Literal["way", "model"]


class Standing(Struct, frozen=True, kw_only=True):
    """One respondent on one benchmark. ``ranks`` is (best, worst), 1 the first."""

    benchmark: str
    language: str
    respondent: str
    model: str
    method: str
    origin: str
    n: int
    accuracy: float
    ci95: tuple[float, float]
    ranks: tuple[int, int]
    ahead_of: list[str]
    """Respondents that it beats for certain."""
    system: str = ""
    """What tells it from another model of its name (adapter, quantization), where ``by="model"``."""
    ways: int = 1
    lowest: float
    """Accuracy of the worst way of asking,"""
    highest: float
    """and of the best; both are the accuracy itself where there is one way."""

    @property
    def rank(self) -> str:
        """``2``, or ``1–3`` where the rank is a range."""
        best, worst = self.ranks
        return f"{best}" if best == worst else f"{best}–{worst}"


class Board(Struct, frozen=True, kw_only=True):
    """One benchmark and language: standings best first, and every pair compared (p-values adjusted over the board)."""

    benchmark: str
    language: str
    standings: list[Standing]
    comparisons: list[Comparison]


class LeaderboardReport(View, Struct, kw_only=True):
    """Standings of every benchmark, best first."""

    standings: list[Standing]

    def tables(self) -> list[Table]:
        """One row a respondent and benchmark."""
        several = any(s.ways > 1 for s in self.standings)
        columns: dict[str, Kind] = {
            "benchmark": "text",
            "lang": "text",
            "rank": "range",
            "respondent": "text",
            "replies": "text",
            "questions": "count",
            **({"ways": "count"} if several else {}),
            "accuracy": "share",
            "95 %": "interval",
        }
        rows: list[list[Value]] = [
            [
                s.benchmark,
                s.language,
                s.ranks,
                s.respondent,
                s.origin,
                s.n,
                *([s.ways] if several else []),
                s.accuracy,
                s.ci95,
            ]
            for s in self.standings
        ]
        return [Table(name="standings", columns=columns, rows=rows)]

    def notes(self) -> list[str]:
        """What a range of ranks means."""
        return ["a rank is a range where a paired test (5 %, Holm over the board) does not tell respondents apart"]


def leaderboard(
    *runs: Run | str | Path | Sequence[Run | str | Path], method: Names = None, by: By = "way"
) -> LeaderboardReport:
    """Standings, benchmark by benchmark, best first; questions that need an image are left out.

    Args:
        method: one grading method for all runs; each run's own if left out.
        by: a row for each ``way`` of asking, or for each ``model`` over all its ways.

    Raises:
        IgakuError: nothing in the runs has an accuracy.
    """
    opened = open_runs(*runs)
    items = ((f"{k}", p, g) for k, run in enumerate(opened) for p, g in run.grade(names(method) or None))
    found = boards(items, {f"{k}": run for k, run in enumerate(opened)}, by)
    if not found:
        raise IgakuError("no exam questions with an accuracy in these runs")
    return LeaderboardReport(standings=[s for board in found for s in board.standings])


def boards(items: Iterable[tuple[str, CellKey, Graded]], runs: Mapping[str, Run], by: By = "way") -> list[Board]:
    """Boards from verdicts, each with the label of its run (a key of ``runs``); by choices and accuracy only."""
    tables: dict[tuple[str, str], dict[RespondentId, dict[PromptVariant, list[Graded]]]] = {}
    systems = {label: system_of(run) for label, run in runs.items()}
    for label, p, g in items:
        if g.verdict.scored and g.question.text_only and p.aggregate == "accuracy" and p.question_format == "choices":
            way = label, p
            who = (
                RespondentId(p.model, p.method, variant=way)
                if by == "way"
                else RespondentId(p.model, p.method, systems[label])
            )
            rows = tables.setdefault((p.benchmark, p.language), {})
            rows.setdefault(who, {}).setdefault(way, []).append(g)
    return [_board(bench, lang, rows, runs) for (bench, lang), rows in tables.items()]


def system_of(run: Run) -> str:
    """What tells two models of one name apart."""
    i = run.manifest.identity
    return "imported" if i is None else " ".join(x for x in (i.adapter[:8], i.quantization, i.revision[:8]) if x)


def _board(
    bench: str, lang: str, rows: dict[RespondentId, dict[PromptVariant, list[Graded]]], runs: Mapping[str, Run]
) -> Board:
    labels = respondent_names(list(rows))
    outcomes = {who: _outcomes(labels[who], ways) for who, ways in rows.items()}
    outcomes = {who: o for who, o in outcomes.items() if o.scores}
    pairs = [compare(a, b) for a, b in combinations(outcomes.values(), 2) if set(a.scores) & set(b.scores)]
    pairs = [replace(c, p_adjusted=p) for c, p in zip(pairs, adjusted([c.p for c in pairs]))]
    ahead: dict[str, list[str]] = {o.name: [] for o in outcomes.values()}
    for c in pairs:
        if c.p_adjusted < UNSURE:
            first, second = (c.a, c.b) if c.difference > 0 else (c.b, c.a)
            ahead[first].append(second)
    standings = [_standing(bench, lang, who, rows[who], o, ahead, runs) for who, o in outcomes.items()]
    return Board(
        benchmark=bench, language=lang, standings=sorted(standings, key=lambda s: -s.accuracy), comparisons=pairs
    )


def _outcomes(name: str, ways: Mapping[PromptVariant, Sequence[Graded]]) -> Outcomes:
    """Each question's share of right answers over the ways, where every way could ask it; partial scores for one way
    only."""
    scores: dict[str, list[float]] = defaultdict(list)
    groups: dict[str, str] = {}
    for items in ways.values():
        for g in items:
            scores[g.question.id].append(g.verdict.score)
            groups[g.question.id] = g.question.group
    shared = {q: fmean(values) for q, values in scores.items() if len(values) == len(ways)}
    return Outcomes(name, shared, groups)


def _standing(
    bench: str,
    lang: str,
    who: RespondentId,
    ways: Mapping[PromptVariant, Sequence[Graded]],
    outcomes: Outcomes,
    ahead: Mapping[str, list[str]],
    runs: Mapping[str, Run],
) -> Standing:
    name = outcomes.name
    right = {q: [] for q in outcomes.scores}  # type: dict[str, list[float]]
    each = []
    for items in ways.values():
        mine = [(g.question.id, float(g.verdict.right)) for g in items if g.question.id in right]
        each.append(fmean(v for _, v in mine))
        for q, v in mine:
            right[q].append(v)
    values = [fmean(v) for v in right.values()]
    imported = any(runs[label].manifest.identity is None for label, _ in ways)
    return Standing(
        benchmark=bench,
        language=lang,
        respondent=name,
        model=who.model,
        method=who.method,
        system=who.system,
        origin="imported" if imported else "run",
        n=len(values),
        accuracy=fmean(values),
        ci95=clustered(values, [outcomes.groups[q] or q for q in right]),
        ranks=(1 + sum(name in beaten for beaten in ahead.values()), len(ahead) - len(ahead[name])),
        ahead_of=ahead[name],
        ways=len(ways),
        lowest=min(each),
        highest=max(each),
    )
