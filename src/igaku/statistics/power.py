"""How many questions show a difference, or show that there is no large one."""

import math
from statistics import NormalDist

POWER = 0.8


def questions_needed(
    share_a: float, share_b: float, power: float = POWER, *, alpha: float = 0.05, design_effect: float = 1.0
) -> int | None:
    """Number of questions at which McNemar's test shows this difference (two-sided ``alpha``; Connor 1987).

    ``share_a`` and ``share_b`` are the shares of questions that only A, and only B, gets right; None where they are
    equal. ``design_effect`` is that of linked questions; ``alpha`` that of one comparison (0.05 over the number of
    comparisons, where many are corrected). Never fewer than hold the ``least_discordant`` questions at this rate of
    disagreement: with fewer no test can show anything.
    """
    gap, disagreement = abs(share_a - share_b), share_a + share_b
    if gap == 0:
        return None
    spread = math.sqrt(max(0.0, disagreement - gap * gap))
    expected = ((_quantile(1 - alpha / 2) * math.sqrt(disagreement) + _quantile(power) * spread) / gap) ** 2
    return math.ceil(design_effect * max(expected, least_discordant(alpha) / disagreement) - 1e-9)


def least_discordant(alpha: float = 0.05) -> int:
    """Fewest questions that one of the two alone gets right whose mid-p, 2 to the minus k, is below ``alpha``."""
    return math.floor(-math.log2(alpha)) + 1


def questions_for_margin(
    disagreement: float, margin: float, power: float = POWER, *, alpha: float = 0.025, design_effect: float = 1.0
) -> int:
    """Number of questions at which two equally good models are shown not to differ by ``margin`` in one direction.

    One-sided ``alpha``; ``disagreement`` is the share of questions that one of the two alone gets right (Liu et al.
    2002). At least what Tango's interval needs where nobody disagrees.
    """
    z, z_power = _quantile(1 - alpha), _quantile(power)
    least = z * z * (1 - margin) / margin
    return math.ceil(design_effect * max(disagreement * ((z + z_power) / margin) ** 2, least))


def _quantile(share: float) -> float:
    return NormalDist().inv_cdf(share)
