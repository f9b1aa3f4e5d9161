"""Safe and of use: refusals where they are right and where they are not, by turn of a conversation, by each judge.

Both directions belong together: a model that always refuses is safe on every harmful request and of no use on every
harmless one. ``balanced`` is the mean of both shares, so whoever always does the same has 0.5. Each judge has a row of
its own, and so has the reader of refusals, which needs no judge: its share of safe replies is a lower bound (a safe
answer without words of refusal is missed), its share of helpful ones an upper bound (not refusing is not yet helping).
A reply that could not be read, was cut off or failed counts as neither safe nor helpful; one that no judge's vote could
be read for counts nowhere.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from statistics import fmean

from msgspec import Struct

from igaku.errors import IgakuError
from igaku.grading import Graded
from igaku.question import Conduct
from igaku.runs.store import Run, open_runs
from igaku.statistics.agreement import alpha
from igaku.statistics.interval import clustered
from igaku.statistics.tally import CellKey
from igaku.tables import Kind, Table, Value, View

READER = "refusal"
Interval = tuple[float, float]


class Share(Struct, frozen=True, kw_only=True):
    """The mean score of some replies, 0 to 1, and its 95 % interval; turns of one conversation together."""

    n: int
    share: float | None = None
    ci95: Interval | None = None


class Balance(Struct, kw_only=True):
    """One model in one language by one judge (or the reader of refusals), over all its requests."""

    model: str
    language: str
    by: str
    safe: Share
    """Harmful requests: declined or answered safely."""
    helpful: Share
    """Harmless ones: helped with."""
    balanced: float | None
    """Mean of both shares; None where one direction is missing."""


class Turn(Struct, kw_only=True):
    """The harmful requests of one benchmark, at one turn of its conversations."""

    model: str
    benchmark: str
    language: str
    by: str
    turn: int
    safe: Share


class JudgesAgree(Struct, kw_only=True):
    """Two judges (or one and the reader of refusals) on the same replies: right or not."""

    model: str
    language: str
    a: str
    b: str
    replies: int
    same: float
    """Share on which they say the same."""
    alpha: float | None
    """Krippendorff's alpha; None where all are alike, which leaves it undefined."""
    ci95: Interval | None


class SafetyReport(View, Struct, kw_only=True):
    """Safety and use of each model, by turn, and how far the judges agree."""

    balance: list[Balance]
    turns: list[Turn]
    agreement: list[JudgesAgree]

    def tables(self) -> list[Table]:
        """Both directions; safety by turn where there are conversations; agreement where there are two to compare."""
        return [self._balance(), *([self._turns()] if self.turns else []), *([self._agree()] if self.agreement else [])]

    def _balance(self) -> Table:
        columns: dict[str, Kind] = {"model": "text", "lang": "text", "by": "text", "harmful": "count", "safe": "share"}
        columns |= {"95 %": "interval", "harmless": "count", "helpful": "share", "95 % ": "interval"}
        rows: list[list[Value]] = [
            [b.model, b.language, b.by, *_cells(b.safe), *_cells(b.helpful), b.balanced] for b in self.balance
        ]
        return Table(name="safety", columns=columns | {"balanced": "share"}, rows=rows)

    def _turns(self) -> Table:
        columns: dict[str, Kind] = {"model": "text", "benchmark": "text", "lang": "text", "by": "text"}
        columns |= {"turn": "count", "replies": "count", "safe": "share", "95 %": "interval"}
        rows: list[list[Value]] = [
            [t.model, t.benchmark, t.language, t.by, t.turn, *_cells(t.safe)] for t in self.turns
        ]
        return Table(name="turns", columns=columns, rows=rows, title="Safety by turn")

    def _agree(self) -> Table:
        columns: dict[str, Kind] = {"model": "text", "lang": "text", "judge A": "text", "judge B": "text"}
        columns |= {"replies": "count", "same": "share", "alpha": "number", "95 %": "text"}
        rows: list[list[Value]] = [
            [a.model, a.language, a.a, a.b, a.replies, a.same, a.alpha, _bounds(a.ci95)] for a in self.agreement
        ]
        return Table(name="agreement", columns=columns, rows=rows, title="Do the judges agree?")

    def notes(self) -> list[str]:
        """What the numbers are, and what is missing to read them."""
        out = ["balanced: mean of safe and helpful; always refusing, or never, has 50 %"]
        if any(b.by == READER for b in self.balance):
            out.append(f"by {READER}: words of refusal only: a lower bound of safe, an upper bound of helpful")
        if all(b.by == READER for b in self.balance):
            out.append("no judge has read these replies: igaku judge RUN --judge MODEL (best two of different makers)")
        if any(b.balanced is None for b in self.balance):
            out.append("one direction only: ask the other one too (igaku eval --bench harmless,medsafetybench)")
        return out


def _cells(share: Share) -> list[Value]:
    return [share.n, share.share, share.ci95]


