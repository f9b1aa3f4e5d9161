"""Sentences on two models: which one is better on the questions both have, and whether the paired test shows it."""

import json

from msgspec import Struct

from igaku.report.site.collect import display
from igaku.report.site.words import LANGS, phrase
from igaku.statistics.paired import LEVEL, Comparison
from igaku.studies.boards import Board
from igaku.tables import p_value, percent


class PairwiseSentences(Struct, frozen=True):
    """A board's respondents, and the sentences on each pair of them (the two names sorted, as a JSON list)."""

    names: list[str]
    pairs: dict[str, tuple[str, str, bool]]
    """Japanese, English, and whether the difference is significant."""


def is_shown(c: Comparison) -> bool:
    """Whether the test shows the difference, all pairs of the board considered."""
    return c.p_adjusted < LEVEL


def sentence(c: Comparison, lang: str, pairs: int) -> str:
    """Which of two is better on the questions both have, and whether the test shows it.

    Args:
        c: the comparison, its p adjusted.
        lang: ``ja`` or ``en``.
        pairs: over how many pairs p is adjusted.
    """
    sign = 1 if c.difference >= 0 else -1
    (a, x), (b, y) = ((c.a, c.mean_a), (c.b, c.mean_b))[::sign]
    low, high = sorted((sign * c.ci95[0], sign * c.ci95[1]))
    p = p_value(c.p_adjusted)
    values = {
        "a": a,
        "b": b,
        "x": percent(x),
        "y": percent(y),
        "d": _points(sign * c.difference, "+"),
        "lo": _points(low),
        "hi": _points(high),
        "n": f"{c.n:,}",
        "p": p if p.startswith("<") else f"= {p}",
        "m": f"{pairs:,}" if lang == "ja" else "1 pair" if pairs == 1 else f"{pairs:,} pairs",
    }
    text = phrase("board.better" if is_shown(c) else "board.unsure", lang, **values)
    if not is_shown(c) and c.needed:
        text += ("" if lang == "ja" else " ") + phrase("board.needed", lang, n=f"{c.needed:,}")
    return text


def _points(share: float, sign: str = "") -> str:
    """In points of 100, with a true minus."""
    return f"{100 * share:{sign}.1f}".replace("-", "−")


def sentences(c: Comparison, pairs: int) -> tuple[str, str]:
    """The sentence in Japanese and in English."""
    ja, en = (sentence(c, lang, pairs) for lang in LANGS)
    return ja, en


def pairwise_sentences(board: Board) -> PairwiseSentences:
    """Every pair's sentences, for the form on the first page that compares two models."""
    names = {s.respondent: display(s.respondent) for s in board.standings}
    pairs = {
        json.dumps(sorted((names[c.a], names[c.b])), ensure_ascii=False, separators=(",", ":")): (
            *sentences(c, board.pairs),
            is_shown(c),
        )
        for c in board.comparisons
    }
    return PairwiseSentences(list(names.values()), pairs)
