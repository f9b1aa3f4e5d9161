"""Whether a text holds a question that was changed on the way: other numbers, synonyms, errors of OCR, half a stem.

Runs of characters only propose such a question; here its stem (and, if that is short, its choices) is laid along the
text by edit distance. Of two different cases about the same disease, stems agree in half to two thirds of their
characters.
"""

from igaku.corpus.pieces import letters

LONG, ALONE, SHORTEST, HALF = 100, 50, 36, 90
"""Letters from which a stem is compared by itself, proves something word for word by itself, and with its choices; and
that half a stem must have. A kana or kanji counts as two and a half."""
WHOLE, EXACTLY = 80.0, 90.0
"""Agreement (rapidfuzz's partial ratio, 0 to 100) of a long stem; and of half of one, or of a short one."""
CHOICES = 80.0
"""Agreement of most choices, with which a short stem need agree only as a long one does."""


def agreement(stem: str, choices: list[str], plain: str, own: str | None = None) -> float:
    """The share of a question that a text holds, 0 where it does not hold it.

    Args:
        stem: as ``igaku.corpus.overlap.bare`` gives it.
        choices: likewise.
        plain: the text, likewise.
        own: the stem without what it quotes, of which half proves something; if left out, the stem.
    """
    from rapidfuzz.fuzz import partial_ratio

    length = letters(stem)
    if length < SHORTEST or not plain:
        return 0.0
    best = partial_ratio(stem, plain, score_cutoff=WHOLE)
    alone = length >= LONG or (length >= ALONE and best >= EXACTLY)
    if best and (alone or _has_choices(choices, plain)):
        return best / 100
    own = stem if own is None else own
    halves = (own[: len(own) // 2], own[len(own) // 2 :]) if letters(own) >= 2 * HALF else ()
    return max((partial_ratio(h, plain, score_cutoff=EXACTLY) / 200 for h in halves), default=0.0)


def _has_choices(choices: list[str], plain: str) -> bool:
    from rapidfuzz.fuzz import partial_ratio

    long = [c for c in choices if len(c) > 1]
    found = sum(partial_ratio(c, plain, score_cutoff=CHOICES) > 0 for c in long)
    return bool(long) and found * 2 > len(long)
