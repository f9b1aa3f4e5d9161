"""Whether a text holds a question that was changed on the way: other numbers, synonyms, errors of OCR, half a stem.

Runs of characters only propose such a question; here its stem (and, if that is short, its choices) is laid along the
text by edit distance. Of two different cases about the same disease, stems agree in half to two thirds of their
characters.
"""

LONG, SHORTEST = 40, 14
"""Characters from which a stem is compared by itself, and below which it proves nothing."""
WHOLE, EXACTLY = 78.0, 90.0
"""Agreement (rapidfuzz's partial ratio, 0 to 100) of a long stem; and of half of one, or of a short one."""
HALF = 32
"""Characters that half a stem must have."""
CHOICES = 80.0
"""Agreement of most choices, with which a short stem need agree only as a long one does."""


def agreement(stem: str, choices: list[str], plain: str) -> float:
    """The share of a question that a text holds, 0 where it does not hold it.

    Args:
        stem: as ``igaku.corpus.overlap.bare`` gives it.
        choices: likewise.
        plain: the text, likewise.
    """
    from rapidfuzz.fuzz import partial_ratio

    if len(stem) < SHORTEST or len(plain) < SHORTEST:
        return 0.0
    best = partial_ratio(stem, plain, score_cutoff=WHOLE)
    if best and (len(stem) >= LONG or best >= EXACTLY or _has_choices(choices, plain)):
        return best / 100
    halves = (stem[: len(stem) // 2], stem[len(stem) // 2 :]) if len(stem) >= 2 * HALF else ()
    return max((partial_ratio(h, plain, score_cutoff=EXACTLY) / 200 for h in halves), default=0.0)


def _has_choices(choices: list[str], plain: str) -> bool:
    from rapidfuzz.fuzz import partial_ratio

    long = [c for c in choices if len(c) > 1]
    found = sum(partial_ratio(c, plain, score_cutoff=CHOICES) > 0 for c in long)
    return bool(long) and found * 2 > len(long)
