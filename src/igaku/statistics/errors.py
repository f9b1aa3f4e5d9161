"""Scores of finding errors in texts, as MedRECT and MEDEC report them, beside what a blind answer gets."""

from collections.abc import Sequence

from igaku.grading import Graded


def error_f1(items: Sequence[Graded]) -> dict[str, float]:
    """F1 of saying that a text holds an error, and what is known of place and correction.

    A reply that cannot be read claims nothing. ``f1_of_always_yes`` is the F1 of claiming an error in every text.
    ``sentence``: share of all texts with the right sentence named, or rightly none (as MEDIQA-CORR counts);
    ``sentence_of_errors``: of the texts that hold an error. ``corrected``: share of those whose correction is, word
    for word, the source's in the right sentence: a lower bound.
    """
    gold = [bool(getattr(i.question.key, "has_error", False)) for i in items]
    said = [bool(i.verdict.parts.get("found")) for i in items]
    placed = [bool(i.verdict.parts.get("sentence")) for i in items]
    corrected = [p and bool(i.verdict.parts.get("corrected")) for i, p in zip(items, placed)]
    hits, faulty = sum(g and s for g, s in zip(gold, said)), sum(gold)
    fine = sum(not g and not s and bool(i.verdict.parts) for i, g, s in zip(items, gold, said))
    return {
        "error_f1": _ratio(2 * hits, faulty + sum(said)),
        "precision": _ratio(hits, sum(said)),
        "recall": _ratio(hits, faulty),
        "detection": (hits + fine) / len(items),
        "sentence": (sum(placed) + fine) / len(items),
        "sentence_of_errors": _ratio(sum(placed), faulty),
        "corrected": _ratio(sum(corrected), faulty),
        "f1_of_always_yes": _ratio(2 * faulty, faulty + len(items)),
    }


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
