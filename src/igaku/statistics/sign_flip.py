"""Could the differences just as well have had the other sign? The exact test by group of linked questions.

If neither model is better, each group's sum of differences is as likely to be positive as negative (Fisher 1935;
Cameron, Gelbach & Miller 2008 flip whole clusters). All flips are counted, not drawn. With one discordant question a
group it is McNemar's test, whatever the groups' sizes.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping

from igaku.statistics.sign_lattice import on_lattice

STATES = 20_000
"""Most distinct sums that are followed; beyond, the groups are many and unlike, and Student's t serves."""
LATTICE_FROM = 200
"""Unlike groups from which their sums are counted on a lattice, where they have one (``sign_lattice``)."""
_RARE = 1e-18


def sign_flip(sums: Iterable[float]) -> float | None:
    """Two-sided mid-p value; 1 where all sums are 0, None where there are too many unlike ones to count."""
    rounded = [round(s, 9) for s in sums]
    return flips_of(Counter(abs(s) for s in rounded if s), abs(math.fsum(rounded)))


def flips_of(sizes: Mapping[float, int], found: float) -> float | None:
    """The same from how often each absolute sum occurs (rounded to nine digits, 0 left out), and the sum of all."""
    if sum(sizes.values()) > LATTICE_FROM and (counted := on_lattice(sizes, found, 20 * STATES)):
        return counted.p
    chances = {0.0: 1.0}
    for size, n in sizes.items():
        steps = [(size * (2 * k - n), p) for k in range(n + 1) if (p := _binomial(k, n)) > _RARE]
        if len(chances) * len(steps) > 20 * STATES:
            return None
        chances = _added(chances, steps)
        if len(chances) > STATES:
            return None
    beyond = math.fsum(p for total, p in chances.items() if abs(total) > found + 1e-6)
    equal = math.fsum(p for total, p in chances.items() if abs(abs(total) - found) <= 1e-6)
    return min(1.0, beyond + equal / 2) if found > 1e-6 else 1.0 - equal / 2 if equal < 1 else 1.0


def _added(chances: dict[float, float], steps: list[tuple[float, float]]) -> dict[float, float]:
    out: dict[float, float] = {}
    for total, p in chances.items():
        for step, q in steps:
            key = round(total + step, 9)
            out[key] = out.get(key, 0.0) + p * q
    return out


def _binomial(k: int, n: int) -> float:
    return math.exp(math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) - n * math.log(2))
