"""Scores of finding errors in texts, as MedRECT and MEDEC report them, beside what a blind answer gets."""

from collections.abc import Sequence

from igaku.grading import METHODS, Graded
from igaku.statistics.measures import Document, Measure, Sums, document, means, ratio


def error_f1(items: Sequence[Graded]) -> Measure:
    """F1 of saying that a text holds an error, and what is known of place and correction.

    A reply that cannot be read claims nothing. ``f1_of_always_yes`` is the F1 of claiming an error in every text.
    ``sentence``: share of all texts with the right sentence named, or rightly none (as MEDIQA-CORR counts);
    ``sentence_of_errors``: of the texts that hold an error. ``corrected``: share of those whose correction is, word
    for word, the source's in the right sentence: a lower bound. Of a judge's votes: mean share of the points met
    (``judged``) and share of replies that meet all (``judged_full``).
    """
    if items and METHODS[items[0].method].needs_votes:
        return means({"judged": lambda i: i.verdict.score, "judged_full": lambda i: float(i.verdict.right)}, items)
    return Measure([_add(i) for i in items], _value)


def _add(item: Graded) -> Document:
    parts, faulty = item.verdict.parts, bool(getattr(item.question.key, "has_error", False))
    claimed, placed = bool(parts.get("found")), bool(parts.get("sentence"))
    sums = {
        "n": True,
        "faulty": faulty,
        "claimed": claimed,
        "hits": faulty and claimed,
        "fine": bool(parts) and not faulty and not claimed,
        "placed": placed,
        "corrected": placed and bool(parts.get("corrected")),
    }
    return Document(document(item), {name: float(x) for name, x in sums.items()})


def _value(s: Sums) -> dict[str, float]:
    return {
        "error_f1": ratio(2 * s["hits"], s["faulty"] + s["claimed"]),
        "precision": ratio(s["hits"], s["claimed"]),
        "recall": ratio(s["hits"], s["faulty"]),
        "detection": ratio(s["hits"] + s["fine"], s["n"]),
        "sentence": ratio(s["placed"] + s["fine"], s["n"]),
        "sentence_of_errors": ratio(s["placed"], s["faulty"]),
        "corrected": ratio(s["corrected"], s["faulty"]),
        "f1_of_always_yes": ratio(2 * s["faulty"], s["faulty"] + s["n"]),
    }
