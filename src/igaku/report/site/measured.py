"""What replies took, how samples scatter and how sure models are: the studies' own reports, from verdicts that the site
has graded already.

Nothing stands here that nobody measured: no model without a written reply, no block of which few answers have a
confidence.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

from msgspec import Struct, field

from igaku.engines.cost import Price
from igaku.grading import METHODS, Graded
from igaku.runs.counted import Counted, counts
from igaku.runs.sample_results import SampleResult, results_of_samples
from igaku.runs.store import Run
from igaku.statistics.respondents import PromptVariant
from igaku.statistics.tally import CellKey
from igaku.studies.calibration import calibration_rows
from igaku.studies.calibration_rows import CalibrationRow
from igaku.studies.confidence import stated
from igaku.studies.usage import usage_of
from igaku.studies.usage_report import UsageReport

Verdicts = Sequence[tuple[CellKey, Graded]]
LEAST_STATED = 0.5
"""Share of a block's scored answers that have a confidence, from which on the block is shown."""
FEW = 12
"""Answers of a block of which one must have a confidence, or no further ones are read;"""
FIRST = 200
"""and those that are read before all are: of a quarter of them it must be there."""


class Measured(Struct):
    """By benchmark and language."""

    usage: dict[tuple[str, str], UsageReport] = field(default_factory=dict)
    samples: dict[tuple[str, str], list[tuple[str, SampleResult]]] = field(default_factory=lambda: defaultdict(list))
    """Label of the run, and what its samples give;"""
    calibration: dict[tuple[str, str], list[tuple[str, CalibrationRow]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    """and how sure its models are."""


def measure(
    main: Sequence[Counted], each: Mapping[str, Verdicts], runs: Mapping[str, Run], prices: Mapping[str, Price] | None
) -> Measured:
    """Everything there is to show.

    Args:
        main: one verdict a question, by the method that boards take.
        each: label of a run -> one verdict a sample, by all its methods.
        runs: by label.
        prices: a million tokens of each model; None where nobody gave any.
    """
    out = Measured(usage=_usage(main, runs, prices))
    shown: set[PromptVariant] = {(c.run, c.key) for c in main}
    for label, verdicts in each.items():
        for result in (
            results_of_samples(v for v in verdicts if (label, v[0]) in shown) if runs[label].has_samples else ()
        ):
            out.samples[result.key.benchmark, result.key.language].append((label, result))
        for row in calibration_rows(runs[label], _with_confidence(verdicts, runs[label].has_samples)):
            if row.n >= LEAST_STATED * (row.n + row.without):
                out.calibration[row.benchmark, row.language].append((label, row))
    return out


def _usage(
    main: Iterable[Counted], runs: Mapping[str, Run], prices: Mapping[str, Price] | None
) -> dict[tuple[str, str], UsageReport]:
    """Of written replies: log-probabilities take no token, and would beat every model that writes."""
    found: dict[tuple[str, str], list[Counted]] = defaultdict(list)
    for c in main:
        if _is_written(c.key) and counts(c.graded) and c.graded.answered:
            found[c.key.benchmark, c.key.language].append(c)
    out = {}
    for bench, verdicts in found.items():
        mine = {label: runs[label] for label in dict.fromkeys(c.run for c in verdicts)}
        report = usage_of(verdicts, mine, prices=prices, budgets=())
        if any(r.written for r in report.rows):
            out[bench] = report
    return out


def _is_written(key: CellKey) -> bool:
    return METHODS[key.method.split(" by ")[0]].kind == "text"


def _with_confidence(verdicts: Verdicts, has_samples: bool) -> Verdicts:
    """Without written replies of blocks that state no confidence: reading all of them takes longer than the site."""
    blocks: dict[CellKey, list[Graded]] = defaultdict(list)
    for key, item in verdicts:
        blocks[key].append(item)
    retained = {key for key, items in blocks.items() if _is_confident(key, items, has_samples)}
    return [v for v in verdicts if v[0] in retained]


def _is_confident(key: CellKey, items: Sequence[Graded], has_samples: bool) -> bool:
    if not _is_written(key) or (has_samples and any(g.reply and g.reply.sample for g in items)):
        return True
    few = stated(list(islice(items, FEW)))
    found = [n is not None for n in (stated(list(islice(items, FIRST))) if any(n is not None for n in few) else few)]
    return 4 * sum(found) >= len(found)
