"""Runs against each other: which verdicts belong together, and every pair of them compared."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations
from pathlib import Path

from msgspec import Struct

from igaku.benchmarks import family
from igaku.errors import IgakuError, UnknownNameError
from igaku.grading import Graded
from igaku.runs.counted import Counted, counts, left_out, main_verdicts
from igaku.runs.run_keys import key_notes, one_key
from igaku.runs.specs import Names, names
from igaku.runs.store import Run, open_runs
from igaku.statistics.margin import MarginTest
from igaku.statistics.paired import LEVEL, Comparison, Outcomes, corrected
from igaku.statistics.paired import compare as compare_pair
from igaku.statistics.power import POWER
from igaku.statistics.respondents import variant_names
from igaku.statistics.tally import CellKey
from igaku.tables import Kind, Table, Value, View

PARTS = ("benchmark", "section", "category", "year")


TESTS = {
    "mid-p": "McNemar's mid-p over the questions that one of the two got right; Tango's score interval",
    "groups": "linked questions count together: exact sign flips of whole groups, and the score test of the effective "
    "number of questions (CR2, Satterthwaite); the larger p counts",
    "means": "partial scores: the mean difference by t, and exact sign flips by group; the larger p counts",
    "sequential": "holds however often one looks while the run goes on, and is wider for it; it takes the questions so "
    "far as a sample of all",
}


class ComparisonReport(View, Struct, kw_only=True, omit_defaults=True):
    """Every pair of respondents; ``adjust`` says how p values were adjusted for many comparisons."""

    comparisons: list[Comparison]
    adjust: str = "holm"
    power: float = POWER
    waiting: int = 0
    """Questions that were asked of some respondent and not answered yet."""
    left_out: dict[str, str] = {}
    """Benchmark and language -> questions that are in no comparison, with the reason."""
    keys: list[str] = []
    """Which keys the questions were graded by, where there are several."""

    def tables(self) -> list[Table]:
        """One row a pair, and one a pair against the margin where one was given."""
        columns: dict[str, Kind] = {
            "A": "text",
            "B": "text",
            "on": "text",
            "questions": "count",
            "only A right": "count",
            "only B right": "count",
            "A - B, points": "points",
            "95 %": "points interval",
            "test": "text",
            "p": "p",
            f"p ({self.adjust})": "p",
            "verdict": "text",
            "questions needed": "count",
        }
        pairs = Table(name="comparisons", columns=columns, rows=[_row(c) for c in self.comparisons])
        return [pairs, *([self._margins()] if any(c.margin for c in self.comparisons) else [])]

    def _margins(self) -> Table:
        columns: dict[str, Kind] = {
            "A": "text",
            "B": "text",
            "on": "text",
            "questions": "count",
            "A - B, points": "points",
            "95 %": "points interval",
            "margin, points": "points",
            f"p, B is worse ({self.adjust})": "p",
            f"p, A is worse ({self.adjust})": "p",
            "verdict": "text",
            "questions needed": "count",
        }
        rows = [_margin_row(c, c.margin) for c in self.comparisons if c.margin]
        return Table(name="margins", columns=columns, rows=rows, title="not worse by more than the margin?")

    def notes(self) -> list[str]:
        """Which test stands behind a row, what p is, and what the last column is."""
        n, used = len(self.comparisons), dict.fromkeys(c.test for c in self.comparisons)
        rows = "the one row" if n == 1 else f"the {n} rows"
        out = [f"{test}: {TESTS[test]}" for test in used]
        out += [f"{board}: left out: {text}" for board, text in self.left_out.items()]
        out += self.keys
        out.append(
            f"p: how often a difference as large would come from two equally good models; p ({self.adjust}) is "
            f"corrected for {rows} of this table, not for other tables; shown: p ({self.adjust}) below 0.05"
        )
        out.append(
            f"questions needed: to show this difference with {100 * self.power:g} % power after the correction, at "
            "this rate of disagreement and with questions linked as here"
        )
        if any(c.margin for c in self.comparisons):
            out.append(
                "worse: by the margin or more; shown where the corrected one-sided p is below 0.025 (that is, alone, "
                "where the 95 % interval ends before the margin); needed for two equally good models"
            )
        if self.waiting and "sequential" not in used:
            out.append(
                f"not finished: {self.waiting:,} questions have no reply yet; p and interval hold for one look, not "
                "for many (--looks)"
            )
        return out


def _row(c: Comparison) -> list[Value]:
    return [
        c.a,
        c.b,
        c.part,
        c.n,
        c.only_a,
        c.only_b,
        c.difference,
        c.ci95,
        c.test,
        c.p,
        c.p_adjusted,
        _verdict(c),
        c.needed if c.p_adjusted >= LEVEL else None,
    ]


def _verdict(c: Comparison) -> str:
    if c.p_adjusted >= LEVEL:
        return "not shown" if c.p >= LEVEL else "not shown (only before correction)"
    return f"shown: {'A' if c.difference > 0 else 'B'} better"


def _margin_row(c: Comparison, test: MarginTest) -> list[Value]:
    verdict = test.verdict("A", "B")
    return [
        c.a,
        c.b,
        c.part,
        c.n,
        c.difference,
        c.ci95,
        test.margin,
        test.p_b_adjusted,
        test.p_a_adjusted,
        verdict,
        test.needed if verdict != "shown: equivalent" else None,
    ]


def compare(
    *runs: Run | str | Path | Sequence[Run | str | Path],
    method: Names = None,
    by: str = "benchmark",
    adjust: str = "holm",
    margin: float | None = None,
    looks: bool = False,
    power: float = POWER,
) -> ComparisonReport:
    """Every pair of respondents (a model asked in one way) on the questions both were scored on.

    Args:
        runs: two or more runs, one by one or as a list; or one that holds several models or ways of asking.
        method: one grading method for all; that of each run if left out.
        by: one comparison a ``benchmark``, or one a ``section``, ``category`` or ``year`` of it.
        adjust: for many comparisons: ``holm`` or ``bh``.
        margin: in points; also say whether one is not worse than the other by this much, and whether they are
            equivalent.
        looks: interval and p hold however often one looks, for runs that are still going on.
        power: for the questions needed, above 0.5 and below 1.

    Raises:
        IgakuError: fewer than two respondents, no question in common, or a margin or power that is none.
    """
    if by not in PARTS:
        raise UnknownNameError("--by", by, PARTS)
    if adjust not in ("holm", "bh"):
        raise UnknownNameError("--adjust", adjust, ("holm", "bh"))
    if margin is not None and not 0 < margin < 100:
        raise IgakuError(f"--margin: points between 0 and 100 that would still be good enough, not {margin:g}")
    if not 0.5 < power < 1:
        raise IgakuError(f"--power: above 0.5 and below 1, not {power:g}")
    opened = {f"{k}": run for k, run in enumerate(open_runs(*runs))}
    one_key(list(opened.values()))
    found: list[Counted] = []
    late: Counter[tuple[str, CellKey]] = Counter()
    for label, run in opened.items():
        verdicts, unanswered = run.graded(names(method) or None)
        found += [Counted(label, key, g) for key, g in verdicts]
        late.update({(label, key): n for (key, text_only), n in unanswered.items() if text_only})
    graded = found if method else main_verdicts(found, opened)
    respondents = {(label, key) for label, key, _ in graded}
    waiting = Counter({who: n for who, n in late.items() if who in respondents})
    share = None if margin is None else margin / 100
    pairs = list(_pairs(graded, by, waiting, margin=share, looks=looks, power=power))
    if not pairs:
        raise IgakuError(
            "nothing to compare: give two runs (or one with several ways of asking) on the same benchmark and language"
        )
    return ComparisonReport(
        comparisons=corrected(pairs, adjust, power),
        adjust=adjust,
        power=power,
        waiting=sum(waiting.values()),
        left_out=_left_out(graded),
        keys=key_notes(opened.values()),
    )


def _left_out(graded: Iterable[tuple[str, CellKey, Graded]]) -> dict[str, str]:
    """What is left out on each benchmark and language."""
    boards: dict[str, list[tuple[Graded, bool]]] = defaultdict(list)
    for _, key, item in graded:
        boards[f"{family(key.benchmark)} {key.language}"].append((item, False))
    return {board: text for board, items in boards.items() if (text := str(left_out(items)))}


def _pairs(
    graded: Iterable[tuple[str, CellKey, Graded]],
    by: str,
    waiting: Counter[tuple[str, CellKey]],
    *,
    margin: float | None,
    looks: bool,
    power: float,
) -> Iterable[Comparison]:
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
                name = f"{bench} {lang}" + ("" if part == "all" else f" {part}")
                late = max(waiting[keys[i]], waiting[keys[j]]) if part == "all" else 0
                planned = len(set(a.scores) & set(b.scores)) + late
                yield compare_pair(a, b, name, margin=margin, looks=looks, planned=planned, power=power)


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
