"""Is a model as often right as it says? Confidence beside outcome.

Three sources. ``letters``: the probability of the letter taken, among the letters shown, of questions with one answer
(``--method letter-logprob``). ``stated``: the number that the reply states (``--prompt confidence``), or that an
imported file holds beside it. ``agreement``: the share of a question's samples that gave its commonest answer
(``--samples N``). Nothing is recalibrated.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from msgspec.structs import replace

from igaku.errors import IgakuError
from igaku.grading import METHODS, Graded
from igaku.runs.counted import counts, images_shown
from igaku.runs.run_keys import key_notes
from igaku.runs.samples import by_question
from igaku.runs.specs import Names, names
from igaku.runs.store import Run, open_runs
from igaku.statistics.auroc import auroc
from igaku.statistics.calibration import brier, calibration_error, overconfidence
from igaku.statistics.reliability import BINS, Binning, Stated, in_bins, reliability_table
from igaku.statistics.tally import CellKey
from igaku.studies.calibration_report import ALL, READ, SEEN, CalibrationReport, CalibrationRow, Drawn
from igaku.studies.confidence import Agreed, Source, agreed, probability, stated

T = TypeVar("T")
Pairs = Sequence[tuple[Graded, float | None]]
"""Verdicts, each with its confidence."""
MOST_BINS = 100
MOST_LEVELS = 20
"""Up to so many distinct shares of agreement have a bin each: a bin of several would show a mean that none of them has.
"""


def calibration(
    *runs: Run | str | Path | Sequence[Run | str | Path], method: Names = None, bins: int = BINS
) -> CalibrationReport:
    """Calibration of every block of the runs whose replies have a confidence.

    Args:
        runs: runs or their folders.
        method: grading methods; of each block the first that reads replies and the first that reads letters'
            probabilities, if left out.
        bins: of the calibration error and of the table, 2 to 100; agreement of a few samples has a bin a level.

    Raises:
        IgakuError: no confidence in the runs, or another number of bins.
    """
    if not 2 <= bins <= MOST_BINS:
        raise IgakuError(f"--bins must be from 2 to {MOST_BINS}, got {bins}")
    opened = open_runs(*runs)
    graded = [run.graded(names(method) or None, each_sample=True) for run in opened]
    rows = [row for run, (verdicts, _) in zip(opened, graded) for row in _rows(run, verdicts, method, bins)]
    if not rows:
        raise IgakuError(
            "no confidence in these runs: ask with --prompt confidence, --method letter-logprob or --samples, or "
            "import replies with a confidence (docs/import.md)"
        )
    unfinished = sum(n for _, waiting in graded for n in waiting.values())
    return CalibrationReport(rows=rows, keys=key_notes(opened), unfinished=unfinished)


def _rows(run: Run, verdicts: Sequence[tuple[CellKey, Graded]], method: Names, bins: int) -> list[CalibrationRow]:
    found: dict[CellKey, list[Graded]] = defaultdict(list)
    for key, one in by_question(verdicts) if run.has_samples else verdicts:
        found[key].append(one)
    out = []
    for key, items in _chosen(found, method).items():
        if source := _source(key):
            numbers = [probability(g) for g in items] if source == "letters" else stated(items)
            out += _block(key, source, list(zip(items, numbers)), images_shown(run, key), bins)
    for key, drawn in _chosen(agreed(verdicts), method).items():
        pairs = [(a.graded, a.found.share if a.found else None) for a in drawn]
        out += _block(key, "agreement", pairs, images_shown(run, key), bins, _drawn(drawn))
    return out


def _drawn(items: Sequence[Agreed]) -> Drawn:
    return Drawn(
        fewest=min(a.samples for a in items),
        most=max(a.samples for a in items),
        samples=sum(a.samples for a in items),
        unread=sum(a.found.silent if a.found else a.samples for a in items),
        tied=sum(a.found is not None and a.found.tied for a in items),
    )


def _chosen(found: Mapping[CellKey, T], method: Names) -> dict[CellKey, T]:
    """What is scored by accuracy; of each block, the first method of each source unless methods were named."""
    mine = {key: items for key, items in found.items() if key.aggregate == "accuracy"}
    return mine if method else _first(mine)


def _source(key: CellKey) -> Source | None:
    """By the kind of reply that its method reads; None for whole choices' likelihoods and for judges."""
    method = METHODS[key.method.split(" by ")[0]]
    if method.needs_votes:
        return None
    return "letters" if method.kind == "letters" else "stated" if method.kind == "text" else None


def _first(found: Mapping[CellKey, T]) -> dict[CellKey, T]:
    seen: set[tuple[CellKey, Source | None]] = set()
    out = {}
    for key, items in found.items():
        block = replace(key, method=""), _source(key)
        if block not in seen:
            seen.add(block)
            out[key] = items
    return out


def _block(
    key: CellKey, source: Source, items: Pairs, shown: frozenset[str], bins: int, drawn: Drawn | None = None
) -> list[CalibrationRow]:
    """A row over all answers with a confidence; further ones without unread replies and without unseen pictures, where
    there are any."""
    scored = [(g, c) for g, c in items if g.verdict.scored]
    known = [(g, c) for g, c in scored if c is not None]
    if not known:
        return []
    read = [(g, c) for g, c in known if g.verdict.outcome in ("right", "wrong", "partial")]
    seen = [(g, c) for g, c in known if counts(g, g.question.id in shown)]
    without = [g for g, c in scored if c is None]
    scopes = {ALL: known} | {name: part for name, part in ((READ, read), (SEEN, seen)) if 0 < len(part) < len(known)}
    return [
        _row(key, source, scope, part, without if scope == ALL else [], bins, drawn) for scope, part in scopes.items()
    ]


def _row(
    key: CellKey,
    source: Source,
    scope: str,
    items: Sequence[tuple[Graded, float]],
    without: Sequence[Graded],
    bins: int,
    drawn: Drawn | None,
) -> CalibrationRow:
    answers = [Stated(c, g.verdict.right, g.question.group or g.question.id) for g, c in items]
    gap, gap_ci95 = overconfidence(answers)
    binning = _binning(source, answers)
    return CalibrationRow(
        model=key.model,
        benchmark=key.benchmark,
        language=key.language,
        prompt=key.prompt,
        shots=key.shots,
        order=key.order,
        question_format=key.question_format,
        method=key.method,
        source=source,
        answers=scope,
        n=len(answers),
        without=len(without),
        without_right=sum(g.verdict.right for g in without),
        confidence=math.fsum(a.confidence for a in answers) / len(answers),
        accuracy=sum(a.right for a in answers) / len(answers),
        overconfidence=gap,
        overconfidence_ci95=gap_ci95,
        drawn=drawn,
        errors=(calibration_error(answers, binning, bins), calibration_error(answers, "equal mass", bins)),
        brier=brier(answers, binning, bins),
        auroc=auroc(answers),
        reliability=reliability_table(in_bins(answers, binning, bins)),
    )


def _binning(source: Source, answers: Iterable[Stated]) -> Binning:
    few = len({a.confidence for a in answers}) <= MOST_LEVELS
    return "levels" if source == "agreement" and few else "equal width"
