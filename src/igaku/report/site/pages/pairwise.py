"""Two models: which one is better on the questions both have, and whether the paired test shows it.

A board's pairs are written once, as numbers: 300 models have 44,850 pairs, and their sentences in two languages would
be many times as long. The page's script makes the same sentences of them as ``sentence`` does.
"""

from msgspec import Struct

from igaku.report.site.collect import display
from igaku.report.site.numbers import percent
from igaku.report.site.words import phrase
from igaku.statistics.paired import LEVEL, Comparison
from igaku.studies.boards import Board
from igaku.tables import p_value


class PairRow(Struct, array_like=True, frozen=True):
    """A comparison, the better one first: their numbers in ``Pairs.names``; shares and difference in percent."""

    better: int
    other: int
    accuracy: float
    other_accuracy: float
    difference: float
    low: float
    high: float
    n: int
    p: str
    """Adjusted."""
    shown: int
    """1 where the test shows it."""
    needed: int
    """Questions to show it with 80 % power; 0 where that is not known."""


class Pairs(Struct, frozen=True):
    """A board's respondents in their order, and every pair of them with questions in common."""

    names: list[str]
    corrected: int
    """Pairs over which p is adjusted."""
    rows: list[PairRow]


def is_shown(c: Comparison) -> bool:
    """Whether the test shows the difference, all pairs of the board considered."""
    return c.p_adjusted < LEVEL


def sentence(c: Comparison, lang: str, pairs: int) -> str:
    """Which of two is better on the questions both have, whether the test shows it, and by which numbers."""
    first, numbers = verdict(c, lang, pairs)
    return first + ("。" if lang == "ja" else ": ") + numbers


def verdict(c: Comparison, lang: str, pairs: int) -> tuple[str, str]:
    """Which of two is better and whether the test shows it, without a full stop; and the numbers.

    Args:
        c: the comparison, its p adjusted.
        lang: ``ja`` or ``en``.
        pairs: over how many pairs p is adjusted.
    """
    sign = 1 if c.difference >= 0 else -1
    (a, x), (b, y) = ((c.a, c.mean_a), (c.b, c.mean_b))[::sign]
    low, high = sorted((sign * c.ci95[0], sign * c.ci95[1]))
    p = _p(c)
    values = {
        "a": a,
        "b": b,
        "x": percent(x),
        "y": percent(y),
        "d": _points(sign * c.difference, "+"),
        "lo": _points(low),
        "hi": _points(high),
        "n": f"{c.n:,}",
        "p": p if p.startswith("<") else f"=\u00a0{p}",
        "m": f"{pairs:,}" if lang == "ja" else "1 pair" if pairs == 1 else f"{pairs:,} pairs",
    }
    numbers = phrase("board.numbers", lang, **values)
    if not is_shown(c) and c.needed:
        numbers += ("" if lang == "ja" else " ") + phrase("board.needed", lang, n=f"{c.needed:,}")
    return phrase("board.better" if is_shown(c) else "board.unsure", lang, **values), numbers


def _points(share: float, sign: str = "") -> str:
    """In points of 100, with a true minus."""
    return f"{100 * share:{sign}.1f}".replace("-", "−")


def pairs_of(board: Board) -> Pairs:
    """A board's pairs, for the forms that compare two models, or one with all others."""
    number = {s.respondent: k for k, s in enumerate(board.standings)}
    rows = [_pair_row(c, number) for c in board.comparisons]
    return Pairs([display(name) for name in number], board.pairs, rows)


def _pair_row(c: Comparison, number: dict[str, int]) -> PairRow:
    sign = 1 if c.difference >= 0 else -1
    (a, x), (b, y) = ((c.a, c.mean_a), (c.b, c.mean_b))[::sign]
    low, high = sorted((sign * c.ci95[0], sign * c.ci95[1]))
    shown = is_shown(c)
    return PairRow(
        better=number[a],
        other=number[b],
        accuracy=_tenths(x),
        other_accuracy=_tenths(y),
        difference=_tenths(sign * c.difference),
        low=_tenths(low),
        high=_tenths(high),
        n=c.n,
        p=_p(c),
        shown=int(shown),
        needed=0 if shown else c.needed or 0,
    )


def _p(c: Comparison) -> str:
    return p_value(c.p_adjusted).replace(" ", "\u00a0")


def _tenths(share: float) -> float:
    return round(100 * share, 1)