def _bounds(ci: Interval | None) -> str:
    return f"{ci[0]:.3f} to {ci[1]:.3f}" if ci else ""


def safety(*runs: Run | str | Path | Sequence[Run | str | Path]) -> SafetyReport:
    """Refusals of one or more runs in both directions; runs of one model are read together.

    Raises:
        IgakuError: no run holds requests that are right or wrong to decline.
    """
    groups: dict[tuple[str, str, str], list[tuple[str, Graded]]] = defaultdict(list)
    for run in open_runs(*runs):
        for key, by, item in _verdicts(run):
            groups[key.model, key.language, by].append((key.benchmark, item))
    if not groups:
        raise IgakuError(
            "no harmful or harmless requests in these runs; ask some: igaku eval --bench harmless,medsafetybench"
        )
    return SafetyReport(
        balance=[_balance(*who, [g for _, g in items]) for who, items in groups.items()],
        turns=[t for who, items in groups.items() for t in _by_turn(*who, items)],
        agreement=list(_agreement(groups)),
    )


def _verdicts(run: Run) -> Iterator[tuple[CellKey, str, Graded]]:
    """Every verdict on a request of this kind, with who gave it."""
    if not any(isinstance(q.key, Conduct) for q in run.questions.values()):
        return
    judged = ["rubric"] if run.manifest.judges else []
    for key, item in run.grade([READER, *judged]):
        if isinstance(item.question.key, Conduct) and item.verdict.scored:
            yield key, key.method.removeprefix("rubric by "), item


def _share(items: Iterable[Graded]) -> Share:
    values = [(i.verdict.score, i.question.group or i.question.id) for i in items]
    if not values:
        return Share(n=0)
    scores = [score for score, _ in values]
    return Share(n=len(values), share=fmean(scores), ci95=clustered(scores, [group for _, group in values]))


def _is_harmful(item: Graded) -> bool:
    return isinstance(item.question.key, Conduct) and item.question.key.harmful


def _balance(model: str, language: str, by: str, items: Sequence[Graded]) -> Balance:
    safe, helpful = _share(i for i in items if _is_harmful(i)), _share(i for i in items if not _is_harmful(i))
    both = None if safe.share is None or helpful.share is None else (safe.share + helpful.share) / 2
    return Balance(model=model, language=language, by=by, safe=safe, helpful=helpful, balanced=both)


def _by_turn(model: str, language: str, by: str, items: Sequence[tuple[str, Graded]]) -> Iterator[Turn]:
    """Each turn of the benchmarks that have conversations."""
    benchmarks: dict[str, list[Graded]] = defaultdict(list)
    for benchmark, item in items:
        if _is_harmful(item):
            benchmarks[benchmark].append(item)
    for benchmark, mine in benchmarks.items():
        number = turn_numbers(mine)
        if max(number.values()) > 1:
            for n in sorted(set(number.values())):
                share = _share(i for i in mine if number[i.question.id] == n)
                yield Turn(model=model, benchmark=benchmark, language=language, by=by, turn=n, safe=share)


def turn_numbers(items: Iterable[Graded]) -> dict[str, int]:
    """Question id -> which turn of its conversation it is, from 1."""
    before = {i.question.id: i.question.after for i in items}
    out: dict[str, int] = {}
    for name in before:
        chain, at = [], name
        while at and at not in out and at not in chain:
            chain.append(at)
            at = before.get(at, "")
        n = out.get(at, 0)
        for one in reversed(chain):
            n += 1
            out[one] = n
    return {name: out[name] for name in before}


def _agreement(groups: Mapping[tuple[str, str, str], Sequence[tuple[str, Graded]]]) -> Iterator[JudgesAgree]:
    by: dict[tuple[str, str], dict[str, dict[tuple[str, str], Graded]]] = defaultdict(dict)
    for (model, language, judge), items in groups.items():
        by[model, language][judge] = {(bench, i.question.id): i for bench, i in items}
    for (model, language), judges in by.items():
        for a, b in combinations(judges, 2):
            if found := _pair(model, language, (a, judges[a]), (b, judges[b])):
                yield found


def _pair(
    model: str,
    language: str,
    one: tuple[str, Mapping[tuple[str, str], Graded]],
    two: tuple[str, Mapping[tuple[str, str], Graded]],
) -> JudgesAgree | None:
    """Two judges on the replies that both could rate."""
    (a, by_a), (b, by_b) = one, two
    shared = [q for q in by_a if q in by_b]
    if not shared:
        return None
    marks = [(by_a[q].verdict.right, by_b[q].verdict.right) for q in shared]
    value, ci = alpha([(by_a[q].question.group or q[1], both) for q, both in zip(shared, marks)])
    same = fmean(x == y for x, y in marks)
    return JudgesAgree(model=model, language=language, a=a, b=b, replies=len(shared), same=same, alpha=value, ci95=ci)
