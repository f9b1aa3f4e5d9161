"""What replies took: quantiles, loops, and which of several models nobody beats for less."""

import math
from collections.abc import Sequence

WINDOW = 200_000
"""Characters at the end of a reply that are looked at: a loop that runs into a limit stands there."""
GRAM = 24
"""Characters that must come again before a passage is taken for one that repeats."""
TIMES, LEAST = 4, 200
"""A loop is one passage at least TIMES in a row, over LEAST characters or more."""
SAMPLED, MOST_FOUND, MOST_SAMPLED = 50, 20, 20_000
"""Distance of the positions that are tried first, how often their characters may come again until the text is read
letter by letter, and the longest text that is tried so."""


def quantile(values: Sequence[float], share: float) -> float | None:
    """The value below which a share of them lies, linear between two neighbours (Hyndman & Fan 1996, type 7); None of
    nothing. 0.5 is the median."""
    if not values:
        return None
    found, at = sorted(values), share * (len(values) - 1)
    low = math.floor(at)
    high = min(low + 1, len(found) - 1)
    return found[low] + (at - low) * (found[high] - found[low])


def has_loop(text: str) -> bool:
    """Whether one passage stands in a text again and again without a break, four times or more, over 200 characters.

    One pass: while each character is the one a period earlier, the stretch grows; where that ends, the next period is
    the distance to where the last characters stood before. A passage with small changes (a number that counts up) is
    none, and so are lines that come again with others between them. What is found is always such a stretch; one
    of fewer than six times may be passed over.
    """
    text = text[-WINDOW:]
    if len(text) <= MOST_SAMPLED and not _may_loop(text):
        return False
    seen: dict[str, int] = {}
    period = stretch = 0
    for i, letter in enumerate(text):
        if period and letter == text[i - period]:
            stretch += 1
            if stretch >= (TIMES - 1) * period and stretch + period >= LEAST:
                return True
        else:
            before = seen.get(text[i + 1 - GRAM : i + 1]) if i + 1 >= GRAM else None
            period, stretch = (0, 0) if before is None else (i - before, GRAM)
        if i + 1 >= GRAM:
            seen[text[i + 1 - GRAM : i + 1]] = i
    return False


def _may_loop(text: str) -> bool:
    """Whether the few characters at some position, one in SAMPLED, come again at twice some distance: in the first half
    of any loop they do. Most texts are settled here, a hundred times as fast as letter by letter."""
    for i in range(0, len(text) - LEAST + SAMPLED, SAMPLED):
        gram, found = text[i : i + GRAM], [0]
        while len(found) <= MOST_FOUND and (at := text.find(gram, i + found[-1] + 1)) >= 0:
            found.append(at - i)
        if len(found) > MOST_FOUND or any(2 * at in found for at in found[1:]):
            return True
    return False


def beaten_by(scores: Sequence[float], costs: Sequence[float | None]) -> list[int | None]:
    """For each of several, the best of those that score at least as much for no more, and beat it in one of the two;
    None on the Pareto front, and where its cost is not known.

    Returns:
        Indexes, in the order given.
    """
    out: list[int | None] = []
    for score, cost in zip(scores, costs):
        better = [
            j
            for j, (s, c) in enumerate(zip(scores, costs))
            if c is not None and cost is not None and s >= score and c <= cost and (s, -c) != (score, -cost)
        ]
        out.append(max(better, key=lambda j: (scores[j], -(costs[j] or 0.0))) if better else None)
    return out
