"""Is a model as often right as it says? Confidence beside outcome, from letters' probabilities or from its own words.

Two sources. ``letters``: the probability of the letter taken, among the letters shown, of questions with one answer
(``--method letter-logprob``). ``stated``: the number that the reply states (``--prompt confidence``), or that an
imported file holds beside it. Nothing is recalibrated.
"""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from igaku.errors import IgakuError
from igaku.grading import METHODS, Graded
from igaku.grading.confidence import read_confidence
from igaku.grading.likelihood import how_many
from igaku.runs.counted import counts, images_shown
from igaku.runs.run_keys import key_notes
from igaku.runs.specs import Names, names
from igaku.runs.store import Run, open_runs
from igaku.statistics.auroc import auroc
from igaku.statistics.calibration import (
    BINS,
    Stated,
    brier,
    calibration_error,
    in_bins,
    overconfidence,
    reliability_table,
)
from igaku.statistics.tally import CellKey
from igaku.studies.calibration_report import ALL, READ, SEEN, CalibrationReport, CalibrationRow, Source

MOST_BINS = 100


def calibration(
    *runs: Run | str | Path | Sequence[Run | str | Path], method: Names = None, bins: int = BINS
) -> CalibrationReport:
    """Calibration of every block of the runs whose replies have a confidence.

    Args:
        runs: runs or their folders.
        method: grading methods; of each block the first that reads replies and the first that reads letters'
            probabilities, if left out.
        bins: of the calibration error and of the table, 2 to 100.

    Raises:
        IgakuError: no confidence in the runs, or another number of bins.
    """
    if not 2 <= bins <= MOST_BINS:
        raise IgakuError(f"--bins must be from 2 to {MOST_BINS}, got {bins}")
    opened = open_runs(*runs)
    graded = [run.graded(names(method) or None) for run in opened]
    rows = [row for run, (verdicts, _) in zip(opened, graded) for row in _rows(run, verdicts, method, bins)]
    if not rows:
        raise IgakuError(
            "no confidence in these runs: ask with --prompt confidence or --method letter-logprob, or import replies "
            "with a confidence (docs/import.md)"
        )
    unfinished = sum(n for _, waiting in graded for n in waiting.values())
    return CalibrationReport(rows=rows, keys=key_notes(opened), unfinished=unfinished)


def _rows(run: Run, verdicts: Sequence[tuple[CellKey, Graded]], method: Names, bins: int) -> list[CalibrationRow]:
    found: dict[CellKey, list[Graded]] = defaultdict(list)
    for key, graded in verdicts:
        found[key].append(graded)
    out = []
    for key, items in found.items() if method else _first(found).items():
        source = _source(key)
        if source is None or key.aggregate != "accuracy":
            continue
        out += _block(key, source, items, images_shown(run, key), bins)
    return out


def _source(key: CellKey) -> Source | None:
    """By the kind of reply that its method reads; None for whole choices' likelihoods and for judges."""
    method = METHODS[key.method.split(" by ")[0]]
    if method.needs_votes:
        return None
    return {"letters": "letters", "text": "stated"}.get(method.kind)  # type: ignore[return-value]


def _first(found: Mapping[CellKey, list[Graded]]) -> dict[CellKey, list[Graded]]:
    """Of each block, the first method of each source."""
    seen: set[tuple[CellKey, Source | None]] = set()
    out = {}
    for key, items in found.items():
        block = replace(key, method=""), _source(key)
        if block not in seen:
            seen.add(block)
            out[key] = items
    return out


def _block(
    key: CellKey, source: Source, items: Sequence[Graded], shown: frozenset[str], bins: int
) -> list[CalibrationRow]:
    """A row over all answers with a confidence; further ones without unread replies and without unseen pictures, where
    there are any."""
    scored = [g for g in items if g.verdict.scored]
    found = _letters if source == "letters" else _beside if any(_beside(g) is not None for g in scored) else _written
    stated = [(g, c) for g in scored if (c := found(g)) is not None]
    if not stated:
        return []
    read = [(g, c) for g, c in stated if g.verdict.outcome in ("right", "wrong", "partial")]
    seen = [(g, c) for g, c in stated if counts(g, g.question.id in shown)]
    without = [g for g in scored if found(g) is None]
    scopes = {ALL: stated} | {name: part for name, part in ((READ, read), (SEEN, seen)) if 0 < len(part) < len(stated)}
    return [_row(key, source, scope, part, without if scope == ALL else [], bins) for scope, part in scopes.items()]


def _letters(graded: Graded) -> float | None:
    """The probability of the likeliest letter among those shown; of a question with one answer."""
    values = graded.reply.answer.logprobs if graded.reply else ()
    if how_many(graded.question) != 1 or not values or not all(map(math.isfinite, values)):
        return None
    best = max(values)
    return 1 / math.fsum(math.exp(v - best) for v in values)


def _beside(graded: Graded) -> float | None:
    """What the file that was imported holds beside the reply. A block that has such numbers is not read further, so
    that one row has one kind of number."""
    return graded.reply.answer.confidence if graded.reply else None


def _written(graded: Graded) -> float | None:
    """What the reply says."""
    return read_confidence(graded.reply.answer.text) if graded.reply else None


def _row(
    key: CellKey,
    source: Source,
    scope: str,
    items: Sequence[tuple[Graded, float]],
    without: Sequence[Graded],
    bins: int,
) -> CalibrationRow:
    answers = [Stated(c, g.verdict.right, g.question.group or g.question.id) for g, c in items]
    gap, gap_ci95 = overconfidence(answers)
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
        errors=(calibration_error(answers, "equal width", bins), calibration_error(answers, "equal mass", bins)),
        brier=brier(answers, bins),
        auroc=auroc(answers),
        reliability=reliability_table(in_bins(answers, "equal width", bins)),
    )
