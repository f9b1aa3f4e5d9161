"""Coverage of the 95 % intervals and false-positive rates of the tests, by simulation with the stated n and p.

python bench/intervals.py
"""

import math

import numpy as np
from common import keep
from numpy.typing import NDArray

from igaku.statistics.exchangeability import exchangeable
from igaku.statistics.interval import clustered, wilson
from igaku.statistics.paired import Outcomes, compare, mcnemar

SIMULATIONS = 2000
SHARES = [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]


def cover_plain(n: int, rng: np.random.Generator) -> float:
    hits = 0
    for p in SHARES:
        for k in rng.binomial(n, p, SIMULATIONS):
            low, high = wilson(int(k), n)
            hits += low <= p <= high
    return hits / SIMULATIONS / len(SHARES)


def cover_clusters(n: int, size: int, same: float, rng: np.random.Generator) -> float:
    """Groups of linked questions; with probability ``same`` a question takes its group's common outcome."""
    hits, n_simulations = 0, SIMULATIONS // 4
    groups = [i // size for i in range(n)]
    for p in SHARES:
        for _ in range(n_simulations):
            common = rng.random(n // size + 1) < p
            own = rng.random(n) < p
            values = np.where(rng.random(n) < math.sqrt(same), common[groups], own)
            low, high = clustered(values.astype(float).tolist(), groups)
            hits += low <= p <= high
    return hits / n_simulations / len(SHARES)


def cover_difference(n: int, rng: np.random.Generator) -> float:
    """Paired difference by bootstrap: A right with p, B with p - 0.05, on questions of varying difficulty."""
    hits, n_simulations = 0, SIMULATIONS // 8
    for p in SHARES:
        gap = 0.05
        for _ in range(n_simulations):
            shared = rng.random(n) < 0.5
            u, v = rng.random(n), rng.random(n)
            a = u < p
            b = np.where(shared, u, v) < p - gap
            c = compare(Outcomes("a", scores(a)), Outcomes("b", scores(b)), seed=int(rng.integers(1 << 30)))
            hits += c.ci95[0] <= gap <= c.ci95[1]
    return hits / n_simulations / len(SHARES)


def scores(values: NDArray[np.bool_]) -> dict[str, float]:
    return {str(i): float(v) for i, v in enumerate(values)}


def false_positives(n: int, discordant: float, rng: np.random.Generator) -> tuple[float, float]:
    exact = mid = 0
    for _ in range(SIMULATIONS * 5):
        k = int(rng.binomial(n, discordant))
        only_a = int(rng.binomial(k, 0.5))
        e, m = mcnemar(only_a, k - only_a)
        exact += e <= 0.05
        mid += m <= 0.05
    return exact / SIMULATIONS / 5, mid / SIMULATIONS / 5


def probe_false_positives(units: int, rng: np.random.Generator) -> float:
    p_values = [exchangeable(rng.normal(0, 1, (units, 10)).tolist(), seed=k, draws=999).p for k in range(SIMULATIONS)]
    return sum(p <= 0.05 for p in p_values) / SIMULATIONS


def main() -> None:
    rng = np.random.default_rng(0)
    rows: list[dict[str, object]] = []
    shares = "p 0.2 to 0.9 by 0.1"
    for n in (50, 200, 1000):
        rows.append(
            {
                "what": f"coverage, Wilson, n {n}, {shares}",
                "found": f"{cover_plain(n, rng):.3f}",
                "target": "0.93 to 0.97",
            }
        )
    for n, size, same in ((200, 2, 0.5), (400, 3, 0.3), (120, 5, 0.5)):
        found = cover_clusters(n, size, same, rng)
        rows.append(
            {
                "what": f"coverage, clusters of {size} (intra-class correlation {same}), n {n}, {shares}",
                "found": f"{found:.3f}",
                "target": "0.93 to 0.97",
            }
        )
    for n in (200, 1000):
        rows.append(
            {
                "what": f"coverage, paired difference by bootstrap, n {n}, {shares}",
                "found": f"{cover_difference(n, rng):.3f}",
                "target": "0.93 to 0.97",
            }
        )
    for n, d in ((100, 0.2), (400, 0.1), (2000, 0.2)):
        exact, mid = false_positives(n, d, rng)
        rows.append(
            {
                "what": f"false positives at 5 %, McNemar exact, n {n}, discordant {d}",
                "found": f"{exact:.4f}",
                "target": "at most 0.05",
            }
        )
        rows.append(
            {
                "what": f"false positives at 5 %, McNemar mid-p, n {n}, discordant {d}",
                "found": f"{mid:.4f}",
                "target": "about 0.05",
            }
        )
    for units in (10, 30, 100):
        error = 2 * math.sqrt(0.05 * 0.95 / SIMULATIONS)
        rows.append(
            {
                "what": f"false positives at 5 %, exchangeability probe, {units} units",
                "found": f"{probe_false_positives(units, rng):.4f}",
                "target": f"at most 0.05 (simulation error {error:.3f})",
            }
        )
    keep(
        "intervals",
        rows,
        note=f"{SIMULATIONS} simulations a value of p; clusters a quarter, bootstrap an eighth of that",
    )


if __name__ == "__main__":
    main()
