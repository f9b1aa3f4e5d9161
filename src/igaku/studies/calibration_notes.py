"""What stands below the tables of ``igaku calibration``."""

from collections.abc import Sequence

from igaku.studies.calibration_rows import ALL, READ, CalibrationRow, Drawn, block_of, named


def row_notes(rows: Sequence[CalibrationRow]) -> list[str]:
    """What the columns are, what speaks against reading them, and what has no confidence."""
    return [
        "confidence: letters: the probability of the letter taken, among the letters shown; stated: the number in "
        "the reply (where an imported file holds numbers beside the replies, those alone); over: mean confidence "
        "less accuracy",
        *_agreement(rows),
        "ECE: mean distance of confidence and accuracy over bins; if calibrated: what it would be by chance alone "
        "were each confidence right as often as it says (simulated), and its 97.5th percentile, up to which no "
        "miscalibration is shown; 95 %: of the error less that bias; equal mass never parts equal confidences",
        "AUROC: how often a right answer has the higher confidence of a right and a wrong one (ties half); 50 % is "
        "chance, whatever the calibration; linked questions stay together in every interval",
        "Brier = reliability - resolution + uncertainty + within; debiased: reliability less what chance adds",
        *_unread(rows),
        *_without(rows),
        *_few(rows),
    ]


def _agreement(rows: Sequence[CalibrationRow]) -> list[str]:
    mine = [(r, r.drawn) for r in rows if r.drawn and r.answers == ALL]
    if not mine:
        return []
    return [
        "agreement: the share of a question's samples that gave its commonest answer, of equally common ones the "
        "first that came; one without an answer agrees with none; accuracy: of that answer",
        *(_samples(r, drawn) for r, drawn in mine),
        "the commonest of few samples is chosen after they were drawn, so their agreement is higher than that of "
        "many would be: compare models at the same number of samples",
    ]


def _unread(rows: Sequence[CalibrationRow]) -> list[str]:
    read = [r for r in rows if r.answers == READ]
    whole = {block_of(r): r.n for r in rows if r.answers == ALL}
    return [
        f"{named(r)}: {whole[block_of(r)] - r.n:,} replies have a confidence and no answer that can be read; they "
        "count as wrong in 'all', and a file may have written a number for them that nobody stated"
        for r in read
    ]


def _without(rows: Sequence[CalibrationRow]) -> list[str]:
    return [
        f"{named(r)}: {r.without:,} of {r.n + r.without:,} scored answers have no confidence "
        f"({r.without_right:,} of them right) and are in no number"
        + (": letters give one to questions with a single answer only" if r.source == "letters" else "")
        + (": no sample of theirs has an answer" if r.source == "agreement" else "")
        for r in rows
        if r.without
    ]


def _few(rows: Sequence[CalibrationRow]) -> list[str]:
    few = [r for r in rows if r.answers == ALL and len(r.reliability) == 1]
    return [f"{named(r)}: all confidences are in one bin: the error is that of the mean" for r in few]


def _samples(r: CalibrationRow, drawn: Drawn) -> str:
    n = f"{drawn.fewest}" if drawn.fewest == drawn.most else f"{drawn.fewest} to {drawn.most}"
    levels = (
        f"confidence has {len(r.reliability)} levels, each a bin of its own"
        if r.errors[0].binning == "levels"
        else "confidence has many levels, several a bin"
    )
    return (
        f"{named(r)}: {n} samples a question, so {levels}; {drawn.tied:,} questions tied; no answer in "
        f"{drawn.unread:,} of {drawn.samples:,} samples"
    )
