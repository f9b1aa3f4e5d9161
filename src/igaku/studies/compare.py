"""Runs against each other: which verdicts belong together, and every pair of them compared."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import TypeAlias

from msgspec.structs import replace

from igaku.benchmarks import family
from igaku.errors import IgakuError, UnknownNameError
from igaku.grading import Graded
from igaku.runs.counted import Counted, counts, left_out, main_verdicts
from igaku.runs.run_keys import key_notes, one_key
from igaku.runs.specs import Names, names
from igaku.runs.store import Run, open_runs
from igaku.statistics.metric_interval import paired_metric_interval
from igaku.statistics.paired import Comparison, Outcomes, adjusted, corrected
from igaku.statistics.paired import compare as compare_pair
from igaku.statistics.power import POWER
from igaku.statistics.respondents import variant_names
from igaku.statistics.tally import CellKey
from igaku.studies.compare_efforts import is_effort_pair, over_models
from igaku.studies.compare_models import over_ways
from igaku.studies.compare_report import ComparisonReport, MetricComparison

PARTS = ("benchmark", "section", "category", "year")
ACCURACIES = ("accuracy", "rubric", "f1", "bleu")
"""Aggregators whose number is the mean of the questions' scores, which the paired test compares as it is."""


def compare(
    *runs: Run | str | Path | Sequence[Run | str | Path],
    method: Names = None,
    by: str = "benchmark",
    adjust: str = "holm",
    margin: float | None = None,
    looks: bool = False,
    power: float = POWER,
    efforts: bool = False,
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
        efforts: only the efforts of one model against each other, and each pair of efforts over the models.

    Raises:
        IgakuError: fewer than two respondents, no question in common, a margin or power that is none, or no model at
            two efforts.
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
    sets = _sets(graded, by)
    pairs = list(_pairs(sets, by, waiting, margin=share, looks=looks, power=power, efforts=efforts))
    metrics = list(_metrics(sets, efforts))
    if not pairs and not metrics and efforts:
        raise IgakuError("--efforts: no model at two efforts here; igaku eval --effort low,high asks at several")
    if not pairs and not metrics:
        raise IgakuError(
            "nothing to compare: give two runs (or one with several ways of asking) on the same benchmark and language"
        )
    return ComparisonReport(
        comparisons=corrected(pairs, adjust, power),
        metrics=[replace(m, p_adjusted=p) for m, p in zip(metrics, adjusted([m.found.p for m in metrics], adjust))],
        models=(over_models if efforts else over_ways)(
            {(b, lang): found for (b, lang, part), found in sets.items() if part == "all"}, adjust
        ),
        efforts=efforts,
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


Sets: TypeAlias = dict[tuple[str, str, str], dict[tuple[str, CellKey], list[Graded]]]
"""Benchmark, language and part -> respondent -> its verdicts that count."""


def _sets(graded: Iterable[tuple[str, CellKey, Graded]], by: str) -> Sets:
    sets: Sets = defaultdict(lambda: defaultdict(list))
    for run, cell_key, item in graded:
        if counts(item):
            part = "all" if by == "benchmark" else getattr(item.question, by) or "(none)"
            sets[family(cell_key.benchmark), cell_key.language, part][run, cell_key].append(item)
    return sets


def _pairs(
    sets: Sets,
    by: str,
    waiting: Counter[tuple[str, CellKey]],
    *,
    margin: float | None,
    looks: bool,
    power: float,
    efforts: bool,
) -> Iterable[Comparison]:
    for (bench, lang, part), respondents in sets.items():
        labels = variant_names(list(respondents))
        outcomes = {key: respondent(labels[key], items) for key, items in respondents.items()}
        for one, other in _comparable_pairs(respondents, ACCURACIES, efforts):
            a, b = outcomes[one], outcomes[other]
            if shared := set(a.scores) & set(b.scores):
                late = max(waiting[one], waiting[other]) if part == "all" else 0
                planned = len(shared) + late
                name = _part_name(bench, lang, part)
                yield compare_pair(a, b, name, margin=margin, looks=looks, planned=planned, power=power)


def _metrics(sets: Sets, efforts: bool) -> Iterable[MetricComparison]:
    """Every pair on the metric of its board, where that is not a mean of scores: kappa, pooled F1, correlation."""
    for (bench, lang, part), respondents in sets.items():
        labels = variant_names(list(respondents))
        for one, other in _comparable_pairs(respondents, efforts=efforts):
            kind = one[1].aggregate
            if kind in ACCURACIES or other[1].aggregate != kind:
                continue
            if found := paired_metric_interval(kind, respondents[one], respondents[other]):
                yield MetricComparison(a=labels[one], b=labels[other], part=_part_name(bench, lang, part), found=found)


def _part_name(bench: str, lang: str, part: str) -> str:
    return f"{bench} {lang}" + ("" if part == "all" else f" {part}")


Respondent: TypeAlias = tuple[str, CellKey]


def _comparable_pairs(
    respondents: Mapping[Respondent, object], aggregates: Sequence[str] = (), efforts: bool = False
) -> Iterable[tuple[Respondent, Respondent]]:
    keys = list(respondents)
    for one, other in combinations(keys, 2):
        wanted = not aggregates or (one[1].aggregate in aggregates and other[1].aggregate in aggregates)
        wanted = wanted and (not efforts or is_effort_pair(one[1], other[1]))
        if wanted and _comparable(one, other, keys):
            yield one, other


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
