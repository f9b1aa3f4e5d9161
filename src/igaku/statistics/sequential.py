"""Intervals that hold however often one looks: for runs that are still going on.

A 95 % interval holds at one look that was fixed beforehand. Who looks after every 50 questions, and stops when
something shows, sees false differences in far more than 5 % of cases. Here one bets against each possible difference,
group of questions by group, never more than one has; a fair bet multiplies its capital by 40 with a chance of at most
1 in 40, ever (Ville 1939). The interval holds the differences against which neither side has reached that (Waudby-Smith
& Ramdas 2024, JRSS B 86:1; stakes from the variance so far).

It takes the questions so far as a sample of those to come: an exam that goes from easy to hard is none.
"""

import math
from collections.abc import Sequence

from msgspec import Struct

LEVEL = 0.05
_MOST = 0.45


class Bets(Struct, frozen=True):
    """Groups of questions in the order in which they came: stakes, sums of the differences (A minus B), sizes.

    Sums and sizes are in units of the largest group.
    """

    stakes: list[float]
    sums: list[float]
    sizes: list[float]

    def capital(self, gap: float, side: int) -> float:
        """What a bet has grown to that the difference is above (``side`` 1) or below (-1) ``gap``; as a logarithm."""
        rows = zip(self.stakes, self.sums, self.sizes)
        return math.fsum(math.log1p(side * stake * (s - gap * m)) for stake, s, m in rows)

    def p(self, gap: float = 0.0, side: int = 0) -> float:
        """P-value of a true difference ``gap``, valid at every look; one-sided against ``side``, two-sided for 0."""
        if side:
            return min(1.0, math.exp(-min(700.0, self.capital(gap, side))))
        return min(1.0, 2 * min(self.p(gap, 1), self.p(gap, -1)))

    def interval(self) -> tuple[float, float]:
        """The differences that no bet has refuted."""
        return self._end(1), self._end(-1)

    def _end(self, side: int) -> float:
        outside, inside = -1.0 * side, 1.0 * side
        if self.p(outside, side) >= LEVEL / 2:
            return outside
        for _ in range(40):
            middle = (outside + inside) / 2
            outside, inside = (middle, inside) if self.p(middle, side) < LEVEL / 2 else (outside, middle)
        return inside


def bets(sums: Sequence[float], sizes: Sequence[int], planned: int | None = None) -> Bets:
    """Stakes for each group, from the groups before it alone.

    Args:
        sums: the groups' sums of differences, in the order in which they came.
        sizes: their numbers of questions.
        planned: how many groups there will be; the interval is then tightest at the end.
    """
    largest = max(sizes)
    s, m = [x / largest for x in sums], [x / largest for x in sizes]
    stakes, squares = [], 0.25
    for t, x in enumerate(s, 1):
        horizon = planned or t * math.log(t + 1)
        stakes.append(min(_MOST, math.sqrt(2 * math.log(2 / LEVEL) * t / (squares * horizon))))
        squares += x * x
    return Bets(stakes, s, m)
